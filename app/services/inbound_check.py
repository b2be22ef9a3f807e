"""What a channel's `translate` or a filter gave is checked before anything relies on it, and made fit for every database.

What has the wrong type is refused: the event then waits in the tray instead of standing in the way of others. How single values are
checked stands in `app.services.value_check`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.domain.text import clean_line
from app.models import PRIORITIES
from app.plugin_api.messages import (
    Authenticity,
    Bounce,
    BouncedRecipient,
    ContactFacts,
    InboundAttachment,
    InboundMessage,
    MailFacts,
    MessageKind,
    MessageWarning,
    Participant,
    Verdict,
)
from app.plugin_api.read_only import ReadOnlyDict
from app.services.filing import tag_names
from app.services.message_traits import checked_traits
from app.services.value_check import (
    LONGEST_ADDRESS,
    Nonsense,
    as_flag,
    as_id,
    as_id_or_none,
    as_moment,
    as_person,
    as_text,
    as_text_or_none,
    as_thread_key,
    each_as,
    must_be,
    short_key,
)

__all__ = ["checked_message", "checked_person"]

_MOST_FIELDS, _LONGEST_FIELD = 100, 2000
_MOST_DEFECTS, _LONGEST_DEFECT = 50, 300
_MOST_TAGS = 50
_MOST_IDS = 50
_MOST_PLACES = 20
_MOST_WARNINGS, _LONGEST_WARNING = 20, 500
_LONGEST_KIND, _LONGEST_DOMAIN = 40, 255


def checked_message(message: object) -> InboundMessage:
    """The message with every value of its declared type and storable; the same object when there is nothing to mend. Raises `Nonsense`."""
    must_be(message, InboundMessage, "a message")
    assert isinstance(message, InboundMessage)
    values: dict[str, Any] = {name: check(getattr(message, name), name) for name, check in _CHECKS.items()}
    if not values["sender"].value:
        raise Nonsense("It does not say who sent it.")
    if values["is_echo"] and not values["to"]:
        raise Nonsense("It was written by us elsewhere and does not say to whom.")
    if not values["content_key"]:
        values["content_key"] = _key_of_content(values)
    mended: dict[str, Any] = {name: value for name, value in values.items() if value is not getattr(message, name)}
    return replace(message, **mended) if mended else message


def checked_person(person: object) -> Participant:
    """The same for an address that a plugin named. Raises `Nonsense`."""
    return as_person(person, "an address")


def _content_key(value: Any, name: str) -> str:
    text = as_text(value, name)
    return text if len(text) <= 64 else _digest(text)


def _people(value: Any, name: str) -> tuple[Participant, ...]:
    return each_as(value, name, as_person)


def _ids(value: Any, name: str) -> tuple[str, ...]:
    return each_as(value, name, as_id)


def _addresses(value: Any, name: str) -> tuple[str, ...]:
    return each_as(value, name, _address)[:_MOST_PLACES] if value else ()


def _address(value: Any, name: str) -> str:
    return short_key(as_text(value, name), LONGEST_ADDRESS)


def _file(value: Any, name: str) -> InboundAttachment:
    must_be(value, InboundAttachment, name)
    must_be(value.data, bytes, "the bytes of a file")
    texts = {
        "filename": as_text(value.filename, name),
        "content_type": as_text(value.content_type, name),
        "content_id": as_text_or_none(value.content_id, name),
        "inline": bool(value.inline),
    }
    return value if all(texts[key] is getattr(value, key) for key in texts) else replace(value, **texts)


def _files(value: Any, name: str) -> tuple[InboundAttachment, ...]:
    return each_as(value, name, _file)


def _picture(value: Any, name: str) -> InboundAttachment | None:
    return None if value is None else _file(value, name)


def _kind(value: Any, name: str) -> MessageKind:
    must_be(value, str, name)
    try:
        return MessageKind(value)
    except ValueError:
        raise Nonsense(f"The plugin gave {value[:40]!r} as {name}, which is no kind of message.") from None


def _fields(value: Any, name: str) -> Mapping[str, str]:
    """Read-only, since filters and advisers of all plugins see the same ones."""
    if isinstance(value, ReadOnlyDict):
        return value
    must_be(value, Mapping, name)
    return ReadOnlyDict(
        {as_text(k, name)[:200]: as_text(v, name)[:_LONGEST_FIELD] for k, v in list(value.items())[:_MOST_FIELDS]}
    )


def _defects(value: Any, name: str) -> tuple[str, ...]:
    return (
        tuple(as_text(one, name)[:_LONGEST_DEFECT] for one in each_as(value, name, as_text)[:_MOST_DEFECTS])
        if value
        else ()
    )


def _tags(value: Any, name: str) -> tuple[str, ...]:
    """As agents' tags are written."""
    return tag_names(each_as(value, name, as_text)[:_MOST_TAGS]) if value else ()


def _priority(value: Any, name: str) -> str:
    must_be(value, str, name)
    if value and value not in PRIORITIES:
        raise Nonsense(f"The plugin gave {value[:40]!r} as {name}, which is no priority.")
    return value


def _contact(value: Any, name: str) -> ContactFacts:
    must_be(value, ContactFacts, name)
    facts = ContactFacts(clean_line(as_text(value.company, name), 200), clean_line(as_text(value.phone, name), 60))
    return value if facts == value else facts


def _bounce(value: Any, name: str) -> Bounce | None:
    if value is None:
        return None
    must_be(value, Bounce, name)
    return Bounce(
        each_as(value.recipients, name, _bounced),
        as_id_or_none(value.original_id, name),
        _ids(value.ids, name)[:_MOST_IDS],
        clean_line(as_text(value.subject, name), 500),
    )


def _bounced(value: Any, name: str) -> BouncedRecipient:
    must_be(value, BouncedRecipient, name)
    return BouncedRecipient(
        short_key(as_text(value.address, name), LONGEST_ADDRESS),
        as_text(value.status, name)[:40],
        bool(value.permanent),
        as_text(value.diagnostic, name)[:1000],
        is_delayed=bool(value.is_delayed),
    )


def _mail(value: Any, name: str) -> MailFacts | None:
    if value is None:
        return None
    must_be(value, MailFacts, name)
    must_be(value.raw, bytes, name)
    as_moment(value.arrived_at, name)
    for text in (*value.authors, *value.trusted_hosts, *value.results, *value.border, value.return_path):
        as_text(text, name)
    return value


def _authenticity(value: Any, name: str) -> Authenticity | None:
    if value is None:
        return None
    must_be(value, Authenticity, name)
    checks: dict[str, Any] = {"domain": _domain, "policy": _domain, "by": _domain}
    checks |= dict.fromkeys(("spf", "dkim", "dmarc", "arc"), _verdict)
    checked = replace(value, **{key: check(getattr(value, key), name) for key, check in checks.items()})
    return value if checked == value else checked


def _domain(value: Any, name: str) -> str:
    return as_text(value, name)[:_LONGEST_DOMAIN]


def _verdict(value: Any, name: str) -> Verdict:
    must_be(value, str, name)
    try:
        return Verdict(value)
    except ValueError:
        raise Nonsense(f"The plugin gave {value[:40]!r} as {name}, which is no verdict.") from None


def _warnings(value: Any, name: str) -> tuple[MessageWarning, ...]:
    return each_as(value, name, _warning)[:_MOST_WARNINGS] if value else ()


def _warning(value: Any, name: str) -> MessageWarning:
    must_be(value, MessageWarning, name)
    kind, text = as_text(value.kind, name)[:_LONGEST_KIND], as_text(value.text, name)[:_LONGEST_WARNING]
    checked = MessageWarning(kind, text, _fields(value.data, name))
    return value if checked == value and checked.data is value.data else checked


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
    "external_id": as_id,
    "sender": as_person,
    "text": as_text,
    "sent_at": as_moment,
    "content_key": _content_key,
    "subject": as_text,
    "html": as_text_or_none,
    "reply_text": as_text_or_none,
    "to": _people,
    "cc": _people,
    "reply_to": _people,
    "attachments": _files,
    "thread_key": as_thread_key,
    "in_reply_to": as_id_or_none,
    "references": _ids,
    "kind": _kind,
    "bounce": _bounce,
    "is_spam": as_flag,
    "accepts_auto_reply": as_flag,
    "fields": _fields,
    "defects": _defects,
    "is_echo": as_flag,
    "sender_picture": _picture,
    "tags": _tags,
    "priority": _priority,
    "contact": _contact,
    "answers": _fields,
    "is_test": as_flag,
    "mail": _mail,
    "authenticity": _authenticity,
    "warnings": _warnings,
    "delivered_to": _addresses,
    "opens_conversation": as_flag,
    "traits": checked_traits,
    "is_sender_claimed": as_flag,
}
"""Each field of `InboundMessage` and what it is checked with."""
