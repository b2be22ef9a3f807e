"""Takes a webhook apart into single events, each with a body of its own that `webhooks.parse` reads, and a key that stays the same when
Meta sends it again: Meta may put several pages, people and events into one request, and repeats the whole of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.meta_graph.events import CommentChanged, Echo, Event, Message, Postback, WhatsAppMessage
from connectors.meta_graph.json_fields import Fields, fields, items
from connectors.meta_graph.webhooks import parse

__all__ = ["WebhookPart", "body_of", "key_of", "split"]

_LISTS = ("messages", "message_echoes", "statuses")


@dataclass(frozen=True)
class WebhookPart:
    """One event. `body` is a webhook with nothing but it; `key` tells it from all others of its page, account or number."""

    event: Event
    body: bytes = field(repr=False)
    key: str


def split(body: bytes) -> tuple[WebhookPart, ...]:
    """Return the events of a webhook one by one, in their order. Raises UnreadableWebhook."""
    parse(body)
    content = json.loads(body)
    return tuple(
        part for entry in items(content["entry"]) for one in _singles(entry) for part in _parts(content["object"], one)
    )


def body_of(kind: str, entry: Mapping[str, Any]) -> bytes:
    """Return the body of a webhook with one entry; `kind` is its object."""
    return json.dumps({"object": kind, "entry": [entry]}, sort_keys=True).encode()


def key_of(event: Event, body: bytes) -> str:
    """Return what tells an event from others: Meta's id where something new was said, else a digest of all that it says."""
    match event:
        case Message(mid=mid) | Echo(mid=mid):
            return f"m:{mid}"
        case Postback(mid=mid) if mid:
            return f"m:{mid}"
        case CommentChanged(verb="add", comment_id=comment_id):
            return f"comment:{comment_id}"
        case WhatsAppMessage(id=message_id):
            return f"m:{message_id}"
    return f"{type(event).__name__.lower()}:{hashlib.sha256(body).hexdigest()[:40]}"


def _parts(kind: str, entry: Fields) -> Iterator[WebhookPart]:
    body = body_of(kind, entry)
    for event in parse(body):
        yield WebhookPart(event, body, key_of(event, body))


def _singles(entry: Fields) -> Iterator[Fields]:
    head = {key: entry[key] for key in ("id", "time") if key in entry}
    for name in ("messaging", "standby"):
        for item in items(entry.get(name)):
            yield {**head, name: [item]}
    for change in items(entry.get("changes")):
        for value in _single_values(fields(change.get("value"))):
            yield {**head, "changes": [{**change, "value": value}]}


def _single_values(value: Fields) -> Iterator[Fields]:
    """WhatsApp puts several messages and states into one change."""
    told = [(name, one) for name in _LISTS for one in items(value.get(name))]
    rest = {key: value[key] for key in value if key not in _LISTS}
    if not told:
        yield value
    for name, one in told:
        yield {**rest, name: [one]}
