"""The read side: who waits, who talks, and what calls there were, as rows shaped for pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from plugins.voip.call_messages import duration
from plugins.voip.calls import CallState, Direction, Outcome
from plugins.voip.line import line_of
from plugins.voip.numbers import shown
from plugins.voip.record import call_of, recordings_of
from plugins.voip.tables import CALL, RECORDING
from tidings import Host, TableConnection

__all__ = [
    "CallRow",
    "LogQuery",
    "LogPage",
    "Sound",
    "calls_of",
    "live_calls",
    "log_page",
    "missed_since",
    "waiting_count",
]

ALIVE = (CallState.RINGING, CallState.WAITING, CallState.ANSWERED, CallState.VOICEMAIL)
FORGOTTEN = timedelta(hours=6)
"""A call without news for so long is over, whatever was told of it."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording that can be played: `path` is a page of the plugin."""

    path: str
    kind: str
    duration: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call on a page. `outcome` is empty while it goes on; `number` is written for people; `conversation` a number, or None."""

    id: int
    direction: str
    state: str
    outcome: str
    name: str
    number: str
    e164: str
    line: str
    queue: str
    agent: str
    choice: str
    started_at: datetime
    waited: str
    talked: str
    cost: str
    conversation: int | None
    is_alarming: bool
    sounds: tuple[Sound, ...] = ()


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What the log shows: an outcome, a direction, digits of a number; empty for all. `before`: the row below which the page begins."""

    outcome: str = ""
    direction: str = ""
    digits: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Rows, newest first; `older` is the `before` of the next page, None on the last."""

    rows: tuple[CallRow, ...]
    older: int | None


def live_calls(host: Host) -> list[CallRow]:
    """Calls that go on, the one that began first on top."""
    now = host.now()
    with host.tables.connect() as connection:
        alive = select(CALL).where(CALL.c.state.in_(ALIVE), CALL.c.changed_at > now - FORGOTTEN)
        return [
            _row(host, connection, row, now) for row in connection.execute(alive.order_by(CALL.c.started_at, CALL.c.id))
        ]


def waiting_count(host: Host) -> int:
    """How many callers wait to be answered, one quick query."""
    waits = (CALL.c.state.in_((CallState.RINGING, CallState.WAITING)), CALL.c.changed_at > host.now() - FORGOTTEN)
    with host.tables.connect() as connection:
        waiting = select(func.count()).select_from(CALL).where(*waits, CALL.c.direction == Direction.INBOUND)
        return int(connection.scalar(waiting))


def log_page(host: Host, query: LogQuery) -> LogPage:
    """One page of the log."""
    now = host.now()
    with host.tables.connect() as connection:
        found = select(CALL).where(CALL.c.state.not_in(ALIVE), *_conditions(query)).order_by(CALL.c.id.desc())
        rows = list(connection.execute(found.limit(PAGE + 1)))
        shown_rows = tuple(_row(host, connection, row, now) for row in rows[:PAGE])
    return LogPage(shown_rows, rows[PAGE - 1].id if len(rows) > PAGE else None)


def calls_of(host: Host, numbers: Sequence[str], limit: int = 10) -> list[CallRow]:
    """The last calls from and to these numbers (E.164), newest first."""
    now = host.now()
    with host.tables.connect() as connection:
        found = select(CALL).where(CALL.c.their_number.in_(list(numbers))).order_by(CALL.c.id.desc()).limit(limit)
        return [_row(host, connection, row, now) for row in connection.execute(found)] if numbers else []


def missed_since(host: Host, since: datetime) -> int:
    """Calls nobody took, since then."""
    with host.tables.connect() as connection:
        missed = (CALL.c.state == CallState.MISSED, CALL.c.direction == Direction.INBOUND, CALL.c.started_at >= since)
        return int(connection.scalar(select(func.count()).select_from(CALL).where(*missed)))


def last_account(host: Host, number: str) -> int | None:
    """Over which account we last spoke with a number, or None."""
    with host.tables.connect() as connection:
        last = select(CALL.c.account_id).where(CALL.c.their_number == number).order_by(CALL.c.id.desc()).limit(1)
        found = connection.scalar(last)
    return None if found is None else int(found)


def _conditions(query: LogQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.direction:
        conditions.append(CALL.c.direction == query.direction)
    if query.outcome == Outcome.ANSWERED:
        conditions.append(CALL.c.answered_at.is_not(None))
    if query.outcome == Outcome.MISSED:
        conditions.append(CALL.c.state == CallState.MISSED)
    if query.outcome == Outcome.VOICEMAIL:
        conditions += [CALL.c.state == CallState.ENDED, CALL.c.answered_at.is_(None)]
    if query.digits:
        conditions.append(CALL.c.their_number.contains(query.digits, autoescape=True))
    if query.before is not None:
        conditions.append(CALL.c.id < query.before)
    return conditions


def _row(host: Host, connection: TableConnection, row: Row[Any], now: datetime) -> CallRow:
    call = call_of(row, recordings_of(connection, row.id))
    account = host.account(row.account_id)
    alarm_s = line_of(account).alarm_s if account else 0
    waits = call.state is CallState.WAITING and call.direction is Direction.INBOUND
    waited = call.waited(now)
    return CallRow(
        id=row.id,
        direction=call.direction,
        state=call.state,
        outcome=call.outcome or "",
        name=call.their_name,
        number=shown(call.their_number) if call.their_number else "",
        e164=call.their_number,
        line=account.name if account else "",
        queue=call.queue,
        agent=call.agent_name,
        choice=call.menu_choice,
        started_at=call.started_at,
        waited=duration(int(waited.total_seconds())),
        talked=duration(_talk_s(call.answered_at, call.ended_at, now)),
        cost=_cost(call.cost, call.currency),
        conversation=row.conversation,
        is_alarming=waits and alarm_s > 0 and waited >= timedelta(seconds=alarm_s),
        sounds=_sounds(connection, row.id),
    )


def _talk_s(answered_at: datetime | None, ended_at: datetime | None, now: datetime) -> int:
    return int(((ended_at or now) - answered_at).total_seconds()) if answered_at else 0


def _sounds(connection: TableConnection, call: int) -> tuple[Sound, ...]:
    kept = (RECORDING.c.call == call, RECORDING.c.deleted_at.is_(None), RECORDING.c.file != "")
    rows = connection.execute(select(RECORDING).where(*kept).order_by(RECORDING.c.id))
    return tuple(Sound(f"/recordings/{row.id}", row.kind, duration(row.duration_s)) for row in rows)


def _cost(cost: Decimal | None, currency: str) -> str:
    return "" if cost is None else f"{cost.normalize():f} {currency}".strip()
