"""X's webhooks, without any I/O: the answer to the challenge, whether a signature is right, what a body tells.

Pages: https://docs.x.com/x-api/webhooks/introduction, https://docs.x.com/x-api/account-activity/introduction. X signs with the OAuth 2.0
client secret, with the older consumer secret, or with both, each in a header of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.x_api.json_fields import Fields, fields, items, milliseconds, text, time

__all__ = [
    "OAUTH2_SIGNATURE_HEADER",
    "SIGNATURE_HEADER",
    "Event",
    "EventKind",
    "UnreadableWebhook",
    "crc_answer",
    "is_signed",
    "parse",
    "sign",
]

SIGNATURE_HEADER = "x-twitter-webhooks-signature"
OAUTH2_SIGNATURE_HEADER = "x-twitter-webhooks-signature-oauth2"

EventKind = str
"""post, message, delete, read, typing, revoke, or X's own name of the list it stood in ("follow_events")."""


class UnreadableWebhook(ValueError):
    """The body is no webhook of X: no JSON object, or without any list of events."""


@dataclass(frozen=True)
class Event:
    """One event. `for_user_id` is the subscribed person; `body` is the webhook's body with this event alone, fit to be stored.

    `item` is the event itself; `at` when it happened, where it is told. `id`: of the post, the message, or the last message read.
    """

    kind: EventKind
    for_user_id: str
    id: str = ""
    sender_id: str = ""
    at: datetime | None = None
    body: Fields = field(default_factory=dict, repr=False)
    item: Fields = field(default_factory=dict, repr=False)


def crc_answer(token: str, secret: str) -> str:
    """Return the `response_token` that X wants to hear: "sha256=" and the base64 HMAC-SHA256 of the challenge."""
    return sign(token.encode(), secret)


def sign(body: bytes, secret: str) -> str:
    """Return the header that X sends for this body."""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> bool:
    """Whether one of the two headers signs the raw `body` with one of the secrets. Names of headers are in lower case."""
    given = [headers.get(name, "").encode("utf-8", "replace") for name in (OAUTH2_SIGNATURE_HEADER, SIGNATURE_HEADER)]
    right = [sign(body, secret).encode() for secret in secrets if secret]
    matches = [hmac.compare_digest(one, other) for one in right for other in given]
    return any(matches)


def parse(body: bytes) -> tuple[Event, ...]:
    """Return the events of a webhook in the order they stand there; lists that are not known become events of their own name.

    Look at the signature first. Raises UnreadableWebhook.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableWebhook("The body is not JSON.") from None
    said = fields(content)
    lists = {name: value for name, value in said.items() if name.endswith("_events") and isinstance(value, list)}
    if not lists and not fields(said.get("user_event")) and "replay_job_status" not in said:
        raise UnreadableWebhook("The body has no list of events.")
    return tuple([*_revoked(said), *_replayed(said), *_listed(said, lists)])


def _listed(said: Fields, lists: Mapping[str, list[object]]) -> Iterator[Event]:
    for name, values in lists.items():
        read = _READERS.get(name, _other)
        for item in items(values):
            beside = {key: said[key] for key in ("for_user_id", "user_has_blocked", "users") if key in said}
            yield read(name, text(said.get("for_user_id")), item, {**beside, name: [item]})


def _post(_name: str, for_user_id: str, item: Fields, body: Fields) -> Event:
    sender_id = text(fields(item.get("user")).get("id_str"))
    return Event("post", for_user_id, text(item.get("id_str")), sender_id, time(item.get("created_at")), body, item)


def _deleted(_name: str, for_user_id: str, item: Fields, body: Fields) -> Event:
    status = fields(item.get("status"))
    at = milliseconds(item.get("timestamp_ms"))
    return Event("delete", for_user_id, text(status.get("id")), text(status.get("user_id")), at, body, item)


def _message(name: str, for_user_id: str, item: Fields, body: Fields) -> Event:
    if item.get("type") != "message_create":
        return _other(name, for_user_id, item, body)
    sender_id = text(fields(item.get("message_create")).get("sender_id"))
    at = milliseconds(item.get("created_timestamp"))
    return Event("message", for_user_id, text(item.get("id")), sender_id, at, body, item)


def _read(_name: str, for_user_id: str, item: Fields, body: Fields) -> Event:
    at = milliseconds(item.get("created_timestamp"))
    return Event("read", for_user_id, text(item.get("last_read_event_id")), text(item.get("sender_id")), at, body, item)


def _typing(_name: str, for_user_id: str, item: Fields, body: Fields) -> Event:
    at = milliseconds(item.get("created_timestamp"))
    return Event("typing", for_user_id, "", text(item.get("sender_id")), at, body, item)


def _other(name: str, for_user_id: str, item: Fields, body: Fields) -> Event:
    at = milliseconds(item.get("created_timestamp")) or milliseconds(item.get("timestamp_ms"))
    sender_id = text(fields(item.get("source")).get("id")) or text(fields(item.get("user")).get("id_str"))
    return Event(name, for_user_id, text(item.get("id")), sender_id, at, body, item)


_READERS: Mapping[str, Callable[[str, str, Fields, Fields], Event]] = {
    "tweet_create_events": _post,
    "tweet_delete_events": _deleted,
    "direct_message_events": _message,
    "direct_message_mark_read_events": _read,
    "direct_message_indicate_typing_events": _typing,
}


def _revoked(said: Fields) -> Iterator[Event]:
    """The person took the app's rights away; it stands alone and has no `for_user_id`."""
    revoke = fields(fields(said.get("user_event")).get("revoke"))
    if revoke:
        user_id = text(fields(revoke.get("source")).get("user_id"))
        yield Event("revoke", user_id, "", user_id, time(revoke.get("date_time")), said, revoke)


def _replayed(said: Fields) -> Iterator[Event]:
    if "replay_job_status" in said:
        yield Event("replay_job_status", "", "", "", None, said, fields(said["replay_job_status"]))
