"""How what drivers see becomes rows, and in the end something in the inbox.

A driver calls `note(host, account, event)` for each `CallEvent`, in any order, as often as it likes. The answer holds the call as it is now
and the raw events the inbox should get now. In a webhook they go into its `WebhookReply`; elsewhere `tell(host, noted)` hands them over.
What got lost between the two is told again by `tell_rest`, a job. The inbox recognises by their source keys what it was told before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update

from plugins.voip.call_messages import call_event, recording_event
from plugins.voip.calls import Call, CallEvent, CallState, Direction, Recording, RecordingKind, applied, begun
from plugins.voip.numbers import normalised
from plugins.voip.tables import CALL, RECORDING
from tidings import Account, Host, RawEvent, TableConnection

__all__ = [
    "KeptCall",
    "Noted",
    "call_of",
    "find",
    "forget",
    "note",
    "note_conversation",
    "recordings_of",
    "tell",
    "tell_rest",
]

PATIENCE = timedelta(minutes=3)
"""How long the inbox waits for a recording that was announced. What comes later is a message of its own."""
LONGEST_NAME = 200
"""Callers choose what their telephone says they are called."""

_OF_CALL = tuple(name for name in Call.__slots__ if name != "recordings")


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A call and its row."""

    id: int
    account_id: int
    call: Call
    filed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Noted:
    """The call after an event at the moment `at`, and what the inbox should get now."""

    kept: KeptCall
    events: tuple[RawEvent, ...]
    at: datetime


def note(host: Host, account: Account, event: CallEvent) -> Noted:
    """Write down what a driver saw. Numbers may be as the driver got them: they are read as dialled in the account's region. One
    transaction; do not call it where the host has one open."""
    event = _normal(event, account)
    now = host.now()
    with host.tables.begin() as connection:
        kept = _changed(connection, account, event, now)
        file_at = _file(connection, kept, now)
        events = _to_tell(connection, host, kept, file_at) if file_at else ()
    return Noted(kept, events, now)


def tell(host: Host, noted: Noted) -> None:
    """Give the inbox what `note` said it should get."""
    for event in noted.events:
        host.receive(noted.kept.account_id, event)
    if noted.events:
        _mark_told(host, noted)


def tell_rest(host: Host) -> None:
    """Tell the inbox of calls that are over and it was not told of for certain."""
    now = host.now()
    with host.tables.connect() as connection:
        over = select(CALL.c.id).where(CALL.c.state.in_([CallState.MISSED, CallState.ENDED]), CALL.c.told_at.is_(None))
        late = select(RECORDING.c.call).join(CALL, CALL.c.id == RECORDING.c.call)
        late = late.where(CALL.c.told_at.is_not(None), RECORDING.c.told_at.is_(None), RECORDING.c.deleted_at.is_(None))
        ids = {*connection.scalars(over.limit(200)), *connection.scalars(late.limit(200))}
    for id in sorted(ids):
        _tell_one(host, id, now)


def forget(host: Host, kept: KeptCall) -> None:
    """Nothing came of a call: the inbox is not told."""
    with host.tables.begin() as connection:
        connection.execute(delete(RECORDING).where(RECORDING.c.call == kept.id))
        connection.execute(delete(CALL).where(CALL.c.id == kept.id))


def note_conversation(host: Host, account_id: int, call_id: str, number: int) -> None:
    """The message of a call stands in the conversation of this number. Nothing happens for messages of no call."""
    with host.tables.begin() as connection:
        own = and_(CALL.c.account_id == account_id, CALL.c.call_id == call_id)
        connection.execute(update(CALL).where(own).values(conversation=number))


def find(connection: TableConnection, account_id: int, call_id: str) -> KeptCall | None:
    """The call that a driver calls `call_id`, or None."""
    row = connection.execute(select(CALL).where(CALL.c.account_id == account_id, CALL.c.call_id == call_id)).first()
    return None if row is None else _kept(connection, row)


def call_of(row: Row[Any], recordings: tuple[Recording, ...] = ()) -> Call:
    """The call in a row of CALL."""
    call = Call(**{name: getattr(row, name) for name in _OF_CALL})
    return replace(call, state=CallState(call.state), direction=Direction(call.direction), recordings=recordings)


def recordings_of(connection: TableConnection, id: int) -> tuple[Recording, ...]:
    """The recordings of the call with this row id that are not deleted."""
    rows = connection.execute(
        select(RECORDING)
        .where(RECORDING.c.call == id, RECORDING.c.deleted_at.is_(None))
        .order_by(RECORDING.c.external_id)
    )
    return tuple(_recording(row) for row in rows)


# ------------------------------------------------------------------------------------------- writing ----
def _normal(event: CallEvent, account: Account) -> CallEvent:
    region = str(account.settings.get("region") or "")
    theirs = normalised(event.their_number, region)
    ours = normalised(event.our_number, region) or account.address
    name = "".join(char if char.isprintable() else " " for char in event.their_name)
    return replace(event, their_number=theirs, our_number=ours, their_name=" ".join(name.split())[:LONGEST_NAME])


def _changed(connection: TableConnection, account: Account, event: CallEvent, now: datetime) -> KeptCall:
    known = find(connection, account.id, event.call_id)
    if known is None:
        call = begun(str(account.settings.get("driver") or "twilio"), event)
        values = {"account_id": account.id, "changed_at": now, **_values(call)}
        id = connection.scalar(insert(CALL).values(values).returning(CALL.c.id))
        known = KeptCall(int(id), account.id, call, None)
    else:
        call = applied(known.call, event)
        if call != known.call:
            connection.execute(update(CALL).where(CALL.c.id == known.id).values(changed_at=now, **_values(call)))
    if event.recording is not None:
        _keep_recording(connection, known.id, event.recording, event.at)
    return replace(known, call=call)


def _keep_recording(connection: TableConnection, call: int, recording: Recording, at: datetime) -> None:
    values = {name: getattr(recording, name) for name in Recording.__slots__}
    same = and_(RECORDING.c.call == call, RECORDING.c.external_id == recording.external_id)
    if connection.scalar(select(RECORDING.c.id).where(same)) is None:
        connection.execute(insert(RECORDING).values(call=call, made_at=at, **values))
    else:
        connection.execute(update(RECORDING).where(same).values(values))


def _values(call: Call) -> dict[str, Any]:
    return {name: getattr(call, name) for name in _OF_CALL}


def _kept(connection: TableConnection, row: Row[Any]) -> KeptCall:
    call = call_of(row, recordings_of(connection, row.id))
    return KeptCall(row.id, row.account_id, call, row.filed_at)


def _recording(row: Row[Any]) -> Recording:
    return Recording(row.external_id, RecordingKind(row.kind), row.duration_s, row.file, row.content_type)


# ------------------------------------------------------------------------------------------- telling ----
def _file(connection: TableConnection, kept: KeptCall, now: datetime) -> datetime | None:
    """Settle what belongs to the call's message, once, and what comes as a message of its own; None when nothing is to be told now."""
    call = kept.call
    patient = call.waits_for_recording and call.ended_at is not None and now < call.ended_at + PATIENCE
    if not call.is_over or (patient and kept.filed_at is None):
        return None
    if kept.filed_at is None:
        connection.execute(update(CALL).where(CALL.c.id == kept.id).values(filed_at=now))
    fresh = and_(RECORDING.c.call == kept.id, RECORDING.c.filed_at.is_(None))
    moment = now if kept.filed_at is None or now > kept.filed_at else kept.filed_at + timedelta(seconds=1)
    changed = connection.execute(update(RECORDING).where(fresh).values(filed_at=moment)).rowcount
    return moment if changed or kept.filed_at is None else None


def _to_tell(connection: TableConnection, host: Host, kept: KeptCall, moment: datetime) -> tuple[RawEvent, ...]:
    rows = connection.execute(select(RECORDING).where(RECORDING.c.call == kept.id, RECORDING.c.filed_at == moment))
    recordings = tuple(_recording(row) for row in rows)
    if kept.filed_at is None:
        return (call_event(host, replace(kept.call, recordings=recordings)),)
    return tuple(recording_event(host, kept.call, one) for one in recordings)


def _tell_one(host: Host, id: int, now: datetime) -> None:
    with host.tables.begin() as connection:
        row = connection.execute(select(CALL).where(CALL.c.id == id)).first()
        if row is None or host.account(row.account_id) is None:
            return
        kept = _kept(connection, row)
        _file(connection, kept, now)
        events = _untold(connection, host, id)
    tell(host, Noted(kept, events, now))


def _untold(connection: TableConnection, host: Host, id: int) -> tuple[RawEvent, ...]:
    """All that was settled for the inbox and that it may not know."""
    row = connection.execute(select(CALL).where(CALL.c.id == id)).one()
    if row.filed_at is None:
        return ()
    is_filed = and_(RECORDING.c.call == id, RECORDING.c.filed_at.is_not(None), RECORDING.c.deleted_at.is_(None))
    filed = list(connection.execute(select(RECORDING).where(is_filed)))
    own = tuple(_recording(one) for one in filed if one.filed_at == row.filed_at)
    call = call_of(row, own)
    whole = () if row.told_at else (call_event(host, call),)
    late = (one for one in filed if one.filed_at != row.filed_at and one.told_at is None)
    return (*whole, *(recording_event(host, call, _recording(one)) for one in late))


def _mark_told(host: Host, noted: Noted) -> None:
    """What was settled after `noted.at` is told by whoever settled it."""
    id, until, now = noted.kept.id, noted.at + timedelta(seconds=1), host.now()
    with host.tables.begin() as connection:
        call = and_(CALL.c.id == id, CALL.c.filed_at <= until, CALL.c.told_at.is_(None))
        connection.execute(update(CALL).where(call).values(told_at=now))
        recordings = and_(RECORDING.c.call == id, RECORDING.c.filed_at <= until, RECORDING.c.told_at.is_(None))
        connection.execute(update(RECORDING).where(recordings).values(told_at=now))
