"""The journal of intake: raw events are stored as they came, in one short transaction, before anything reads them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.sql.dml import ReturningInsert

from app.errors import NotFound
from app.files import digest_of
from app.models import ChannelAccount, EventState, InboundEvent
from app.plugin_api.channel import Capability
from app.plugin_api.messages import AccountEvent, RawEvent
from app.services.core import Core, Unit, writing
from app.services.counting import count_left_alone, insert_for
from app.services.together import lasting
from app.services.value_check import LONGEST_ADDRESS, as_text, short_key

__all__ = [
    "LONGEST_WAIT",
    "Beside",
    "due_events",
    "journal_key",
    "leave_to_worker",
    "note_left_alone",
    "postpone",
    "put_files",
    "record_events",
    "record_for_accounts",
    "stored_key",
]

LONGEST_WAIT = timedelta(days=1)
"""So long an event waits for what it needs: for what it is about, or for its channel to complete it."""

Beside = Callable[[Connection], None]
"""What is written in the same transaction as events."""

_LOOK = ("look", 0, 0.0)
_HEAD_START = timedelta(seconds=5)
_FEW_BYTES = 64 * 1024
_EVENT, _ACCOUNT = InboundEvent.__table__, ChannelAccount.__table__
_NOTE_ARRIVAL = update(_ACCOUNT).where(_ACCOUNT.c.id == bindparam("of")).returning(_ACCOUNT.c.plugin)


def record_events(
    core: Core,
    account_id: int,
    events: Sequence[RawEvent],
    *,
    cursor: Mapping[str, object] | None = None,
    progress: str | None = None,
    is_processed_here: bool = False,
    plugin: str | None = None,
    beside: Beside | None = None,
) -> list[int]:
    """Store events and, with them, how far reading has come. Returns the ids of the events that were new, in order.

    An event whose source key is already in the journal is not stored again. `is_processed_here`: the caller processes them at once,
    so the worker is not woken and its sweep leaves them alone for some seconds. `beside` writes more in the same transaction, unless
    no event is new. Raises `NotFound` when the account is gone, or is not one of `plugin` where that is given.
    """
    rows = [_row(core, event) for event in events]
    with writing(core) as unit:
        account = unit.session.get(ChannelAccount, account_id)
        if account is None or plugin not in (None, account.plugin):
            raise NotFound("This account does not exist any more.")
        is_complete = _is_complete(core, account.plugin)
        not_before = unit.now + _HEAD_START if is_processed_here and is_complete else None
        fresh = _store(unit, account, rows, is_complete=is_complete, next_attempt_at=not_before)
        if fresh and beside is not None:
            beside(unit.connection)
        if cursor is not None:
            account.cursor = dict(cursor)
        if progress is not None:
            account.progress = progress[:200]
        if not is_processed_here:
            _wake_for(unit, fresh, is_complete)
    return fresh


def leave_to_worker(
    core: Core, account_id: int, event: RawEvent, *, plugin: str | None = None, beside: Beside | None = None
) -> int | None:
    """Store one event that the worker processes, together with those of other requests, and let it look once for all of them. Returns
    its id; None when it was there. A short payload waits in the journal itself, so that whoever waits for the answer does not wait for
    its file. `plugin` and `beside` as of `record_events`. Raises `NotFound`."""
    row = _row(core, event, may_wait=True) | {"account_id": account_id, "next_attempt_at": None}

    def write(unit: Unit) -> int | None:
        owner = unit.connection.execute(_NOTE_ARRIVAL, {"of": account_id, "received_at": unit.now}).scalar_one_or_none()
        if owner is None or plugin not in (None, owner):
            raise NotFound("This account does not exist any more.")
        is_complete = _is_complete(core, owner)
        values = {**row, "received_at": unit.now, "is_complete": is_complete}
        fresh = unit.connection.execute(_insertion(unit.connection.dialect.name), values).scalar_one_or_none()
        if fresh is None:
            return None
        if beside is not None:
            beside(unit.connection)
        if not is_complete:
            _wake_for(unit, [fresh], is_complete)
        elif _LOOK not in unit.wakes:
            unit.wake(*_LOOK)
        return fresh

    return lasting.write(core, write)


def record_for_accounts(core: Core, events: Sequence[AccountEvent]) -> list[int]:
    """Store events of several accounts, all in one transaction. Returns the ids of those that were new; the worker processes them.

    Those of accounts that are gone meanwhile are left out.
    """
    rows = [(one.account_id, _row(core, one.event)) for one in events]
    fresh: list[int] = []
    with writing(core) as unit:
        for account_id in sorted({one.account_id for one in events}):
            account = unit.session.get(ChannelAccount, account_id)
            if account is None:
                continue
            own = [row for whose, row in rows if whose == account_id]
            is_complete = _is_complete(core, account.plugin)
            new = _store(unit, account, own, is_complete=is_complete, next_attempt_at=None)
            _wake_for(unit, new, is_complete)
            fresh += new
    return fresh


def note_left_alone(core: Core, account_id: int) -> None:
    """Count a request that brought nothing for the inbox and that its channel knows. Nothing of it is kept."""
    with writing(core) as unit:
        count_left_alone(unit.counts, account_id)


def due_events(core: Core, limit: int = 100) -> list[int]:
    """Ids of events that still wait to be processed and may be tried now, oldest first; not of those that are completed first."""
    now = core.clock.now()
    statement = (
        select(InboundEvent.id)
        .where(
            InboundEvent.state == EventState.RECEIVED,
            InboundEvent.is_complete.is_(True),
            (InboundEvent.next_attempt_at.is_(None)) | (InboundEvent.next_attempt_at <= now),
        )
        .order_by(InboundEvent.id)
        .limit(limit)
    )
    found = list(core.session.execute(statement).scalars())
    core.session.rollback()
    return found


def put_files(core: Core, event: RawEvent) -> dict[str, str]:
    """Store the further bytes of an event and give their digests by the channel's names for them."""
    return {name: core.files.put(data) for name, data in event.files.items()}


def _row(core: Core, event: RawEvent, *, may_wait: bool = False) -> dict[str, Any]:
    """What the journal keeps of an event. Its bytes are put into the file storage; those that are few `may_wait` for it in the row."""
    waits = may_wait and len(event.payload) <= _FEW_BYTES
    return {
        "source_key": stored_key(event),
        "content_type": as_text(event.content_type, "content_type")[:120],
        "payload_sha256": digest_of(event.payload) if waits else core.files.put(event.payload),
        "payload": event.payload if waits else None,
        "size": len(event.payload),
        "meta": dict(event.meta),
        "files": put_files(core, event),
        "state": EventState.RECEIVED,
        "attempts": 0,
        "reason": "",
    }


def _is_complete(core: Core, plugin: str) -> bool:
    """Whether what arrives on an account of this plugin can be read at once. Where it is missing it cannot be read either way."""
    channel = core.plugins.channels.get(plugin)
    return channel is None or Capability.COMPLETE not in channel.capabilities


def _store(unit: Unit, account: ChannelAccount, rows: Sequence[Mapping[str, Any]], **alike: Any) -> list[int]:
    """Write events; the ids of those that were new, in order. `alike`: the columns is_complete and next_attempt_at."""
    statement = _insertion(unit.connection.dialect.name)
    alike |= {"account_id": account.id, "received_at": unit.now}
    found = [unit.connection.execute(statement, {**row, **alike}).scalar_one_or_none() for row in rows]
    fresh = [identifier for identifier in found if identifier is not None]
    if fresh:
        account.received_at = unit.now
    return fresh


def _wake_for(unit: Unit, event_ids: Sequence[int], is_complete: bool) -> None:
    for identifier in event_ids:
        unit.wake("process" if is_complete else "complete", identifier)


def stored_key(event: RawEvent) -> str | None:
    """The provider's place of an event as the journal keeps it; None when it has none."""
    return journal_key(event.source_key) if event.source_key else None


def journal_key(source_key: str) -> str:
    """A provider's place as the journal keeps it: without what no database holds, and different places stay different."""
    key = as_text(source_key, "source_key")
    if key != source_key:
        key += "~" + hashlib.sha256(source_key.encode("utf-8", "surrogatepass")).hexdigest()
    return short_key(key, LONGEST_ADDRESS)


@cache
def _insertion(dialect: str) -> ReturningInsert:
    statement = insert_for(dialect)(_EVENT).on_conflict_do_nothing(index_elements=["account_id", "source_key"])
    return statement.returning(_EVENT.c.id)


def postpone(core: Core, event_id: int, until: datetime, reason: str) -> None:
    """Try an event again later, because something of ours (not of the event) was in the way."""
    with writing(core) as unit:
        unit.session.execute(
            update(InboundEvent)
            .where(InboundEvent.id == event_id)
            .values(next_attempt_at=until, attempts=InboundEvent.attempts + 1, reason=reason[:1000])
        )
