"""From the bytes of a mail to a `ParsedMessage`: the story in order, each step in a module of its own."""

from __future__ import annotations

from .addresses import parse_addresses
from .bodies import Bodies, read_bodies
from .calendar import MOST_EVENTS
from .charsets import guesses_of_one_mail
from .fields import parse_date, parse_ids, parse_message_id
from .kinds import classify
from .message import Address, ParsedMessage
from .reply_text import split_reply
from .tree import Part, parse_tree
from .words import clean_line, decode_words, raw_text

_SENDER_FIELDS = ("from", "sender", "reply-to", "return-path")


def parse_message(raw: bytes) -> ParsedMessage:
    """What a mail says. Never raises: what is wrong with the mail is told in `defects`."""
    with guesses_of_one_mail():
        return _parse(raw)


def _parse(raw: bytes) -> ParsedMessage:
    defects: list[str] = []
    root = parse_tree(raw, defects)
    values = _Values(root)
    bodies = read_bodies(root, defects)
    headers = tuple(
        (name, value if value.isprintable() and "=?" not in value else clean_line(decode_words(value)))
        for name, value in values.pairs
    )
    sender = values.sender()
    kind, bounce = classify(root, headers, bodies)
    return ParsedMessage(
        sender=sender,
        to=values.people("to"),
        cc=values.people("cc"),
        reply_to=values.people("reply-to"),
        subject=values.subject(),
        message_id=parse_message_id(values.first("message-id") or ""),
        in_reply_to=next(iter(parse_ids(values.first("in-reply-to") or "")), None),
        references=parse_ids(" ".join(values.every("references"))),
        date=parse_date(values.first("date") or ""),
        text=bodies.text,
        html=bodies.html,
        reply_text=_reply(bodies, sender),
        mail_type=kind,
        bounce=bounce,
        attachments=tuple(bodies.attachments),
        headers=headers,
        is_signed=bodies.is_signed,
        is_encrypted=bodies.is_encrypted,
        events=tuple(dict.fromkeys(bodies.events))[:MOST_EVENTS],
        defects=tuple(dict.fromkeys(defects)),
    )


def _reply(bodies: Bodies, sender: Address | None) -> str | None:
    if not bodies.text:
        return bodies.text
    html = bodies.html if bodies.has_own_text else None
    return split_reply(bodies.text, html, sender_name=sender.name if sender else "").reply


class _Values:
    """The header fields of a mail on one line each, encoded-words not yet decoded."""

    def __init__(self, root: Part) -> None:
        self.pairs = [(name, raw_text(value)) for name, value in root.fields]
        self._by_name: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._by_name.setdefault(name, []).append(value)

    def every(self, name: str) -> list[str]:
        return self._by_name.get(name, [])

    def first(self, name: str) -> str | None:
        """The first value that is not empty."""
        return next((value for value in self.every(name) if value), None)

    def people(self, name: str) -> tuple[Address, ...]:
        return tuple(person for value in self.every(name) for person in parse_addresses(value))

    def sender(self) -> Address | None:
        for name in _SENDER_FIELDS:
            people = self.people(name)
            if people:
                return people[0]
        return None

    def subject(self) -> str | None:
        values = self.every("subject")
        return clean_line(decode_words(self.first("subject") or "")) if values else None
