"""Addresses that accounts call their own: the one place that keeps them. What they mean is `app.domain.addresses.OwnAddresses`.

Kept in the table `account_address`, written whenever the settings of an account are, so that one statement answers for all channels.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from app.domain.addresses import OwnAddresses
from app.models import AccountAddress
from app.plugin_api.channel import Channel
from app.plugin_api.messages import InboundMessage
from app.services.core import Unit

__all__ = ["addressed", "claimed_addresses", "own_addresses", "put_addresses"]

_LONGEST, _MOST = 320, 1_000
_own = AccountAddress.__table__
_ALL = select(_own.c.account_id, _own.c.address).order_by(_own.c.account_id, _own.c.address)
_FORGET = delete(_own).where(_own.c.account_id == bindparam("of_account"))
_INSERT = insert(_own)


def own_addresses(connection: Connection) -> OwnAddresses:
    """Those of all accounts. One statement."""
    return OwnAddresses(tuple((row.account_id, row.address) for row in connection.execute(_ALL)))


def addressed(message: InboundMessage) -> tuple[str, ...]:
    """Every address a message was for, as it is written there and as the servers on its way noted it, each once."""
    written = (person.value.lower() for person in (*message.to, *message.cc))
    return tuple(dict.fromkeys((*written, *map(str.lower, message.delivered_to))))


def claimed_addresses(channel: Channel, settings: Mapping[str, Any]) -> Sequence[str]:
    """What an account with these settings is written to, as it is kept: in small letters, each once. Asks the channel."""
    named = (channel.account_address(settings), *channel.account_addresses(settings))
    addresses = (address.strip().lower()[:_LONGEST] for address in named)
    return tuple(dict.fromkeys(filter(None, addresses)))[:_MOST]


def put_addresses(unit: Unit, account_id: int, addresses: Sequence[str]) -> None:
    """Keep these of an account, and no others."""
    unit.connection.execute(_FORGET, {"of_account": account_id})
    if addresses:
        unit.connection.execute(_INSERT, [{"account_id": account_id, "address": address} for address in addresses])
