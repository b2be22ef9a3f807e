"""Many mailboxes of a Workspace domain at once: the list an admin gave is worked off in the background, since each mailbox is tried."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, delete, insert, select, update

from tidings import ChannelError, Host
from tidings.tables import BigId

__all__ = ["Outcome", "addresses_in", "connect_waiting", "outcomes", "wish_for"]

WISHES = Table(
    "plugin_gmail_wish",
    MetaData(),
    Column("id", BigId, primary_key=True),
    Column("address", String(320)),
    Column("is_done", Boolean),
    Column("account_id", Integer),
    Column("problem", String(1000)),
)
_SEPARATORS = re.compile(r"[\s,;]+")
_ADDRESS = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,200}\.[^@\s<>\"]{1,50}")
_LONGEST = 320


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mailbox: waiting, connected as `account_id`, or not, for the reason in `problem`."""

    address: str
    is_waiting: bool
    account_id: int | None
    problem: str


def addresses_in(text: str) -> list[str]:
    """What was typed or pasted, each once; it need not be an address."""
    return list(dict.fromkeys(filter(None, _SEPARATORS.split(text.strip().lower()))))


def wish_for(host: Host, addresses: Sequence[str]) -> None:
    """Have these mailboxes connected; what became of an earlier list is forgotten, what waits of it goes on waiting."""
    with host.tables.begin() as connection:
        connection.execute(delete(WISHES).where(WISHES.c.is_done))
        waiting = set(connection.scalars(select(WISHES.c.address)))
        rows = [
            {"address": one[:_LONGEST], "is_done": False, "account_id": None, "problem": ""}
            for one in addresses
            if one not in waiting
        ]
        if rows:
            connection.execute(insert(WISHES), rows)


def outcomes(host: Host) -> list[Outcome]:
    """What became of the last list, in its order."""
    with host.tables.connect() as connection:
        rows = connection.execute(select(WISHES).order_by(WISHES.c.id)).all()
    return [Outcome(row.address, not row.is_done, row.account_id, row.problem) for row in rows]


def connect_waiting(host: Host, connect: Callable[[str], int]) -> None:
    """Work off the list. `connect` gives the id of the account; what it raises is kept beside the address."""
    for one in outcomes(host):
        if one.is_waiting:
            account_id, problem = _connected(host, one.address, connect)
            values = {"is_done": True, "account_id": account_id, "problem": problem[:1000]}
            with host.tables.begin() as connection:
                connection.execute(update(WISHES).where(WISHES.c.address == one.address).values(values))


def _connected(host: Host, address: str, connect: Callable[[str], int]) -> tuple[int | None, str]:
    if not _ADDRESS.fullmatch(address):
        return None, host.gettext("This is not an e-mail address.")
    try:
        return connect(address), ""
    except ChannelError as error:
        return None, str(error)
