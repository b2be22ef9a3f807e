"""What changed labels at Gmail say of conversations: one event for each thread of which the inbox has a message."""

from collections import defaultdict
from collections.abc import Iterable

from connectors.gmail import Change, GmailClient, LabelsAdded, LabelsRemoved
from plugins.gmail.events import ThreadLabels, label_event
from plugins.gmail.known_labels import KnownLabels
from plugins.gmail.label_changes import threads_waiting
from plugins.gmail.labels import LabelsMeaning
from plugins.gmail.mailbox import Mailbox
from plugins.gmail.messages import external_id_in
from tidings import Host, RawEvent

__all__ = ["label_events"]

LabelChanges = dict[str, tuple[set[str], set[str], str]]
"""Thread to the ids of labels that were put on its messages and taken off, and the last history id of these changes."""


def label_events(
    host: Host,
    account_id: int,
    mailbox: Mailbox,
    known: KnownLabels,
    meaning: LabelsMeaning,
    changes: Iterable[Change],
) -> list[RawEvent]:
    """The events of some changes. A thread that waits for a change from here is left alone: what was decided here comes later, and wins."""
    touched = _by_thread(changes) if meaning.is_on else {}
    if not touched:
        return []
    names = known.names()
    waiting = threads_waiting(host, account_id, touched)
    found: list[RawEvent] = []
    for thread_id, (added, removed, history_id) in touched.items():
        said = _named(names, added), _named(names, removed)
        external_id = external_id_in(host, account_id, thread_id)
        if not external_id or thread_id in waiting or not any(map(meaning.means_something, said[0] | said[1])):
            continue
        messages = mailbox.ask(GmailClient.thread, thread_id) or ()
        now = _named(names, (label for message in messages for label in message.label_ids))
        if messages:
            found.append(label_event(ThreadLabels(thread_id, external_id, *said, now, host.now()), history_id))
    return found


def _by_thread(changes: Iterable[Change]) -> LabelChanges:
    touched: LabelChanges = defaultdict(lambda: (set(), set(), ""))
    for change in changes:
        if isinstance(change, LabelsAdded | LabelsRemoved):
            added, removed, _ = touched[change.message.thread_id]
            (added if isinstance(change, LabelsAdded) else removed).update(change.label_ids)
            touched[change.message.thread_id] = (added, removed, change.history_id)
    return dict(touched)


def _named(names: dict[str, str], label_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(names.get(label_id, label_id) for label_id in label_ids)
