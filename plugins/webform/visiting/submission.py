"""One filled-in form as it goes into the journal: JSON with the files in base64, complete enough to be read years later."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tidings import RawEvent, UnrecognisedPayload

__all__ = ["CONTENT_TYPE", "PostedFile", "Submission", "decode", "encode"]

CONTENT_TYPE = "application/x-tidings-form+json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class PostedFile:
    """An uploaded file. `filename` has no path in it; `content_type` is what the browser said."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a visitor sent and under which circumstances. `values`: field name to text. `context`: page, referrer, language, way.

    `signals` names what made the post suspicious ("honeypot", "too_fast"). `nonce` is that of the form's token.
    """

    nonce: str
    received_at: datetime
    values: Mapping[str, str] = field(repr=False)
    context: Mapping[str, str] = field(default_factory=dict)
    signals: tuple[str, ...] = ()
    files: tuple[PostedFile, ...] = ()

    @property
    def content_key(self) -> str:
        """SHA-256 of what was said: equal for two posts of the same text and files."""
        digest = hashlib.sha256()
        for name in sorted(self.values):
            _add(digest, name.encode(), self.values[name].encode())
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
        "values": dict(submission.values),
        "context": dict(submission.context),
        "signals": list(submission.signals),
        "files": [
            {"filename": f.filename, "content_type": f.content_type, "data": base64.b64encode(f.data).decode()}
            for f in submission.files
        ],
    }
    return RawEvent(json.dumps(body).encode(), source_key=submission.id, content_type=CONTENT_TYPE)


def decode(payload: bytes) -> Submission:
    """The inverse of `encode`. Raises `UnrecognisedPayload` with what is wrong."""
    try:
        body = json.loads(payload)
        if body["version"] != VERSION:
            raise UnrecognisedPayload(f"a form of version {body['version']!r}, this plugin reads {VERSION}")
        return _submission(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise UnrecognisedPayload(f"not a stored form ({type(error).__name__}: {str(error)[:200]})") from error


def _submission(body: Mapping[str, Any]) -> Submission:
    received_at = datetime.fromisoformat(body["received_at"])
    if received_at.utcoffset() is None:
        raise ValueError("received_at has no time zone")
    return Submission(
        nonce=str(body["nonce"]),
        received_at=received_at.astimezone(UTC),
        values={str(k): str(v) for k, v in body["values"].items()},
        context={str(k): str(v) for k, v in body["context"].items()},
        signals=tuple(map(str, body["signals"])),
        files=tuple(
            PostedFile(str(f["filename"]), str(f["content_type"]), base64.b64decode(f["data"], validate=True))
            for f in body["files"]
        ),
    )


def _add(digest: Any, *pieces: bytes) -> None:
    for piece in pieces:
        digest.update(b"%d:" % len(piece) + piece)
