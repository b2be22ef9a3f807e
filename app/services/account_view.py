"""A channel account in the shape channels and plugins get to see."""

from dataclasses import replace

from sqlalchemy import Row

from app.models import ChannelAccount
from app.plugin_api.channel import Account
from app.plugin_api.read_only import ReadOnlyDict
from app.services.core import Core

__all__ = ["account_view", "shown_to_others"]


def account_view(core: Core, row: ChannelAccount | Row, *, with_secrets: bool = True) -> Account:
    """The account as a value, for its own channel; what hooks get is `shown_to_others`."""
    return Account(
        id=row.id,
        plugin=row.plugin,
        name=row.name,
        address=row.address,
        settings=dict(row.settings or {}),
        cursor=dict(row.cursor or {}),
        secrets=core.vault.unseal(row.secrets) if with_secrets else {},
    )


def shown_to_others(account: Account) -> Account:
    """The account as hooks of all plugins see it, one after the other: without its secrets, and none can change it for the next."""
    return replace(account, secrets={}, settings=ReadOnlyDict(account.settings), cursor=ReadOnlyDict(account.cursor))
