"""Intake: from a stored raw event to messages in conversations. Processing the same event twice changes nothing.

translate → filters → dedupe → contact → conversation → store → announce. What cannot be processed stays in the journal, with its
reason, as *undelivered*. How a message is written stands in `app.services.intake_store`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from app.models import ChannelAccount, EventState, InboundEvent, Message
from app.plugin_api.channel import Account, Channel
from app.plugin_api.errors import PayloadError, UnsupportedEvent
from app.plugin_api.host import Received
from app.plugin_api.messages import InboundMessage, RawEvent
from app.services.account_view import account_view
from app.services.core import Core, Unit, writing
from app.services.intake_store import store_message
from app.services.journal import postpone, record_events

__all__ = ["process_event", "receive"]

log = logging.getLogger(__name__)

_COLLISIONS = 3
_MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class _Undeliverable(Exception):
    reason: str


def receive(core: Core, account_id: int, event: RawEvent) -> Received:
    """Store one raw event and process it at once. Once it is stored this does not fail: trouble shows in the result's state."""
    fresh = record_events(core, account_id, [event])
    if not fresh:
        return _known_event(core, account_id, event)
    return process_event(core, fresh[0])


def process_event(core: Core, event_id: int) -> Received:
    """Process one event of the journal. Returns what became of it; an event that was processed before is only reported."""
    event = core.session.get(InboundEvent, event_id, populate_existing=True)
    if event is None:
        return Received(event_id, "ignored")
    if event.state != EventState.RECEIVED:
        return _outcome(core, event)
    account_row = core.session.get(ChannelAccount, event.account_id)
    account = account_view(core, account_row)
    raw_sha256, attempts = event.payload_sha256, event.attempts
    try:
        messages = _translate(core, account, event)
    except _Undeliverable as trouble:
        return _finish(core, event_id, EventState.UNDELIVERED, trouble.reason)
    except UnsupportedEvent as trouble:
        return _finish(core, event_id, EventState.IGNORED, str(trouble) or "This kind of event is not for the inbox.")
    if not messages:
        return _finish(core, event_id, EventState.IGNORED, "There was nothing for the inbox in it.")
    core.session.rollback()
    safe_account = replace(account, secrets={})
    messages = [
        core.plugins.dispatcher.filter("filter_inbound", message, account=safe_account) for message in messages
    ]
    return _store_all(core, event_id, safe_account, messages, raw_sha256, attempts)


def _translate(core: Core, account: Account, event: InboundEvent) -> Sequence[InboundMessage]:
    channel: Channel | None = core.plugins.channels.get(account.plugin)
    if channel is None:
        raise _Undeliverable(f"The plugin {account.plugin} is not active. Activate it, then try again.")
    try:
        payload = core.files.get(event.payload_sha256)
    except FileNotFoundError:
        raise _Undeliverable("Its bytes are missing from the file storage.") from None
    raw = RawEvent(payload, source_key=event.source_key, content_type=event.content_type, meta=event.meta)
    raw = replace(raw, meta={"received_at": event.received_at.isoformat(), **raw.meta})
    try:
        return list(channel.translate(account, raw))
    except UnsupportedEvent:
        raise
    except PayloadError as error:
        raise _Undeliverable(str(error) or "The channel cannot read it.") from error
    except (Exception, SystemExit) as error:  # plugin code: anything may come, and the journal keeps the event
        log.exception("plugin %s failed to translate event %s", account.plugin, event.id)
        raise _Undeliverable(f"The plugin {account.plugin} failed on it ({type(error).__name__}).") from error


def _store_all(
    core: Core,
    event_id: int,
    account: Account,
    messages: Sequence[InboundMessage],
    raw_sha256: str,
    attempts: int,
) -> Received:
    for collision in range(_COLLISIONS):
        try:
            with writing(core) as unit:
                event = _claimed(unit, event_id)
                if event is None:
                    break
                stored = [store_message(core, unit, account, event, message, raw_sha256) for message in messages]
                _conclude(unit, event, [s for s in stored if s])
            break
        except IntegrityError:
            if collision == _COLLISIONS - 1:
                return _trouble(core, event_id, attempts, "Another process was working on the same message.")
        except OperationalError as error:
            log.warning("event %s: the database was busy: %s", event_id, error.orig)
            return _trouble(core, event_id, attempts, "The database was busy.")
        except (ValueError, TypeError, DataError) as error:
            log.exception("event %s cannot be stored", event_id)
            return _finish(core, event_id, EventState.UNDELIVERED, f"It cannot be stored ({type(error).__name__}).")
    event = core.session.get(InboundEvent, event_id, populate_existing=True)
    return _outcome(core, event)


def _claimed(unit: Unit, event_id: int) -> InboundEvent | None:
    """The event, locked for this transaction; None when somebody else has processed it."""
    statement = select(InboundEvent).where(InboundEvent.id == event_id).with_for_update()
    event = unit.session.execute(statement).scalar_one_or_none()
    return event if event is not None and event.state == EventState.RECEIVED else None


def _conclude(unit: Unit, event: InboundEvent, outcomes: list[tuple[str, int | None]]) -> None:
    states = [state for state, _ in outcomes]
    for state in (EventState.PROCESSED, EventState.DUPLICATE, EventState.IGNORED):
        if state in states:
            event.state = state
            event.message_id = outcomes[states.index(state)][1]
            break
    event.processed_at = unit.now
    event.reason = ""


def _trouble(core: Core, event_id: int, attempts: int, reason: str) -> Received:
    """Something of ours was in the way: the event waits a little and is tried again, and ends in the tray if it never works."""
    if attempts + 1 >= _MOST_ATTEMPTS:
        return _finish(core, event_id, EventState.UNDELIVERED, reason)
    postpone(core, event_id, core.clock.now() + timedelta(seconds=2**attempts), reason)
    return Received(event_id, "queued")


def _finish(core: Core, event_id: int, state: EventState, reason: str) -> Received:
    with writing(core) as unit:
        event = _claimed(unit, event_id)
        if event is not None:
            event.state, event.reason, event.processed_at = state, reason[:1000], unit.now
            if state == EventState.UNDELIVERED:
                unit.changed("undelivered")
    return Received(event_id, state.value)


_WORDS = {EventState.RECEIVED: "queued", EventState.PROCESSED: "new", EventState.DISCARDED: "ignored"}


def _outcome(core: Core, event: InboundEvent) -> Received:
    conversation_id = None
    if event.message_id is not None:
        statement = select(Message.conversation_id).where(Message.id == event.message_id)
        conversation_id = core.session.execute(statement).scalar_one_or_none()
    state = EventState(event.state)
    return Received(event.id, _WORDS.get(state, state.value), event.message_id, conversation_id)


def _known_event(core: Core, account_id: int, event: RawEvent) -> Received:
    statement = select(InboundEvent).where(
        InboundEvent.account_id == account_id, InboundEvent.source_key == event.source_key
    )
    known = core.session.execute(statement).scalar_one()
    outcome = _outcome(core, known)
    return replace(outcome, state="duplicate" if outcome.state == "new" else outcome.state)
