"""What a channel's `translate` or a filter gave is checked before anything relies on it, and made fit for every database.

Texts lose what cannot be stored (NUL, half surrogate pairs), ids and addresses that are too long are shortened so that different ones
stay different. What has the wrong type is refused: the event then waits in the tray instead of standing in the way of others.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.plugin_api.messages import (
    Bounce,
    BouncedRecipient,
    InboundAttachment,
    InboundMessage,
    MessageKind,
    Participant,
)
from app.plugin_api.read_only import ReadOnlyDict

__all__ = ["LONGEST_ADDRESS", "Nonsense", "checked_message", "checked_person", "short_key"]

LONGEST_ID, LONGEST_ADDRESS = 500, 320
_MOST_FIELDS, _LONGEST_FIELD = 100, 2000
_MOST_DEFECTS, _LONGEST_DEFECT = 50, 300
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Nonsense(TypeError):
    """A plugin gave something that is no message; the sentence says what."""


def checked_message(message: object) -> InboundMessage:
    """The message with every value of its declared type and storable; the same object when there is nothing to mend. Raises `Nonsense`."""
    _must_be(message, InboundMessage, "a message")
    assert isinstance(message, InboundMessage)
    values: dict[str, Any] = {name: check(getattr(message, name), name) for name, check in _CHECKS.items()}
    if not values["sender"].value:
        raise Nonsense("It does not say who sent it.")
    if not values["content_key"]:
        values["content_key"] = _key_of_content(values)
    mended: dict[str, Any] = {name: value for name, value in values.items() if value is not getattr(message, name)}
    return replace(message, **mended) if mended else message


def checked_person(person: object) -> Participant:
    """The same for an address that a plugin named. Raises `Nonsense`."""
    return _person(person, "an address")


def short_key(text: str, limit: int) -> str:
    """A text that is used to recognise something again, at most `limit` characters long; long ones end in a digest of the whole."""
    return (
        text
        if len(text) <= limit
        else text[: limit - 65] + "~" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    )


def _must_be(value: object, kind: type, name: str) -> None:
    if not isinstance(value, kind):
        raise Nonsense(f"The plugin gave {type(value).__name__} as {name} where {kind.__name__} was expected.")


def _text(value: Any, name: str) -> str:
    _must_be(value, str, name)
    if value.isascii() and "\0" not in value:
        return value
    return _UNSTORABLE.sub(lambda found: "" if found.group() == "\0" else "\N{REPLACEMENT CHARACTER}", value)


def _text_or_none(value: Any, name: str) -> str | None:
    return None if value is None else _text(value, name)


def _id(value: Any, name: str) -> str:
    return short_key(_text(value, name), LONGEST_ID)


def _id_or_none(value: Any, name: str) -> str | None:
    return None if value is None else _id(value, name)


def _thread_key(value: Any, name: str) -> str | None:
    return None if value is None else short_key(_text(value, name), LONGEST_ADDRESS)


def _content_key(value: Any, name: str) -> str:
    text = _text(value, name)
    return text if len(text) <= 64 else _digest(text)


def _person(value: Any, name: str) -> Participant:
    _must_be(value, Participant, name)
    kind, address, shown = _text(value.kind, name), _text(value.value, name), _text(value.name, name)
    address = short_key(address, LONGEST_ADDRESS)
    if kind is value.kind and address is value.value and shown is value.name:
        return value
    return Participant(kind, address, shown)


def _people(value: Any, name: str) -> tuple[Participant, ...]:
    return _each(value, name, _person)


def _ids(value: Any, name: str) -> tuple[str, ...]:
    return _each(value, name, _id)


def _each(value: Any, name: str, check: Any) -> tuple[Any, ...]:
    """The same tuple when nothing in it had to be mended."""
    if not isinstance(value, tuple | list):
        raise Nonsense(f"The plugin gave {type(value).__name__} as {name} where a tuple was expected.")
    items = tuple(check(one, name) for one in value)
    is_same = isinstance(value, tuple) and all(new is old for new, old in zip(items, value, strict=True))
    return tuple(value) if is_same else items


def _file(value: Any, name: str) -> InboundAttachment:
    _must_be(value, InboundAttachment, name)
    _must_be(value.data, bytes, "the bytes of a file")
    texts = {
        "filename": _text(value.filename, name),
        "content_type": _text(value.content_type, name),
        "content_id": _text_or_none(value.content_id, name),
        "inline": bool(value.inline),
    }
    return value if all(texts[key] is getattr(value, key) for key in texts) else replace(value, **texts)


def _files(value: Any, name: str) -> tuple[InboundAttachment, ...]:
    return _each(value, name, _file)


def _moment(value: Any, name: str) -> datetime:
    _must_be(value, datetime, name)
    if value.tzinfo is None:
        raise Nonsense(f"The plugin gave a moment without a time zone as {name}.")
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise Nonsense(f"The plugin gave a moment outside of the calendar as {name}.") from None
    return value


def _kind(value: Any, name: str) -> MessageKind:
    _must_be(value, str, name)
    try:
        return MessageKind(value)
    except ValueError:
        raise Nonsense(f"The plugin gave {value[:40]!r} as {name}, which is no kind of message.") from None


def _flag(value: Any, name: str) -> bool:
    return value if value is True or value is False else bool(value)


def _fields(value: Any, name: str) -> Mapping[str, str]:
    """Read-only, since filters and advisers of all plugins see the same ones."""
    if isinstance(value, ReadOnlyDict):
        return value
    _must_be(value, Mapping, name)
    return ReadOnlyDict(
        {_text(k, name)[:200]: _text(v, name)[:_LONGEST_FIELD] for k, v in list(value.items())[:_MOST_FIELDS]}
    )


def _defects(value: Any, name: str) -> tuple[str, ...]:
    return (
        tuple(_text(one, name)[:_LONGEST_DEFECT] for one in _each(value, name, _text)[:_MOST_DEFECTS]) if value else ()
    )


def _bounce(value: Any, name: str) -> Bounce | None:
    if value is None:
        return None
    _must_be(value, Bounce, name)
    return Bounce(_each(value.recipients, name, _bounced), _id_or_none(value.original_id, name))


def _bounced(value: Any, name: str) -> BouncedRecipient:
    _must_be(value, BouncedRecipient, name)
    return BouncedRecipient(
        short_key(_text(value.address, name), LONGEST_ADDRESS),
        _text(value.status, name)[:40],
        bool(value.permanent),
        _text(value.diagnostic, name)[:1000],
    )


def _key_of_content(values: Mapping[str, Any]) -> str:
    """For channels that say nothing of it: who, when and what. Without it every message of an account would be a copy of the first."""
    said = [
        values["sender"].kind,
        values["sender"].value,
        values["sent_at"].isoformat(),
        values["subject"],
        values["text"],
    ]
    return _digest("\0".join([*said, values["html"] or "", *(_bytes_digest(file) for file in values["attachments"])]))


def _bytes_digest(file: InboundAttachment) -> str:
    return hashlib.sha256(file.data).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


_CHECKS = {
    "external_id": _id,
    "sender": _person,
    "text": _text,
    "sent_at": _moment,
    "content_key": _content_key,
    "subject": _text,
    "html": _text_or_none,
    "reply_text": _text_or_none,
    "to": _people,
    "cc": _people,
    "reply_to": _people,
    "attachments": _files,
    "thread_key": _thread_key,
    "in_reply_to": _id_or_none,
    "references": _ids,
    "kind": _kind,
    "bounce": _bounce,
    "is_spam": _flag,
    "accepts_auto_reply": _flag,
    "fields": _fields,
    "defects": _defects,
}
"""Each field of `InboundMessage` and what it is checked with."""
