"""How accounts compared with what their providers hold, for the pages and the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, scoped_session

from app.models import ChannelAccount, Reconciliation

__all__ = ["ComparedFacts", "compared_accounts", "compared_facts"]


@dataclass(frozen=True, slots=True)
class ComparedFacts:
    """The last comparison of an account, as `app.models.Reconciliation` keeps it. `has_begun`: something was read from the account, so that
    it can be compared; `leased_until` lies in the future while a comparison is under way."""

    account_id: int
    has_begun: bool
    wanted_at: datetime | None = None
    leased_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    on_server: int = 0
    here: int = 0
    undelivered: int = 0
    gone: int = 0
    missing: int = 0
    repaired: int = 0
    looked_at: int = 0
    to_fetch: int = 0
    fetched: int = 0
    problem: str = ""
    places: tuple[Mapping[str, Any], ...] = ()
    gaps: tuple[Mapping[str, Any], ...] = ()

    def is_running(self, now: datetime) -> bool:
        return self.leased_until is not None and self.leased_until > now


_NAMES = tuple(name for name in ComparedFacts.__dataclass_fields__ if name not in ("account_id", "has_begun"))
_LISTS = ("places", "gaps")
_SHORT = tuple(name for name in _NAMES if name not in _LISTS)


def compared_facts(session: Session | scoped_session, account_id: int) -> ComparedFacts | None:
    """One account with all that was found; None when there is no such account."""
    row = session.execute(_select(_NAMES).where(ChannelAccount.id == account_id)).first()
    return _facts(row) if row else None


def compared_accounts(session: Session | scoped_session) -> Mapping[int, ComparedFacts]:
    """All accounts by id, without places and gaps. One query."""
    return {row.id: _facts(row) for row in session.execute(_select(_SHORT))}


def _select(names: tuple[str, ...]) -> Select[Any]:
    columns = (getattr(Reconciliation, name) for name in names)
    return select(ChannelAccount.id, ChannelAccount.cursor, *columns).outerjoin_from(
        ChannelAccount, Reconciliation, Reconciliation.account_id == ChannelAccount.id
    )


def _facts(row: Any) -> ComparedFacts:
    """An account that was never compared has a row of nothing but None."""
    values = {name: value for name, value in row._mapping.items() if name in _NAMES and value is not None}
    values |= {name: tuple(values[name]) for name in _LISTS if name in values}
    return ComparedFacts(account_id=row.id, has_begun=bool(row.cursor), **values)
