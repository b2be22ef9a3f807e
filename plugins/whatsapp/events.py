"""The events of a webhook of a number, as the connector reads them: values only, nothing here asks anybody."""

from connectors.meta_graph import UnreadableWebhook, parse
from connectors.meta_graph.events import (
    Event,
    MessageError,
    Unknown,
    WhatsAppDeleted,
    WhatsAppEdited,
    WhatsAppEvent,
    WhatsAppMessage,
    WhatsAppNumberChanged,
    WhatsAppReacted,
    WhatsAppStatus,
)
from tidings import RawEvent, UnrecognisedPayload

__all__ = [
    "Event",
    "MessageError",
    "Unknown",
    "WhatsAppDeleted",
    "WhatsAppEdited",
    "WhatsAppEvent",
    "WhatsAppMessage",
    "WhatsAppNumberChanged",
    "WhatsAppReacted",
    "WhatsAppStatus",
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
