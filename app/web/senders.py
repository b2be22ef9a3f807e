"""The accounts through which a first message can leave."""

from app.services.channel_limits import can_begin, carried_fields
from app.services.core import Core
from app.web.marks import Directory

__all__ = ["first_senders"]


def first_senders(core: Core, known: Directory) -> tuple[list[tuple[str, str]], set[str]]:
    """Accounts through which a first message can leave, as (id, name), and the fields that at least one of them can send."""
    found: list[tuple[str, str]] = []
    carried: set[str] = set()
    for account in known.accounts.values():
        channel = core.plugins.channels.get(account.plugin)
        if channel is not None and can_begin(channel.capabilities) and not account.is_paused:
            name = f"{account.name} ({account.address})" if account.address else account.name
            found.append((str(account.id), name))
            carried |= carried_fields(channel.capabilities)
    return found, carried
