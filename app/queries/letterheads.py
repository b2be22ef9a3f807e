"""Letterheads as the pages about them show them."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import ChannelAccount, Letterhead, Team

__all__ = ["LetterheadFacts", "letterheads"]


@dataclass(frozen=True, slots=True)
class LetterheadFacts:
    """A letterhead with the names of what it is for; both empty for everybody."""

    id: int
    name: str
    team_id: int | None
    account_id: int | None
    signature: str = field(repr=False)
    footer: str = field(repr=False)
    colour: str
    logo_sha256: str | None
    logo_type: str
    logo_width: int
    logo_height: int
    team: str
    account: str


_COLUMNS = tuple(name for name in LetterheadFacts.__dataclass_fields__ if name not in ("team", "account"))
_LETTERHEADS = (
    select(*(getattr(Letterhead, name) for name in _COLUMNS), Team.name, ChannelAccount.name)
    .outerjoin(Team, Team.id == Letterhead.team_id)
    .outerjoin(ChannelAccount, ChannelAccount.id == Letterhead.account_id)
    .order_by(Letterhead.name)
)


def letterheads(session: Session | scoped_session) -> tuple[LetterheadFacts, ...]:
    """All of them by name."""
    rows = session.connection().execute(_LETTERHEADS)
    return tuple(LetterheadFacts(*(*kept, team or "", account or "")) for *kept, team, account in rows)
