"""Which of an account's addresses a message is from."""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from sqlalchemy.orm import Session

from app.domain.addresses import OwnAddresses
from app.domain.return_addresses import may_be_return_address
from app.errors import Conflict
from app.models import ChannelAccount
from app.plugin_api.channel import MAIL, Capability
from app.services.core import Core
from app.services.own_addresses import own_addresses

__all__ = ["answering_address", "sender_address"]

_PLAIN = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^\s@]+", re.ASCII)
"""What any server takes as a sender: strangers write to a catch-all in ways that few do (RFC 5321 §4.1.2, RFC 6531)."""


def sender_address(
    core: Core, session: Session, account: ChannelAccount, recipients: Mapping[str, Any] | None, chosen: str = ""
) -> str:
    """The address that a message through an account is from: the chosen one, else the one that `recipients` of the message it answers
    name. Raises `Conflict` for a chosen one that is not the account's."""
    channel = core.plugins.channels.get(account.plugin)
    if channel is None or Capability.ALIASES not in channel.capabilities or not (recipients or chosen):
        return account.address
    own = own_addresses(session.connection()).of(account.id)
    if chosen and not own.gets(MAIL, chosen):
        raise Conflict("The chosen address does not belong to this account any more.")
    return chosen.strip().lower() or answering_address(own, account.address, recipients)


def answering_address(own: OwnAddresses, main: str, recipients: Mapping[str, Any] | None) -> str:
    """The one of an account's own addresses that somebody wrote to: one that is named there, else what only a catch-all gets, as servers
    noted it or as it was written, unless it is there for what comes back, or hardly a server would take it. `main` when it is none of
    these."""
    written, noted = _values(recipients, "to", "cc"), _values(recipients, "delivered_to")
    named = (one for one in written if own.names(MAIL, one))
    caught = (one for one in (*noted, *written) if _may_send(own, one) and own.spelt(one) != main.lower())
    found = next(chain(named, caught), "")
    return main if not found or own.spelt(found) == main.lower() else own.spelt(found)


def _may_send(own: OwnAddresses, address: str) -> bool:
    return own.gets(MAIL, address) and bool(_PLAIN.fullmatch(address)) and not may_be_return_address(address)


def _values(recipients: Mapping[str, Any] | None, *keys: str) -> list[str]:
    people: Iterable[Mapping[str, str]] = (one for key in keys for one in (recipients or {}).get(key, ()))
    return [one["value"] for one in people]
