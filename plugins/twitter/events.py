"""What is stored of X: one post, one message, or one thing that was said of them, as JSON. No I/O.

The same post has the same source key whichever way it came, so that what a webhook brought is not stored again when X is asked.
"""

import json
from collections.abc import Mapping
from typing import Any

from connectors.x_api import Document, Event
from tidings import RawEvent, UnrecognisedPayload

__all__ = ["CONTENT_TYPE", "content_of", "event_of_message", "event_of_post", "event_of_webhook", "gone_event"]

CONTENT_TYPE = "application/json"
_KEYS = {"post": "post:{0.id}", "message": "dm:{0.id}", "delete": "gone:{0.id}", "read": "read:{0.sender_id}:{0.id}"}


def event_of_post(document: Document) -> RawEvent:
    """A post that X was asked for."""
    return RawEvent(packed(document), f"post:{document['data']['id']}", CONTENT_TYPE)


def event_of_message(document: Document) -> RawEvent:
    """A direct message that X was asked for."""
    return RawEvent(packed(document), f"dm:{document['data']['id']}", CONTENT_TYPE)


def gone_event(post_id: str, first_id: str, at: str) -> RawEvent:
    """A post that X no longer has, under the id of its first version."""
    return RawEvent(packed({"gone": {"id": first_id, "at": at}}), f"gone:{post_id}", CONTENT_TYPE)


def event_of_webhook(event: Event) -> RawEvent | None:
    """An event of a webhook that means something for the inbox; None for others."""
    template = _KEYS.get(event.kind)
    return RawEvent(packed(event.body), template.format(event), CONTENT_TYPE) if template and event.id else None


def packed(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def content_of(event: RawEvent) -> Mapping[str, Any]:
    """The JSON object of an event. Raises `UnrecognisedPayload`."""
    try:
        content = json.loads(event.payload)
    except (ValueError, RecursionError):
        raise UnrecognisedPayload("This is no JSON.") from None
    if not isinstance(content, dict) or not content:
        raise UnrecognisedPayload("This is nothing that X sends.")
    return content
