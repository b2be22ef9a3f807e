"""The journal of intake: raw events are stored as they came, in one short transaction, before anything reads them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import select, update
from sqlalchemy.sql.dml import ReturningInsert

from app.errors import NotFound
from app.models import ChannelAccount, EventState, InboundEvent
from app.plugin_api.messages import AccountEvent, RawEvent
from app.services.core import Core, Unit, writing
from app.services.counting import count_left_alone, insert_for
from app.services.inbound_check import LONGEST_ADDRESS, short_key

__all__ = ["due_events", "note_left_alone", "postpone", "record_events", "record_for_accounts", "stored_key"]

_HEAD_START = timedelta(seconds=5)
_EVENT = InboundEvent.__table__


def record_events(
    core: Core,
    account_id: int,
    events: Sequence[RawEvent],
    *,
    cursor: Mapping[str, object] | None = None,
    progress: str | None = None,
    is_processed_here: bool = False,
) -> list[int]:
    """Store events and, with them, how far reading has come. Returns the ids of the events that were new, in order.

    An event whose source key is already in the journal is not stored again. `is_processed_here`: the caller processes them at once,
    so the worker is not woken and its sweep leaves them alone for some seconds. Raises `NotFound` when the account is gone.
    """
    digests = [core.files.put(event.payload) for event in events]
    with writing(core) as unit:
        account = unit.session.get(ChannelAccount, account_id)
        if account is None:
            raise NotFound("This account does not exist any more.")
        not_before = unit.now + _HEAD_START if is_processed_here else None
        fresh = _store(unit, account, events, digests, not_before)
        if cursor is not None:
            account.cursor = dict(cursor)
        if progress is not None:
            account.progress = progress[:200]
        if not is_processed_here:
            for identifier in fresh:
                unit.wake("process", identifier)
    return fresh


def record_for_accounts(core: Core, events: Sequence[AccountEvent]) -> list[int]:
    """Store events of several accounts, all in one transaction. Returns the ids of those that were new; the worker processes them.

    Those of accounts that are gone meanwhile are left out.
    """
    digests = [core.files.put(one.event.payload) for one in events]
    fresh: list[int] = []
    with writing(core) as unit:
        for account_id in sorted({one.account_id for one in events}):
            account = unit.session.get(ChannelAccount, account_id)
            if account is None:
                continue
            own = [
                (one.event, sha256) for one, sha256 in zip(events, digests, strict=True) if one.account_id == account_id
            ]
            fresh += _store(unit, account, [event for event, _ in own], [sha256 for _, sha256 in own], None)
        for identifier in fresh:
            unit.wake("process", identifier)
    return fresh


def note_left_alone(core: Core, account_id: int) -> None:
    """Count a request that brought nothing for the inbox and that its channel knows. Nothing of it is kept."""
    with writing(core) as unit:
        count_left_alone(unit.counts, account_id)


def due_events(core: Core, limit: int = 100) -> list[int]:
    """Ids of events that still wait to be processed and may be tried now, oldest first."""
    now = core.clock.now()
    statement = (
        select(InboundEvent.id)
        .where(
            InboundEvent.state == EventState.RECEIVED,
            (InboundEvent.next_attempt_at.is_(None)) | (InboundEvent.next_attempt_at <= now),
        )
        .order_by(InboundEvent.id)
        .limit(limit)
    )
    found = list(core.session.execute(statement).scalars())
    core.session.rollback()
    return found


def _store(
    unit: Unit,
    account: ChannelAccount,
    events: Sequence[RawEvent],
    digests: Sequence[str],
    not_before: datetime | None,
) -> list[int]:
    """The ids of the events that were new, in order; `digests` name their bytes in the file storage."""
    fresh = [
        identifier
        for event, sha256 in zip(events, digests, strict=True)
        if (identifier := _insert(unit, account.id, event, sha256, not_before)) is not None
    ]
    if fresh:
        account.received_at = unit.now
    return fresh


def _insert(unit: Unit, account_id: int, event: RawEvent, sha256: str, not_before: datetime | None) -> int | None:
    values = {
        "account_id": account_id,
        "source_key": stored_key(event),
        "content_type": event.content_type[:120],
        "payload_sha256": sha256,
        "size": len(event.payload),
        "meta": dict(event.meta),
        "received_at": unit.now,
        "state": EventState.RECEIVED,
        "attempts": 0,
        "next_attempt_at": not_before,
        "reason": "",
    }
    statement = _insertion(unit.connection.dialect.name)
    return unit.connection.execute(statement, values).scalar_one_or_none()


def stored_key(event: RawEvent) -> str | None:
    """The provider's place of an event as the journal keeps it."""
    return short_key(event.source_key, LONGEST_ADDRESS) if event.source_key else None


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
