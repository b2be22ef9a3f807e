"""The events of a webhook of a page, as the connector reads them: values only, nothing here asks anybody."""

from connectors.meta_graph import UnreadableWebhook, parse
from connectors.meta_graph.events import (
    Attachment,
    CommentChanged,
    Deleted,
    Delivered,
    Echo,
    Edited,
    Event,
    HandedOver,
    Message,
    MessagingEvent,
    Postback,
    Reacted,
    Read,
    Referral,
    Referred,
    Unknown,
)
from tidings import RawEvent, UnrecognisedPayload

__all__ = [
    "Attachment",
    "CommentChanged",
    "Deleted",
    "Delivered",
    "Echo",
    "Edited",
    "Event",
    "HandedOver",
    "Message",
    "MessagingEvent",
    "Postback",
    "Reacted",
    "Read",
    "Referral",
    "Referred",
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
