"""From Gmail's JSON to the types of types.py. Pure; whatever does not look as documented raises KeyError, TypeError or ValueError.

Shapes: https://developers.google.com/workspace/gmail/api/reference/rest/v1/users
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.gmail.types import (
    Change,
    HistoryPage,
    Label,
    LabelsAdded,
    LabelsRemoved,
    MessageAdded,
    MessageDeleted,
    MessagePage,
    MessageRef,
    MessageSummary,
    Profile,
    RawMessage,
    SendAs,
    SentMessage,
    Watch,
)

Answer = Mapping[str, Any]


def profile(answer: Answer) -> Profile:
    """Return what `users.getProfile` says."""
    return Profile(
        email_address=answer["emailAddress"],
        history_id=str(answer["historyId"]),
        messages_total=int(answer.get("messagesTotal", 0)),
        threads_total=int(answer.get("threadsTotal", 0)),
    )


def labels(answer: Answer) -> tuple[Label, ...]:
    """Return what `users.labels.list` says."""
    return tuple(label(one) for one in answer.get("labels", ()))


def label(answer: Answer) -> Label:
    """Return one label."""
    return Label(answer["id"], answer["name"], "system" if answer.get("type") == "system" else "user")


def send_as(answer: Answer) -> tuple[SendAs, ...]:
    """Return what `users.settings.sendAs.list` says; the primary address has no verification status and needs none."""
    return tuple(
        SendAs(
            email_address=one["sendAsEmail"],
            display_name=one.get("displayName", ""),
            reply_to=one.get("replyToAddress", ""),
            is_primary=bool(one.get("isPrimary")),
            is_default=bool(one.get("isDefault")),
            is_verified=bool(one.get("isPrimary")) or one.get("verificationStatus") == "accepted",
        )
        for one in answer.get("sendAs", ())
    )


def message_page(answer: Answer) -> MessagePage:
    """Return what `users.messages.list` says."""
    found = tuple(_ref(one) for one in answer.get("messages", ()))
    return MessagePage(found, answer.get("nextPageToken"), int(answer.get("resultSizeEstimate", 0)))


def summary(answer: Answer) -> MessageSummary:
    """Return a message in format `minimal`."""
    return MessageSummary(**_summary_fields(answer))


def raw_message(answer: Answer) -> RawMessage:
    """Return a message in format `raw`."""
    return RawMessage(**_summary_fields(answer), raw=from_base64url(answer["raw"]))


def headers(answer: Answer) -> dict[str, str]:
    """Return the first header line of each name of a message in format `metadata`, by name in lower case."""
    found: dict[str, str] = {}
    for line in answer.get("payload", {}).get("headers", ()):
        found.setdefault(line["name"].lower(), line["value"])
    return found


def thread(answer: Answer) -> tuple[MessageSummary, ...]:
    """Return what `users.threads.get` says in format `minimal`."""
    return tuple(summary(one) for one in answer.get("messages", ()))


def sent(answer: Answer) -> SentMessage:
    """Return what `users.messages.send` and `insert` say."""
    return SentMessage(answer["id"], answer["threadId"], frozenset(answer.get("labelIds", ())))


def label_ids(answer: Answer) -> frozenset[str]:
    """Return the labels of a message."""
    return frozenset(answer.get("labelIds", ()))


def history_page(answer: Answer) -> HistoryPage:
    """Return what `users.history.list` says."""
    changes = tuple(change for record in answer.get("history", ()) for change in _changes(record))
    return HistoryPage(changes, str(answer["historyId"]), answer.get("nextPageToken"))


def watch(answer: Answer) -> Watch:
    """Return what `users.watch` says."""
    return Watch(str(answer["historyId"]), from_millis(answer["expiration"]))


def from_base64url(text: str) -> bytes:
    """Return the bytes of a base64url text, with or without its padding. Raises ValueError."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def to_base64url(data: bytes) -> str:
    """Return the text Gmail wants in `raw`."""
    return base64.urlsafe_b64encode(data).decode("ascii")


def from_millis(text: str | int) -> datetime:
    """Return the time that is so many milliseconds after 1970."""
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def _summary_fields(answer: Answer) -> dict[str, Any]:
    return {
        "id": answer["id"],
        "thread_id": answer["threadId"],
        "label_ids": label_ids(answer),
        "internal_at": from_millis(answer["internalDate"]),
        "history_id": str(answer.get("historyId", "")),
        "size_estimate": int(answer.get("sizeEstimate", 0)),
    }


def _ref(answer: Answer) -> MessageRef:
    return MessageRef(answer["id"], answer["threadId"])


def _changes(record: Answer) -> Iterator[Change]:
    """Yield the changes of one record. Gmail does not say their order within it; additions first and deletions last is always right."""
    at = str(record["id"])
    for one in record.get("messagesAdded", ()):
        yield MessageAdded(at, _ref(one["message"]), label_ids(one["message"]))
    for one in record.get("labelsAdded", ()):
        yield LabelsAdded(at, _ref(one["message"]), label_ids(one))
    for one in record.get("labelsRemoved", ()):
        yield LabelsRemoved(at, _ref(one["message"]), label_ids(one))
    for one in record.get("messagesDeleted", ()):
        yield MessageDeleted(at, _ref(one["message"]))
