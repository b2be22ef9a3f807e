"""The From of a message as pages offer it: an account ("7"), or one of its further addresses ("7:sales@example.com")."""

from collections.abc import Sequence

from app.domain.addresses import CATCH_ALL
from app.plugin_api.channel import Capability
from app.queries.accounts import AccountFacts, addresses_of
from app.services.channel_limits import can_begin, carried_fields
from app.services.core import Core
from app.web.marks import Directory

__all__ = ["account_chosen", "addresses_to_send_from", "first_senders", "sender_chosen", "shown_sender"]


def first_senders(core: Core, known: Directory) -> tuple[list[tuple[str, str]], set[str]]:
    """From whom a first message can be, as (value, name), and the fields that at least one of the accounts can send."""
    found: list[tuple[str, str]] = []
    carried: set[str] = set()
    for account in known.accounts.values():
        channel = core.plugins.channels.get(account.plugin)
        if channel is not None and can_begin(channel.capabilities) and not account.is_paused:
            addresses = addresses_to_send_from(core, account)
            found += [shown_sender(account, address, addresses[0]) for address in addresses]
            carried |= carried_fields(channel.capabilities)
    return found, carried


def addresses_to_send_from(core: Core, account: AccountFacts, usual: str = "") -> Sequence[str]:
    """The account's own address and its named aliases; `usual`, which comes first, may be one that only a catch-all gets."""
    channel = core.plugins.channels.get(account.plugin)
    if channel is None or Capability.ALIASES not in channel.capabilities:
        return (account.address,)
    claims = (address for _, address in addresses_of([account]).claims)
    aliases = (address for address in claims if not address.startswith(CATCH_ALL))
    return tuple(dict.fromkeys(filter(None, (usual.lower(), account.address.lower(), *aliases)))) or ("",)


def shown_sender(account: AccountFacts, address: str, usual: str) -> tuple[str, str]:
    """Value and name of a choice. `usual` is the address that the account's id alone stands for."""
    is_own = address.lower() == account.address.lower()
    name = f"{account.name} ({account.address if is_own else address})" if address else account.name
    return (str(account.id) if address == usual else f"{account.id}:{address}"), name


def account_chosen(value: str) -> int | None:
    """The account's id; None when none was chosen."""
    number = value.partition(":")[0]
    return int(number) if number.isdecimal() and len(number) < 16 else None


def sender_chosen(value: str) -> str:
    """The further address; empty where none was chosen."""
    return value.partition(":")[2].strip()
