"""The Undelivered tray: events of the journal that could not become messages. A person may retry or discard them."""

from app.domain.roles import Permission
from app.errors import Conflict, NotFound
from app.models import EventState, InboundEvent
from app.plugin_api.host import Received
from app.services.audit import audit
from app.services.core import Actor, Core, Unit, require, writing
from app.services.intake import process_event

__all__ = ["discard_event", "raw_event", "retry_event"]


def retry_event(core: Core, actor: Actor, event_id: int) -> Received:
    """Process an undelivered event again, now. Raises `NotFound`, or `Conflict` when it is not in the tray."""
    require(actor, Permission.UNDELIVERED)
    with writing(core) as unit:
        event = _waiting(unit, event_id)
        event.state, event.reason, event.attempts, event.next_attempt_at = EventState.RECEIVED, "", 0, None
        audit(unit, actor, "undelivered.retried", str(event_id))
        unit.changed("undelivered")
    return process_event(core, event_id)


def discard_event(core: Core, actor: Actor, event_id: int) -> None:
    """Take an event out of the tray for good; its bytes stay in the file storage, as all that ever arrived."""
    require(actor, Permission.UNDELIVERED)
    with writing(core) as unit:
        event = _waiting(unit, event_id)
        event.state = EventState.DISCARDED
        audit(unit, actor, "undelivered.discarded", str(event_id))
        unit.changed("undelivered")


def raw_event(core: Core, actor: Actor, event_id: int) -> tuple[bytes, str]:
    """The bytes of any event of the journal and their content type."""
    require(actor, Permission.UNDELIVERED)
    event = core.session.get(InboundEvent, event_id)
    if event is None:
        raise NotFound("This event does not exist.")
    if event.payload is not None:
        return event.payload, event.content_type
    try:
        return core.files.get(event.payload_sha256), event.content_type
    except FileNotFoundError:
        raise NotFound("The bytes of this event are not in the file storage any more.") from None


def _waiting(unit: Unit, event_id: int) -> InboundEvent:
    event = unit.session.get(InboundEvent, event_id, with_for_update=True)
    if event is None:
        raise NotFound("This event does not exist.")
    if event.state != EventState.UNDELIVERED:
        raise Conflict("Somebody has dealt with it already.")
    return event
