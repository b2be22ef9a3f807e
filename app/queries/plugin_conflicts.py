"""What the database knows of plugins in each other's way."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from app.models import AccountAddress, ChannelAccount, PluginConflict

__all__ = ["ConflictFacts", "SharedAddress", "seen_conflicts", "shared_addresses"]


@dataclass(frozen=True, slots=True)
class ConflictFacts:
    """`first` changed `field` of a value that `hook` filters, and `second` changed it again, `times` so far."""

    hook: str
    field: str
    first: str
    second: str
    times: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SharedAddress:
    """An address that several accounts claim as their own; `accounts` and `plugins` by name."""

    address: str
    accounts: tuple[str, ...]
    plugins: tuple[str, ...]


def seen_conflicts(session: Session | scoped_session) -> tuple[ConflictFacts, ...]:
    """Those that happened, the last one first. One query."""
    columns = [getattr(PluginConflict, name) for name in ConflictFacts.__dataclass_fields__]
    rows = session.execute(select(*columns).order_by(PluginConflict.seen_at.desc(), PluginConflict.hook).limit(200))
    return tuple(ConflictFacts(*row) for row in rows)


def shared_addresses(session: Session | scoped_session) -> tuple[SharedAddress, ...]:
    """Accounts that are written to at the same address, their own or an alias. One query."""
    address = AccountAddress.address
    twice = select(address).group_by(address).having(func.count() > 1)
    named = select(address, ChannelAccount.name, ChannelAccount.plugin).join_from(AccountAddress, ChannelAccount)
    rows = session.execute(named.where(address.in_(twice)).order_by(address, ChannelAccount.id)).all()
    found: dict[str, list[tuple[str, str]]] = {}
    for one, name, plugin in rows:
        found.setdefault(one, []).append((name, plugin))
    return tuple(
        SharedAddress(one, tuple(name for name, _ in claims), tuple(dict.fromkeys(plugin for _, plugin in claims)))
        for one, claims in found.items()
    )
