"""Counters, kept in the transaction that changes what they count. `app.queries.counters` reads them.

Verbs tally their steps in `Unit.counts`; `writing` adds them up and writes them as the last thing before the commit, in the order of
their names. So the rows everybody needs are locked shortly, and no two transactions can wait for each other.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from app.domain.hourly_counts import ARRIVALS, hourly_counter
from app.models import Conversation, Counter, Status

__all__ = [
    "Tally",
    "add_counts",
    "count_arrival",
    "count_left_alone",
    "count_move",
    "count_tag",
    "counters_of",
    "insert_for",
    "left_alone_counter",
    "next_number",
    "state_counters",
    "upsert",
]

_COUNTER = Counter.__table__
_NEWS = timedelta(days=2)


def counters_of(status: str, assignee_id: int | None, account_id: int, team_id: int | None) -> frozenset[str]:
    """The names of all counters in which a conversation of this state stands."""
    names = {f"status:{status}"}
    if status == Status.OPEN:
        names.add(f"open:agent:{assignee_id}" if assignee_id else "open:unassigned")
        names.add(f"open:account:{account_id}")
        if team_id:
            names.add(f"open:team:{team_id}")
    return frozenset(names)


def state_counters(conversation: Conversation) -> frozenset[str]:
    """The counters of a loaded conversation as it is now."""
    return counters_of(conversation.status, conversation.assignee_id, conversation.account_id, conversation.team_id)


def count_move(counts: Tally[str], before: Iterable[str], after: Iterable[str]) -> None:
    """Move one conversation from the counters it stood in to those it stands in now."""
    counts.update(after)
    counts.subtract(before)


def count_tag(counts: Tally[str], tag_id: int, by: int) -> None:
    """Count a conversation under a tag, or no longer."""
    counts[f"tag:{tag_id}"] += by


def count_arrival(counts: Tally[str], account_id: int, now: datetime, sent_at: datetime) -> None:
    """Count one message that arrived today, over all and on its account; by the hour, too, unless it is an old one."""
    counts.update((f"arrived:{now:%Y-%m-%d}", f"received:account:{account_id}"))
    if now - sent_at < _NEWS:
        counts[hourly_counter(ARRIVALS, now, account_id)] += 1


def count_left_alone(counts: Tally[str], account_id: int) -> None:
    """Count one request of an account's provider that its channel knows and does nothing with."""
    counts[left_alone_counter(account_id)] += 1


def left_alone_counter(account_id: int) -> str:
    """The name of the counter of such requests."""
    return f"left_alone:account:{account_id}"


def add_counts(connection: Connection, counts: Tally[str]) -> None:
    """Write what was tallied."""
    rows = [{"name": name, "value": counts[name]} for name in sorted(counts) if counts[name]]
    if rows:
        connection.execute(_addition(connection.dialect.name), rows)


def next_number(connection: Connection) -> int:
    """The next human number of a conversation."""
    return connection.execute(_next_number(connection.dialect.name)).scalar_one()


def upsert(connection: Connection) -> type[sqlite.Insert] | type[postgresql.Insert]:
    """The database's own INSERT that knows ON CONFLICT."""
    return insert_for(connection.dialect.name)


def insert_for(dialect: str) -> type[sqlite.Insert] | type[postgresql.Insert]:
    """The INSERT of a database by the name of its dialect, for statements that are prepared once for each."""
    return sqlite.Insert if dialect == "sqlite" else postgresql.Insert


@cache
def _addition(dialect: str) -> Insert:
    statement = insert_for(dialect)(_COUNTER)
    sum_of_both = _COUNTER.c.value + statement.excluded.value
    return statement.on_conflict_do_update(index_elements=["name"], set_={"value": sum_of_both})


@cache
def _next_number(dialect: str) -> ReturningInsert:
    statement = insert_for(dialect)(_COUNTER).values(name="conversation:number", value=1)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": _COUNTER.c.value + 1})
    return statement.returning(_COUNTER.c.value)
