"""What arrived on accounts, hour by hour, and in which hours somebody was listening."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.domain.hourly_counts import ARRIVALS, WATCHED, hour_and_account, hour_text
from app.models import Counter

__all__ = ["Arrivals", "arrivals_by_account"]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """By hour (its beginning, aware UTC): how many messages came; and the hours in which the account was listened to."""

    arrived: Mapping[datetime, int] = field(default_factory=dict)
    watched: frozenset[datetime] = frozenset()


def arrivals_by_account(
    session: Session | scoped_session, since: datetime, account_id: int | None = None
) -> Mapping[int, Arrivals]:
    """All accounts, or one, since a moment. Two queries."""
    arrived: defaultdict[int, dict[datetime, int]] = defaultdict(dict)
    watched: defaultdict[int, set[datetime]] = defaultdict(set)
    for hour, one, count in _read(session, ARRIVALS, since, account_id):
        arrived[one][hour] = count
    for hour, one, _ in _read(session, WATCHED, since, account_id):
        watched[one].add(hour)
    return {one: Arrivals(arrived[one], frozenset(watched[one])) for one in arrived.keys() | watched.keys()}


def _read(
    session: Session | scoped_session, what: str, since: datetime, account_id: int | None
) -> Iterator[tuple[datetime, int, int]]:
    of_whom = "%" if account_id is None else f"%:{account_id}"
    statement = select(Counter.name, Counter.value).where(
        Counter.name >= f"{what}:{hour_text(since)}", Counter.name.like(f"{what}:{of_whom}")
    )
    for name, count in session.execute(statement):
        yield *hour_and_account(name), count
