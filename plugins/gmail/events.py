"""What is stored of Gmail before anybody reads it: a message as it came, or what became of a thread's labels. Pure."""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import compat32

from connectors.gmail import RawMessage
from tidings import RawEvent, UnrecognisedPayload

__all__ = ["LABELS", "MAIL_TYPE", "OWN_HEADER", "ThreadLabels", "header_of", "label_event", "message_event"]

MAIL_TYPE = "message/rfc822"
LABELS = "application/vnd.tidings.gmail-labels+json"
OWN_HEADER = "X-Tidings-Message"
"""Gmail replaces the Message-ID of what is sent through its interface; this line is left alone and says which message of ours it is."""


@dataclass(frozen=True, slots=True)
class ThreadLabels:
    """Names of labels that a thread got, lost, and has `now`, and a message of it that the inbox has."""

    thread_id: str
    external_id: str
    added: frozenset[str]
    removed: frozenset[str]
    now: frozenset[str]
    at: datetime

    @classmethod
    def read(cls, payload: bytes) -> "ThreadLabels":
        """Raises `UnrecognisedPayload`."""
        try:
            said = json.loads(payload)
            added, removed, now = (frozenset(map(str, said[key])) for key in ("added", "removed", "now"))
            at = datetime.fromisoformat(said["at"])
            return cls(str(said["thread_id"]), str(said["external_id"]), added, removed, now, at)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise UnrecognisedPayload("This is no change of labels.") from None


def message_event(message: RawMessage, names: Mapping[str, str]) -> RawEvent:
    """The event of a message. `names` maps ids of labels to names; labels without one go by their id."""
    meta = {
        "received_at": message.internal_at.isoformat(),
        "thread_id": message.thread_id,
        "labels": sorted(names.get(label, label) for label in message.label_ids),
    }
    return RawEvent(message.raw, message.id, MAIL_TYPE, meta)


def label_event(change: ThreadLabels, history_id: str) -> RawEvent:
    """The event of a thread's labels, once for what happened up to a history id."""

    def listed(labels: Set[str]) -> list[str]:
        return sorted(labels)

    said = {
        "thread_id": change.thread_id,
        "external_id": change.external_id,
        "added": listed(change.added),
        "removed": listed(change.removed),
        "now": listed(change.now),
        "at": change.at.isoformat(),
    }
    payload = json.dumps(said, ensure_ascii=False).encode()
    return RawEvent(payload, f"labels:{change.thread_id}:{history_id}", LABELS)


def header_of(raw: bytes, name: str) -> str:
    """A header line of a message on one line, empty when there is none. Brackets around ids are left out."""
    value = BytesHeaderParser(policy=compat32).parsebytes(raw).get(name, "")
    return " ".join(str(value).split()).strip("<> ")
