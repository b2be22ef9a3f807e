"""Wishes that an account be fetched before its turn, counted where every process sees them. One that is overlooked costs no more than the
time until the next poll."""

from sqlalchemy import select

from app.models import Counter
from app.services.core import Core, writing

__all__ = ["fetch_wishes", "wish_for_fetch"]

_PREFIX = "fetch_wish:"


def wish_for_fetch(core: Core, account_id: int) -> None:
    """Let whoever polls the account look again soon."""
    with writing(core) as unit:
        unit.counts[f"{_PREFIX}{account_id}"] += 1


def fetch_wishes(core: Core) -> dict[int, int]:
    """How often each account was wished for, ever: only that a number has grown means something."""
    statement = select(Counter.name, Counter.value).where(Counter.name.startswith(_PREFIX))
    found = {int(name.removeprefix(_PREFIX)): value for name, value in core.session.execute(statement)}
    core.session.rollback()
    return found
