"""Intake: from a stored raw event to messages in conversations. Processing the same event twice changes nothing.

translate → filters → advice → dedupe → contact → conversation → store → announce. What cannot be processed stays in the journal, with its
reason, as *undelivered*. How a message is written stands in `app.services.intake_store`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, StatementError

from app.errors import ConfigError
from app.models import ChannelAccount, EventState, InboundEvent, Message
from app.plugin_api.channel import Account, Channel
from app.plugin_api.errors import PayloadError, UnsupportedEvent
from app.plugin_api.host import Received
from app.plugin_api.messages import InboundMessage, RawEvent
from app.redaction import masked
from app.services.account_view import shown_to_others
from app.services.advice import ArrivalAdvice, advise_on_arrival
from app.services.core import Core, writing
from app.services.inbound_check import Nonsense, checked_message
from app.services.inbound_rows import FileRow, attachment_rows
from app.services.intake_store import Arrival, lock_keys, store_message
from app.services.journal import postpone, record_events, stored_key

__all__ = ["process_event", "receive"]

log = logging.getLogger(__name__)

_COLLISIONS = 3
_MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class _Undeliverable(Exception):
    reason: str


@dataclass(frozen=True, slots=True)
class _Event:
    """An event of the journal as it was read before processing, with its account."""

    id: int
    state: str
    attempts: int
    payload_sha256: str
    source_key: str | None
    content_type: str
    meta: Mapping[str, Any]
    received_at: datetime
    message_id: int | None
    account: Account
    team_id: int | None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A message and the rows of its attachments, whose bytes are stored already."""

    message: InboundMessage
    files: list[FileRow]


_OWN_COLUMNS = [name for name in _Event.__dataclass_fields__ if name not in ("account", "team_id")]
_ACCOUNT_COLUMNS = ("id", "plugin", "name", "address", "settings", "cursor")
_event, _account = InboundEvent.__table__, ChannelAccount.__table__
_LOAD = (
    select(
        *(_event.c[name] for name in _OWN_COLUMNS),
        *(_account.c[name].label(f"account_{name}") for name in (*_ACCOUNT_COLUMNS, "secrets")),
        _account.c.team_id,
    )
    .join_from(_event, _account)
    .where(_event.c.id == bindparam("event_id"))
)
_CLAIM = select(_event.c.state).where(_event.c.id == bindparam("event_id")).with_for_update()
_CONCLUDE = update(_event).where(_event.c.id == bindparam("event_id"))


def receive(core: Core, account_id: int, event: RawEvent) -> Received:
    """Store one raw event and process it at once. Once it is stored this does not fail: trouble shows in the result's state."""
    fresh = record_events(core, account_id, [event], is_processed_here=True)
    if not fresh:
        return _known_event(core, account_id, event)
    return process_event(core, fresh[0])


def process_event(core: Core, event_id: int) -> Received:
    """Process one event of the journal. Returns what became of it; an event that was processed before is only reported."""
    try:
        event = _load(core, event_id)
    except ConfigError as trouble:  # the account's secrets cannot be read
        return _finish(core, event_id, EventState.UNDELIVERED, str(trouble))
    if event is None:
        return Received(event_id, "ignored")
    if event.state != EventState.RECEIVED:
        return _outcome(core, event.id, event.state, event.message_id)
    try:
        messages = _translate(core, event)
    except _Undeliverable as trouble:
        return _finish(core, event_id, EventState.UNDELIVERED, trouble.reason)
    except UnsupportedEvent as trouble:
        return _finish(core, event_id, EventState.IGNORED, str(trouble) or "This kind of event is not for the inbox.")
    if not messages:
        return _finish(core, event_id, EventState.IGNORED, "There was nothing for the inbox in it.")
    arrival = Arrival(event_id, shown_to_others(event.account), event.team_id, event.payload_sha256)
    messages = [_filtered(core, message, arrival.account) for message in messages]
    return _store_all(core, arrival, messages, event.attempts)


def _load(core: Core, event_id: int) -> _Event | None:
    """The event and its account, in one query; the transaction of the reading is over afterwards."""
    row = core.session.connection().execute(_LOAD, {"event_id": event_id}).first()
    core.session.rollback()
    if row is None:
        return None
    values = row._mapping
    account = {name: values[f"account_{name}"] for name in _ACCOUNT_COLUMNS}
    return _Event(
        **{name: values[name] for name in _OWN_COLUMNS},
        account=Account(**account, secrets=core.vault.unseal(values["account_secrets"])),
        team_id=values["team_id"],
    )


def _translate(core: Core, event: _Event) -> Sequence[InboundMessage]:
    account = event.account
    channel: Channel | None = core.plugins.channels.get(account.plugin)
    if channel is None:
        raise _Undeliverable(f"The plugin {account.plugin} is not active. Activate it, then try again.")
    try:
        payload = core.files.get(event.payload_sha256)
    except FileNotFoundError:
        raise _Undeliverable("Its bytes are missing from the file storage.") from None
    meta = {"received_at": event.received_at.isoformat(), **event.meta}
    raw = RawEvent(payload, source_key=event.source_key, content_type=event.content_type, meta=meta)
    try:
        translate = core.plugins.dispatcher.guarded(account.plugin, "translate")
        return [checked_message(message) for message in translate(lambda: tuple(channel.translate(account, raw)))]
    except UnsupportedEvent:
        raise
    except Nonsense as error:
        raise _Undeliverable(str(error)) from error
    except PayloadError as error:
        raise _Undeliverable(str(error) or "The channel cannot read it.") from error
    except (Exception, SystemExit) as error:  # plugin code: anything may come, and the journal keeps the event
        log.exception("plugin %s failed to translate event %s", account.plugin, event.id)
        raise _Undeliverable(f"The plugin {account.plugin} failed on it ({type(error).__name__}).") from error


def _filtered(core: Core, message: InboundMessage, account: Account) -> InboundMessage:
    """What the filters made of a message; the message itself when that is nothing that could be stored."""
    filtered = core.plugins.dispatcher.filter("filter_inbound", message, account=account)
    try:
        return message if filtered is message else checked_message(filtered)
    except Nonsense as error:
        log.error("what the filters made of a message is left out: %s", error)
        return message


def _store_all(core: Core, arrival: Arrival, messages: Sequence[InboundMessage], attempts: int) -> Received:
    event_id = arrival.event_id
    try:
        prepared = [_Prepared(message, attachment_rows(core, message)) for message in messages]
        for collision in range(_COLLISIONS):
            try:
                advice = [advise_on_arrival(core, one.message, arrival.account) for one in prepared]
                return _store_once(core, arrival, prepared, advice)
            except IntegrityError:
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


def _store_once(
    core: Core, arrival: Arrival, prepared: Sequence[_Prepared], advice: Sequence[ArrivalAdvice]
) -> Received:
    """Store the messages of an event in one transaction, unless somebody else has processed it meanwhile."""
    with writing(core) as unit:
        state = unit.connection.execute(_CLAIM, {"event_id": arrival.event_id}).scalar_one_or_none()
        if state == EventState.RECEIVED:
            lock_keys(unit, [one.message for one in prepared])
            stored = [
                store_message(core, unit, arrival, one.message, one.files, advised)
                for one, advised in zip(prepared, advice, strict=True)
            ]
            chosen = min(stored, key=lambda one: _PRECEDENCE.index(one.state))
            values = {"state": chosen.state, "message_id": chosen.message_id, "processed_at": unit.now, "reason": ""}
            unit.connection.execute(_CONCLUDE, {"event_id": arrival.event_id, **values})
    if state == EventState.RECEIVED:
        return Received(arrival.event_id, _word(chosen.state), chosen.message_id, chosen.conversation_id)
    event = _load(core, arrival.event_id)
    return _outcome(core, event.id, event.state, event.message_id) if event else Received(arrival.event_id, "ignored")


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
