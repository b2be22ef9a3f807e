"""Reading the counters that `app.services.counting` keeps."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, scoped_session

from app.models import Counter

__all__ = ["counters_like", "read_counters"]

_NAMED = select(Counter.name, Counter.value).where(Counter.name.in_(bindparam("names", expanding=True)))


def read_counters(session: Session | scoped_session, names: Iterable[str]) -> Mapping[str, int]:
    """The values of counters; one that was never counted is 0."""
    names = list(names)
    rows = session.connection().execute(_NAMED, {"names": names})
    return {**dict.fromkeys(names, 0), **{name: value for name, value in rows}}


def counters_like(session: Session | scoped_session, prefix: str) -> Mapping[str, int]:
    """All counters whose names begin with `prefix`, the prefix cut off."""
    statement = select(Counter.name, Counter.value).where(Counter.name >= prefix, Counter.name < prefix + "\uffff")
    return {name.removeprefix(prefix): value for name, value in session.execute(statement)}
