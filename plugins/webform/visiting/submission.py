"""One filled-in form as it goes into the journal: JSON with the files in base64, complete enough to be read years later.

Version 2 says with which version of which definition it was made, and keeps the answers under the labels that the visitor saw. Version 1,
from before forms had definitions, is still read.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from forms.definitions import Answer, Becomes, Kind, Priority, Routing
from plugins.webform.sharing.context import Context
from plugins.webform.visiting.customer import kept, read_kept
from tidings import RawEvent, UnrecognisedPayload

__all__ = ["CONTENT_TYPE", "PostedFile", "Submission", "decode", "encode"]

CONTENT_TYPE = "application/x-tidings-form+json"
VERSION = 2

Value = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class PostedFile:
    """An uploaded file. `filename` has no path in it; `content_type` is what the browser said; `field_id` where it was put."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)
    field_id: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a visitor sent and under which circumstances. `number` is the version of the definition it was made with, 0 before there were
    any. `values` by field id are what was chosen or typed, `answers` the same as people read it. `context`: page, referrer, language, way.
    `customer` is what the site around the form said about its visitor.

    `signals` names what made the post suspicious ("honeypot", "too_fast"). `nonce` is that of the form's token.
    """

    nonce: str
    received_at: datetime
    values: Mapping[str, Value] = field(repr=False)
    number: int = 0
    answers: tuple[Answer, ...] = field(default=(), repr=False)
    subject: str = field(default="", repr=False)
    routing: Routing = Routing()
    context: Mapping[str, str] = field(default_factory=dict)
    customer: Context = Context()
    signals: tuple[str, ...] = ()
    files: tuple[PostedFile, ...] = ()

    @property
    def content_key(self) -> str:
        """SHA-256 of what was said: equal for two posts of the same text and files."""
        digest = hashlib.sha256()
        for name in sorted(self.values):
            _add(digest, name.encode(), _flat(self.values[name]).encode())
        for file in self.files:
            _add(digest, file.filename.encode(), hashlib.sha256(file.data).digest())
        return digest.hexdigest()

    @property
    def id(self) -> str:
        """The showing of the form and what was said: a second post of the same is the same submission, another text is another."""
        return f"{self.nonce}.{self.content_key[:16]}"

    @property
    def external_id(self) -> str:
        """The id of its message, in the shape of a Message-ID so that mails about it can name it as their ancestor."""
        return f"form.{self.id}@webform.invalid"


def encode(submission: Submission) -> RawEvent:
    """The raw event to store; its source key makes a repeated post one event."""
    body = {
        "version": VERSION,
        "nonce": submission.nonce,
        "received_at": submission.received_at.isoformat(),
        "number": submission.number,
        "values": dict(submission.values),
        "answers": [_written_answer(answer) for answer in submission.answers],
        "subject": submission.subject,
        "routing": _written_routing(submission.routing),
        "context": dict(submission.context),
        "customer": kept(submission.customer),
        "signals": list(submission.signals),
        "files": [_written_file(file) for file in submission.files],
    }
    return RawEvent(json.dumps(body).encode(), source_key=submission.id, content_type=CONTENT_TYPE)


def decode(payload: bytes) -> Submission:
    """The inverse of `encode`, for both versions. Raises `UnrecognisedPayload` with what is wrong."""
    try:
        body = json.loads(payload)
        reader = _READERS.get(body["version"])
        if reader is None:
            raise UnrecognisedPayload(f"a form of version {body['version']!r}, this plugin reads up to {VERSION}")
        return reader(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise UnrecognisedPayload(f"not a stored form ({type(error).__name__}: {str(error)[:200]})") from error


# ------------------------------------------------------------------------------------------- writing ----
def _written_answer(answer: Answer) -> dict[str, str]:
    return {
        "field": answer.field_id,
        "kind": answer.kind.value,
        "label": answer.label,
        "text": answer.text,
        "becomes": answer.becomes.value,
    }


def _written_routing(routing: Routing) -> dict[str, Any]:
    priority = routing.priority.value if routing.priority else None
    return {"team_id": routing.team_id, "priority": priority, "tags": list(routing.tags)}


def _written_file(file: PostedFile) -> dict[str, str]:
    return {
        "field": file.field_id,
        "filename": file.filename,
        "content_type": file.content_type,
        "data": base64.b64encode(file.data).decode(),
    }


# ------------------------------------------------------------------------------------------- reading ----
def _read_first(body: Mapping[str, Any]) -> Submission:
    """Version 1: name, e-mail, subject and message of the one form there was."""
    values = {str(name): str(text) for name, text in body["values"].items()}
    answers = tuple(
        Answer(name, kind, label, values[name], becomes)
        for name, (kind, label, becomes) in _FIRST_FIELDS.items()
        if values.get(name)
    )
    return Submission(values=values, answers=answers, subject=values.get("subject", ""), **_shared(body))


def _read_second(body: Mapping[str, Any]) -> Submission:
    return Submission(
        values={str(name): _value(value) for name, value in body["values"].items()},
        number=int(body["number"]),
        answers=tuple(map(_answer, body["answers"])),
        subject=str(body["subject"]),
        routing=_routing(body["routing"]),
        customer=read_kept(body["customer"]),
        **_shared(body),
    )


_READERS: Mapping[Any, Callable[[Mapping[str, Any]], Submission]] = {1: _read_first, 2: _read_second}
_FIRST_FIELDS = {
    "name": (Kind.TEXT, "Name", Becomes.NAME),
    "email": (Kind.EMAIL, "E-mail", Becomes.EMAIL),
    "subject": (Kind.TEXT, "Subject", Becomes.SUBJECT),
    "message": (Kind.LONG_TEXT, "Message", Becomes.MESSAGE),
}


def _shared(body: Mapping[str, Any]) -> dict[str, Any]:
    """What both versions say in the same way."""
    received_at = datetime.fromisoformat(body["received_at"])
    if received_at.utcoffset() is None:
        raise ValueError("received_at has no time zone")
    return {
        "nonce": str(body["nonce"]),
        "received_at": received_at.astimezone(UTC),
        "context": {str(name): str(text) for name, text in body["context"].items()},
        "signals": tuple(map(str, body["signals"])),
        "files": tuple(map(_file, body["files"])),
    }


def _file(written: Mapping[str, Any]) -> PostedFile:
    data = base64.b64decode(written["data"], validate=True)
    return PostedFile(str(written["filename"]), str(written["content_type"]), data, str(written.get("field", "")))


def _answer(written: Mapping[str, Any]) -> Answer:
    return Answer(
        field_id=str(written["field"]),
        kind=Kind(written["kind"]),
        label=str(written["label"]),
        text=str(written["text"]),
        becomes=Becomes(written["becomes"]),
    )


def _routing(written: Mapping[str, Any]) -> Routing:
    team_id, priority = written["team_id"], written["priority"]
    return Routing(
        team_id=None if team_id is None else int(team_id),
        priority=None if priority is None else Priority(priority),
        tags=tuple(map(str, written["tags"])),
    )


def _value(written: Any) -> Value:
    return [str(one) for one in written] if isinstance(written, list) else str(written)


def _flat(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(list(value))


def _add(digest: Any, *pieces: bytes) -> None:
    for piece in pieces:
        digest.update(b"%d:" % len(piece) + piece)
