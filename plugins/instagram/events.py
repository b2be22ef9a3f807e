"""The events of a webhook of an account, as the connector reads them: values only, nothing here asks anybody."""

from connectors.meta_graph import UnreadableWebhook, parse
from connectors.meta_graph.events import (
    Attachment,
    CommentChanged,
    Deleted,
    Echo,
    Edited,
    Event,
    Message,
    Postback,
    Reacted,
    Read,
    Unknown,
)
from tidings import RawEvent, UnrecognisedPayload

__all__ = [
    "Attachment",
    "CommentChanged",
    "Deleted",
    "Echo",
    "Edited",
    "Event",
    "Message",
    "Postback",
    "Reacted",
    "Read",
    "Unknown",
    "events_in",
]


def events_in(event: RawEvent) -> tuple[Event, ...]:
    """What a stored event holds, at least one. Raises `UnrecognisedPayload`."""
    try:
        found = parse(event.payload)
    except UnreadableWebhook as error:
        raise UnrecognisedPayload(str(error)) from error
    if not found:
        raise UnrecognisedPayload("There is no event in it.")
    return found
