"""What a channel's `translate` gave is checked before anything relies on it: messages by `app.services.inbound_check`, and here what is
said of messages that are there already."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.plugin_api.messages import InboundMessage
from app.plugin_api.updates import (
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    MessageEdit,
    MessageRemoval,
    Reaction,
    Update,
)
from app.services.inbound_check import checked_message
from app.services.value_check import (
    Nonsense,
    as_flag,
    as_id,
    as_moment,
    as_person,
    as_text,
    as_thread_key,
    each_as,
    must_be,
)

__all__ = ["checked_said"]

_STATUSES = ("", "open", "pending", "resolved", "spam")
_LONGEST_EMOJI, _LONGEST_WORDS, _MOST_TAGS = 40, 1000, 50


def checked_said(said: object) -> InboundMessage | Update:
    """A message or an update with every value of its declared type and storable. Raises `Nonsense`."""
    if isinstance(said, DeliveryUpdate | MessageEdit | MessageRemoval | Reaction | ConversationUpdate):
        return _checked_update(said)
    return checked_message(said)


def _checked_update(update: Update) -> Update:
    values = {name: check(getattr(update, name), name) for name, check in _CHECKS[type(update)].items()}
    if not values["external_id"] and not values.get("thread_key"):
        raise Nonsense("It does not say which message it is about.")
    if isinstance(update, Reaction):
        if not values["sender"].value:
            raise Nonsense("It does not say who reacted.")
        values["is_removed"] = values["is_removed"] or not values["emoji"]
    return replace(update, **values)


def _word(value: Any, name: str) -> DeliveryWord:
    must_be(value, str, name)
    try:
        return DeliveryWord(value)
    except ValueError:
        raise Nonsense(f"The plugin gave {value[:40]!r} as {name}, which is no word about delivery.") from None


def _status(value: Any, name: str) -> str:
    must_be(value, str, name)
    if value not in _STATUSES:
        raise Nonsense(f"The plugin gave {value[:40]!r} as {name}, which is no status that a provider can set.")
    return str(value)


def _emoji(value: Any, name: str) -> str:
    return as_text(value, name).strip()[:_LONGEST_EMOJI]


def _words(value: Any, name: str) -> str:
    return as_text(value, name)[:_LONGEST_WORDS]


def _tags(value: Any, name: str) -> tuple[str, ...]:
    return each_as(value, name, as_text)[:_MOST_TAGS]


_CHECKS: Mapping[type, Mapping[str, Callable[[Any, str], Any]]] = {
    DeliveryUpdate: {
        "word": _word, "at": as_moment, "external_id": as_id, "thread_key": as_thread_key, "reason": _words,
    },
    MessageEdit: {"external_id": as_id, "text": as_text, "at": as_moment},
    MessageRemoval: {"external_id": as_id, "at": as_moment, "is_files_only": as_flag},
    Reaction: {"external_id": as_id, "sender": as_person, "emoji": _emoji, "at": as_moment, "is_removed": as_flag},
    ConversationUpdate: {
        "at": as_moment, "thread_key": as_thread_key, "external_id": as_id, "status": _status, "add_tags": _tags,
        "remove_tags": _tags, "activity": _words,
    },
}  # fmt: skip
"""Each field of the updates and what it is checked with."""
