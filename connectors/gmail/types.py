"""Values that go in and out of the Gmail client, in Gmail's own words.

Ids are opaque texts. A history id is a number written as text that only grows; it belongs to one mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

__all__ = [
    "Change",
    "HistoryPage",
    "Label",
    "LabelsAdded",
    "LabelsRemoved",
    "MessageAdded",
    "MessageDeleted",
    "MessagePage",
    "MessageRef",
    "MessageSummary",
    "Profile",
    "RawMessage",
    "SendAs",
    "SentMessage",
    "Watch",
]


@dataclass(frozen=True)
class Profile:
    """Whose mailbox it is and how far its history has come."""

    email_address: str
    history_id: str
    messages_total: int
    threads_total: int


@dataclass(frozen=True)
class Label:
    """A label; `kind` "system" means one of Gmail's own (INBOX, UNREAD, SENT …), which nobody can rename."""

    id: str
    name: str
    kind: Literal["system", "user"]


@dataclass(frozen=True)
class SendAs:
    """An address the mailbox may send as. Only one that `is_verified` can be used in From."""

    email_address: str
    display_name: str
    reply_to: str
    is_primary: bool
    is_default: bool
    is_verified: bool


@dataclass(frozen=True)
class MessageRef:
    """A message and the thread it is in."""

    id: str
    thread_id: str


@dataclass(frozen=True)
class MessagePage:
    """Some of the messages that were asked for, newest first. No `next_page_token` means these were the last."""

    messages: tuple[MessageRef, ...]
    next_page_token: str | None
    estimate: int


@dataclass(frozen=True)
class MessageSummary:
    """What Gmail says of a message without its content. `size_estimate` is in bytes; `internal_at` is when Gmail took it in."""

    id: str
    thread_id: str
    label_ids: frozenset[str]
    internal_at: datetime
    history_id: str
    size_estimate: int


@dataclass(frozen=True)
class RawMessage(MessageSummary):
    """A message with all its bytes (RFC 5322)."""

    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class SentMessage:
    """A message that Gmail took over from us."""

    id: str
    thread_id: str
    label_ids: frozenset[str]


@dataclass(frozen=True)
class MessageAdded:
    """A message came in, was sent, or was put into the mailbox. `label_ids` are those it has now, or none if it is gone again."""

    history_id: str
    message: MessageRef
    label_ids: frozenset[str]


@dataclass(frozen=True)
class MessageDeleted:
    """A message was deleted for good. Moving it to the bin is a change of labels instead."""

    history_id: str
    message: MessageRef


@dataclass(frozen=True)
class LabelsAdded:
    """`label_ids` were put on a message."""

    history_id: str
    message: MessageRef
    label_ids: frozenset[str]


@dataclass(frozen=True)
class LabelsRemoved:
    """`label_ids` were taken off a message."""

    history_id: str
    message: MessageRef
    label_ids: frozenset[str]


Change = MessageAdded | MessageDeleted | LabelsAdded | LabelsRemoved


@dataclass(frozen=True)
class HistoryPage:
    """Changes in the order they happened. After the last page, the one without `next_page_token`, go on from `history_id`."""

    changes: tuple[Change, ...]
    history_id: str
    next_page_token: str | None


@dataclass(frozen=True)
class Watch:
    """Gmail announces changes until `expires_at` (a week at most); `history_id` is where they start."""

    history_id: str
    expires_at: datetime
