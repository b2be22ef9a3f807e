"""Buttons of plugins on pages of ours, which post to their plugin's own routes, and the way back after one was pressed."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.domain.events import ContactSummary, ConversationSummary, MessageSummary
from app.domain.text import clean_line
from app.models import Direction
from app.plugin_api.read_only import ReadOnlyDict
from app.plugin_api.registrations import Action, is_own_path
from app.queries.conversation_page import IdentityFacts
from app.queries.timeline import MessageRow, Timeline
from app.web.addresses import url_for
from app.web.contexts import ActionButton, ActivityItem, MessageItem, NoteItem
from app.web.current import current_core
from app.web.guard import is_local_path
from app.web.plugin_faults import note_fault
from app.web.texts import translated

__all__ = ["action_done", "collect_actions", "contact_summary", "with_actions"]

Items = tuple[MessageItem | NoteItem | ActivityItem, ...]

MOST_ACTIONS = 20
"""Of one plugin in one place, or beside one message."""
_LONGEST_LABEL, _LONGEST_QUESTION, _LONGEST_TEXT = 80, 300, 300


def action_done(text: str, path: str) -> Response:
    """What `host.done` answers: `text` on the next page, which is the one at `path` of this installation, else the one where the agent
    pressed the button, else the inbox."""
    flash(clean_line(text, _LONGEST_TEXT))
    address = request.script_root + path if path else _came_from() or url_for("inbox.index")
    return redirect(address, code=303)


def collect_actions(hook: str, **values: Any) -> tuple[ActionButton, ...]:
    """The buttons that plugins put in one place, in its order. What a plugin gives beyond its measure is left out and counted."""
    found = current_core().plugins.dispatcher.collect(hook, **values)
    return tuple(button for _, button in _buttons(hook, found, lambda action: None))


def with_actions(items: Items, conversation: ConversationSummary, shown: Timeline) -> Items:
    """The items of a page, its messages with the buttons of plugins. Nothing is put together where no plugin has any."""
    core = current_core()
    if not core.plugins.dispatcher.listeners("message_actions"):
        return items
    messages = _summaries(conversation, shown)
    found = core.plugins.dispatcher.collect("message_actions", conversation=conversation, messages=messages)
    beside: defaultdict[int | None, list[ActionButton]] = defaultdict(list)
    for action, button in _buttons("message_actions", found, lambda action: action.message_id):
        beside[action.message_id].append(button)
    return tuple(
        replace(item, actions=tuple(beside[item.id])) if isinstance(item, MessageItem) else item for item in items
    )


def contact_summary(contact_id: int, name: str, identities: Iterable[IdentityFacts]) -> ContactSummary:
    """A contact as plugins see them."""
    return ContactSummary(contact_id, name, tuple((one.kind, one.value) for one in identities))


def _buttons(
    hook: str, found: Iterable[tuple[str, Action]], place_of: Callable[[Action], object]
) -> Iterator[tuple[Action, ActionButton]]:
    """Each action and its button. The dataclass has refused what is wrong already; what was smuggled past it is refused here."""
    counts: Counter[tuple[str, object]] = Counter()
    for plugin, action in sorted(found, key=lambda one: (one[1].order, one[1].label)):
        place = (plugin, place_of(action))
        counts[place] += 1
        if counts[place] > MOST_ACTIONS + 1:
            continue
        button = _made(plugin, hook, partial(_button, plugin, action, counts[place]))
        if button is not None:
            yield action, button


def _made(plugin: str, hook: str, make: Callable[[], ActionButton]) -> ActionButton | None:
    what = f"slot {hook}"
    try:
        return current_core().plugins.dispatcher.guarded(plugin, what)(make)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - what a plugin gave may do anything when it is read: the page goes on without it
        note_fault(plugin, what, error)
        return None


def _button(plugin: str, action: Action, count: int) -> ActionButton:
    if count > MOST_ACTIONS:
        raise ValueError(f"It shows more than {MOST_ACTIONS} buttons in one place.")
    if not is_own_path(action.path):
        raise ValueError(f"Its button leads to {action.path!r:.80}, which is no path of its own.")
    return ActionButton(
        label=clean_line(translated(action.label), _LONGEST_LABEL),
        url=f"{request.script_root}/plugins/{plugin}{action.path}",
        icon=action.icon or "puzzle",
        confirm=clean_line(translated(action.confirm), _LONGEST_QUESTION) if action.confirm else "",
        asks_for=clean_line(translated(action.input_label), _LONGEST_LABEL) if action.input_label else "",
        is_danger=action.is_danger,
    )


def _summaries(conversation: ConversationSummary, shown: Timeline) -> Sequence[MessageSummary]:
    """The messages of a page as plugins see them, oldest first; texts are cut as the page cuts them."""
    rows = [row for row in shown.items if isinstance(row, MessageRow)]
    first = rows[0].id if rows and shown.earlier is None else None
    return [_summary(conversation, row, is_first=row.id == first) for row in rows]


def _summary(conversation: ConversationSummary, row: MessageRow, *, is_first: bool) -> MessageSummary:
    return MessageSummary(
        id=row.id,
        conversation=conversation,
        direction=Direction(row.direction),
        kind=row.kind,
        external_id=row.external_id,
        text=row.text,
        is_first=is_first,
        is_automatic=row.is_automatic,
        accepts_auto_reply=row.accepts_auto_reply,
        raw_sha256=row.raw_sha256,
        created_at=row.created_at,
        account_id=row.account_id,
        fields=ReadOnlyDict(row.fields or {}),
    )


def _came_from() -> str:
    """Path and query of the page on this site where the request was made; empty when the browser does not say."""
    here, there = urlsplit(request.host_url), urlsplit(request.headers.get("Referer", ""))
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        return ""
    address = f"{there.path}?{there.query}" if there.query else there.path
    return address if is_local_path(address) else ""
