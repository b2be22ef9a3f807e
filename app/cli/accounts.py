"""Naming an account on the command line."""

from sqlalchemy import select

from app.errors import InvalidInput
from app.models import ChannelAccount
from app.services.core import Core

__all__ = ["account_called"]


def account_called(core: Core, wanted: str) -> int:
    """The id of the one account with this name, address or number. Raises `InvalidInput`, which names all accounts."""
    rows = core.session.execute(select(ChannelAccount.id, ChannelAccount.name, ChannelAccount.address)).all()
    core.session.rollback()
    found = [i for i, name, address in rows if wanted.lower() in (name.lower(), address.lower(), str(i))]
    if len(found) != 1:
        names = ", ".join(sorted(name for _, name, _ in rows)) or "none"
        raise InvalidInput(f"There is no single account called {wanted!r}. Accounts: {names}.")
    return found[0]
