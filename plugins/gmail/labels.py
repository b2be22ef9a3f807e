"""What labels mean for a conversation, and what a conversation means for labels. Pure; labels go by their names here, never by ids.

A status is a label that somebody names in the settings, and "resolved" may also be what is archived, that is taken out of the inbox.
Tags are the labels below a prefix: with "Tidings/" the label "Tidings/Billing" is the tag "Billing".
"""

from collections.abc import Collection, Set
from dataclasses import dataclass

__all__ = ["INBOX", "LabelsChange", "LabelsMeaning", "change_for"]

INBOX, SPAM, BIN = "INBOX", "SPAM", "TRASH"

_OPENED = "open"


@dataclass(frozen=True)
class LabelsMeaning:
    """Names of labels; an empty one stands for nothing. Nothing means anything unless `is_on`. As in Gmail, case plays no part."""

    is_on: bool = False
    archives_resolved: bool = False
    resolved: str = ""
    pending: str = ""
    spam: str = ""
    tag_prefix: str = ""

    @property
    def statuses(self) -> tuple[tuple[str, str], ...]:
        """(label, status), the weightiest first."""
        pairs = ((self.spam, "spam"), (self.resolved, "resolved"), (self.pending, "pending"))
        return tuple((label, status) for label, status in pairs if label and self.is_on)

    @property
    def archive_means_resolved(self) -> bool:
        return self.is_on and self.archives_resolved

    def means_something(self, label: str) -> bool:
        """Whether a label has to do with conversations."""
        is_inbox = self.archive_means_resolved and label == INBOX
        return is_inbox or _folded(label) in self._status_labels() or bool(self.tag_of(label))

    def tag_of(self, label: str) -> str:
        """The tag a label stands for, empty when it is none."""
        begins = bool(self.is_on and self.tag_prefix) and _folded(label).startswith(_folded(self.tag_prefix))
        is_tag = begins and _folded(label) not in self._status_labels()
        return label[len(self.tag_prefix) :].strip() if is_tag else ""

    def tags_of(self, labels: Collection[str]) -> tuple[str, ...]:
        """The tags among some labels, by name."""
        return tuple(sorted(filter(None, map(self.tag_of, labels))))

    def status_after(self, added: Set[str], removed: Set[str], now: Set[str]) -> str:
        """The status that a conversation gets when labels were added and removed and it has `now`; empty when that says nothing."""
        has_put_on = next((status for label, status in self.statuses if _folded(label) in _all_folded(added)), "")
        is_thrown_away = bool(now & {SPAM, BIN})
        if has_put_on:
            return has_put_on
        if self.archive_means_resolved and INBOX in removed and not is_thrown_away:
            return "resolved"
        is_back = self.archive_means_resolved and INBOX in added
        if not is_back and not _all_folded(removed) & self._status_labels():
            return ""
        return next((status for label, status in self.statuses if _folded(label) in _all_folded(now)), _OPENED)

    def _status_labels(self) -> frozenset[str]:
        return _all_folded({label for label, _ in self.statuses})


def _folded(label: str) -> str:
    return label.casefold()


def _all_folded(labels: Set[str]) -> frozenset[str]:
    return frozenset(map(_folded, labels))


@dataclass(frozen=True)
class LabelsChange:
    """Names of labels to put on a thread and to take off it."""

    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)

    def followed_by(self, later: "LabelsChange") -> "LabelsChange":
        """Both as one change: the later one wins."""
        return LabelsChange((self.add - later.remove) | later.add, (self.remove - later.add) | later.remove)


def change_for(
    meaning: LabelsMeaning,
    status_before: str,
    status: str,
    tags_added: Collection[str],
    tags_removed: Collection[str],
) -> LabelsChange:
    """The labels that a conversation's threads get and lose. Snoozed counts as open: Gmail's own snoozing cannot be reached."""
    if not meaning.is_on:
        return LabelsChange()
    add = {meaning.tag_prefix + tag for tag in tags_added if meaning.tag_prefix}
    remove = {meaning.tag_prefix + tag for tag in tags_removed if meaning.tag_prefix}
    if status != status_before:
        add |= {label for label, one in meaning.statuses if one == status}
        remove |= {label for label, one in meaning.statuses if one != status}
        _archive(meaning, status_before, status, add, remove)
    return LabelsChange(frozenset(add), frozenset(remove - add))


def _archive(meaning: LabelsMeaning, status_before: str, status: str, add: set[str], remove: set[str]) -> None:
    if SPAM in add or meaning.archives_resolved and status == "resolved":
        remove.add(INBOX)
    elif (meaning.archives_resolved and status_before == "resolved") or SPAM in remove and status_before == "spam":
        add.add(INBOX)
