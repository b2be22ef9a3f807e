"""Intake: from a stored raw event to messages in conversations. Processing the same event twice changes nothing.

complete → translate → examine → filters → advice → dedupe → contact → conversation → store → announce. What cannot be processed stays
in the journal, with its reason, as *undelivered*. How a message is written stands in `app.services.intake_store`, what is done about
updates in `app.services.updates`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, StatementError

from app.domain.backoff import overtaking_pause
from app.errors import ConfigError
from app.models import EventState, InboundEvent, Message
from app.plugin_api.channel import Account, Channel
from app.plugin_api.errors import PayloadError, UnsupportedEvent
from app.plugin_api.host import Received
from app.plugin_api.messages import InboundMessage, RawEvent
from app.plugin_api.updates import Update
from app.redaction import masked
from app.services.account_view import shown_to_others
from app.services.advice import ArrivalAdvice, advise_on_arrival
from app.services.appearance import store_picture
from app.services.authenticity import examined
from app.services.completing import complete_event
from app.services.core import Core, Unit, writing
from app.services.familiar import note_domain
from app.services.inbound_check import checked_message
from app.services.inbound_rows import FileRow, attachment_rows
from app.services.intake_store import Arrival, Overtaken, Stored, lock_keys, store_message
from app.services.journal import LONGEST_WAIT, Beside, leave_to_worker, postpone, record_events, stored_key
from app.services.stored_events import StoredEvent, load_event, raw_event_of
from app.services.update_check import checked_said
from app.services.update_targets import NotThereYet
from app.services.updates import apply_update
from app.services.value_check import Nonsense

__all__ = ["accept", "process_event", "receive"]

log = logging.getLogger(__name__)

_COLLISIONS = 3
_MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class _Undeliverable(Exception):
    reason: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A message, the rows of its attachments and the digest of its sender's picture; their bytes are stored already."""

    message: InboundMessage
    files: list[FileRow]
    picture_sha256: str | None


@dataclass(frozen=True, slots=True)
class _Said:
    """What the channel read from an event."""

    messages: Sequence[InboundMessage]
    updates: Sequence[Update]


_event = InboundEvent.__table__
_CLAIM = select(_event.c.state).where(_event.c.id == bindparam("event_id")).with_for_update()
_CONCLUDE = update(_event).where(_event.c.id == bindparam("event_id")).values(payload=None)


def receive(
    core: Core, account_id: int, event: RawEvent, *, plugin: str | None = None, beside: Beside | None = None
) -> Received:
    """Store one raw event and process it at once. Once it is stored this does not fail: trouble shows in the result's state."""
    fresh = record_events(core, account_id, [event], is_processed_here=True, plugin=plugin, beside=beside)
    if not fresh:
        return _known_event(core, account_id, event)
    return process_event(core, fresh[0])


def accept(
    core: Core, account_id: int, event: RawEvent, *, plugin: str | None = None, beside: Beside | None = None
) -> Received:
    """Store one raw event and leave it to the worker ("queued"), for callers that somebody waits for."""
    fresh = leave_to_worker(core, account_id, event, plugin=plugin, beside=beside)
    return _known_event(core, account_id, event) if fresh is None else Received(fresh, "queued")


def process_event(core: Core, event_id: int, *, may_complete: bool = False) -> Received:
    """Process one event of the journal. Returns what became of it; an event that was processed before is only reported.

    `may_complete`: its channel may be called to fetch what the event only names, which takes its time. Without it such an event is left
    for the worker ("queued").
    """
    try:
        event = load_event(core, event_id)
        if event is not None and event.state == EventState.RECEIVED and not event.is_complete:
            event = _completed(core, event, may_complete)
    except ConfigError as trouble:  # the account's secrets cannot be read
        return _finish(core, event_id, EventState.UNDELIVERED, str(trouble))
    except OSError as error:
        log.error("event %s: its bytes cannot be stored: %s", event_id, error)
        return _trouble(core, event_id, 0, f"Its bytes cannot be stored: {error.strerror or error}.")
    if event is None:
        return Received(event_id, "ignored")
    if event.state != EventState.RECEIVED:
        return _outcome(core, event.id, event.state, event.message_id)
    if not event.is_complete:
        return Received(event_id, "queued")
    try:
        said = _translate(core, event)
    except _Undeliverable as trouble:
        return _finish(core, event_id, EventState.UNDELIVERED, trouble.reason)
    except UnsupportedEvent as trouble:
        return _finish(core, event_id, EventState.IGNORED, str(trouble) or "This kind of event is not for the inbox.")
    if not said.messages and not said.updates:
        return _finish(core, event_id, EventState.IGNORED, "There was nothing for the inbox in it.")
    may_wait = core.clock.now() - event.received_at < LONGEST_WAIT
    arrival = Arrival(event_id, shown_to_others(event.account), event.team_id, event.payload_sha256, may_wait)
    filtered = [_filtered(core, examined(core, message), arrival.account) for message in said.messages]
    return _store_all(core, arrival, _Said(filtered, said.updates), event)


def _completed(core: Core, event: StoredEvent, may_complete: bool) -> StoredEvent | None:
    """The event as it stands once its channel was asked to complete it; it may wait for another attempt. Without its plugin it is not."""
    if event.account.plugin not in core.plugins.channels:
        return replace(event, is_complete=True)
    if not may_complete:
        core.wake("complete", event.id)
        return event
    complete_event(core, event)
    return load_event(core, event.id)


def _translate(core: Core, event: StoredEvent) -> _Said:
    account = event.account
    channel: Channel | None = core.plugins.channels.get(account.plugin)
    if channel is None:
        raise _Undeliverable(f"The plugin {account.plugin} is not active. Activate it, then try again.")
    try:
        raw = raw_event_of(core, event)
    except FileNotFoundError:
        raise _Undeliverable("Its bytes are missing from the file storage.") from None
    try:
        translate = core.plugins.dispatcher.guarded(account.plugin, "translate")
        return _sorted([checked_said(one) for one in translate(lambda: tuple(channel.translate(account, raw)))])
    except UnsupportedEvent:
        raise
    except Nonsense as error:
        raise _Undeliverable(str(error)) from error
    except PayloadError as error:
        raise _Undeliverable(str(error) or "The channel cannot read it.") from error
    except (Exception, SystemExit) as error:  # plugin code: anything may come, and the journal keeps the event
        log.exception("plugin %s failed to translate event %s", account.plugin, event.id)
        raise _Undeliverable(f"The plugin {account.plugin} failed on it ({type(error).__name__}).") from error


def _sorted(said: Sequence[InboundMessage | Update]) -> _Said:
    """Messages come first: what is said in one event of a message that it brings finds it."""
    messages = [one for one in said if isinstance(one, InboundMessage)]
    return _Said(messages, [one for one in said if not isinstance(one, InboundMessage)])


def _filtered(core: Core, message: InboundMessage, account: Account) -> InboundMessage:
    """What the filters made of a message; the message itself when that is nothing that could be stored."""
    filtered = core.plugins.dispatcher.filter("filter_inbound", message, account=account)
    try:
        return message if filtered is message else checked_message(filtered)
    except Nonsense as error:
        log.error("what the filters made of a message is left out: %s", error)
        return message


def _store_all(core: Core, arrival: Arrival, said: _Said, event: StoredEvent) -> Received:
    event_id, attempts = event.id, _failed_attempts(said, arrival, event)
    try:
        prepared = [
            _Prepared(message, attachment_rows(core, message), store_picture(core, message))
            for message in said.messages
        ]
        for collision in range(_COLLISIONS):
            try:
                advice = [advise_on_arrival(core, one.message, arrival.account) for one in prepared]
                return _store_once(core, arrival, prepared, advice, said.updates, event)
            except (IntegrityError, Overtaken):
                log.info("event %s: another process was working on the same message (%s)", event_id, collision + 1)
    except (OperationalError, InterfaceError) as error:
        log.warning("event %s: the database was busy: %s", event_id, error.orig)
        return _trouble(core, event_id, attempts, "The database was busy.")
    except OSError as error:
        log.exception("event %s: its files cannot be stored", event_id)
        return _trouble(core, event_id, attempts, f"Its files cannot be stored: {error.strerror or error}.")
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, StatementError) as error:
        log.exception("event %s cannot be stored", event_id)
        return _finish(core, event_id, EventState.UNDELIVERED, f"It cannot be stored ({type(error).__name__}).")
    return _trouble(core, event_id, attempts, "Another process was working on the same message.")


def _failed_attempts(said: _Said, arrival: Arrival, event: StoredEvent) -> int:
    """How often storing an event has failed; attempts at which it only had to wait are no failures."""
    may_have_waited = bool(said.updates) or any(message.is_echo for message in said.messages)
    return 0 if may_have_waited and arrival.may_wait else event.attempts


def _store_once(
    core: Core,
    arrival: Arrival,
    prepared: Sequence[_Prepared],
    advice: Sequence[ArrivalAdvice],
    updates: Sequence[Update],
    event: StoredEvent,
) -> Received:
    """Store the messages of an event and do its updates in one transaction, unless somebody else has processed it meanwhile. What has to
    wait is done by a later attempt; what is done already is recognised then."""
    with writing(
        core, is_fleeting=True
    ) as unit:  # the journal lasts: what is lost with the power is processed once more
        state = unit.connection.execute(_CLAIM, {"event_id": arrival.event_id}).scalar_one_or_none()
        if state == EventState.RECEIVED:
            lock_keys(unit, [one.message for one in prepared])
            stored, missing = _store_what_can_be(core, unit, arrival, prepared, advice, updates)
            received, values = _conclusion(unit, arrival, stored, missing, event)
            unit.connection.execute(_CONCLUDE, {"event_id": arrival.event_id, **values})
    if state == EventState.RECEIVED:
        return received
    known = load_event(core, arrival.event_id)
    return _outcome(core, known.id, known.state, known.message_id) if known else Received(arrival.event_id, "ignored")


def _store_what_can_be(
    core: Core,
    unit: Unit,
    arrival: Arrival,
    prepared: Sequence[_Prepared],
    advice: Sequence[ArrivalAdvice],
    updates: Sequence[Update],
) -> tuple[list[Stored], str]:
    """What became of each message and update, and why the rest has to wait."""
    stored, missing = [], ""
    for one, advised in zip(prepared, advice, strict=True):
        try:
            stored.append(store_message(core, unit, arrival, one.message, one.files, advised, one.picture_sha256))
            note_domain(core, unit, one.message)
        except NotThereYet as reason:
            missing = reason.reason
    for said in updates:
        try:
            stored.append(apply_update(unit, arrival.account.id, said))
        except NotThereYet as reason:
            missing = reason.reason
    return stored, missing


def _conclusion(
    unit: Unit, arrival: Arrival, stored: Sequence[Stored], missing: str, event: StoredEvent
) -> tuple[Received, dict[str, object]]:
    """What is reported of an event, and the columns it gets: done, or to be tried again when something has not come yet."""
    chosen = min(stored, key=lambda one: _PRECEDENCE.index(one.state), default=Stored(EventState.IGNORED))
    message_id = event.message_id or chosen.message_id
    if missing and arrival.may_wait:
        until = unit.now + overtaking_pause(event.attempts + 1)
        waits: dict[str, object] = {
            "next_attempt_at": until,
            "attempts": event.attempts + 1,
            "reason": missing,
            "message_id": message_id,
        }
        return Received(event.id, "queued", message_id, chosen.conversation_id), waits
    state = EventState.PROCESSED if event.message_id and chosen.state != EventState.PROCESSED else chosen.state
    reason = f"{missing} It was waited for." if missing else chosen.reason
    done: dict[str, object] = {"state": state, "message_id": message_id, "processed_at": unit.now, "reason": reason}
    return Received(event.id, _word(state), message_id, chosen.conversation_id), done


def _trouble(core: Core, event_id: int, attempts: int, reason: str) -> Received:
    """Something of ours was in the way: the event waits a little and is tried again, and ends in the tray if it never works."""
    if attempts + 1 >= _MOST_ATTEMPTS:
        return _finish(core, event_id, EventState.UNDELIVERED, reason)
    postpone(core, event_id, core.clock.now() + timedelta(seconds=2**attempts), reason)
    return Received(event_id, "queued")


def _finish(core: Core, event_id: int, state: EventState, reason: str) -> Received:
    with writing(core) as unit:
        found = unit.connection.execute(_CLAIM, {"event_id": event_id}).scalar_one_or_none()
        if found == EventState.RECEIVED:
            values = {"state": state, "reason": masked(reason)[:1000], "processed_at": unit.now}
            unit.connection.execute(_CONCLUDE, {"event_id": event_id, **values})
            if state == EventState.UNDELIVERED:
                unit.changed("undelivered")
    return Received(event_id, state.value)


_PRECEDENCE = (EventState.PROCESSED, EventState.DUPLICATE, EventState.IGNORED)
_WORDS = {EventState.RECEIVED: "queued", EventState.PROCESSED: "new", EventState.DISCARDED: "ignored"}


def _word(state: str) -> str:
    return _WORDS.get(EventState(state), state)


def _outcome(core: Core, event_id: int, state: str, message_id: int | None) -> Received:
    """What became of an event that was processed before."""
    conversation_id = None
    if message_id is not None:
        statement = select(Message.conversation_id).where(Message.id == message_id)
        conversation_id = core.session.execute(statement).scalar_one_or_none()
    return Received(event_id, _word(state), message_id, conversation_id)


def _known_event(core: Core, account_id: int, event: RawEvent) -> Received:
    statement = select(InboundEvent.id, InboundEvent.state, InboundEvent.message_id).where(
        InboundEvent.account_id == account_id, InboundEvent.source_key == stored_key(event)
    )
    outcome = _outcome(core, *core.session.execute(statement).one())
    return replace(outcome, state="duplicate" if outcome.state == "new" else outcome.state)
