"""A channel account in the shape channels and plugins get to see."""

from app.models import ChannelAccount
from app.plugin_api.channel import Account
from app.services.core import Core

__all__ = ["account_view"]


def account_view(core: Core, row: ChannelAccount, *, with_secrets: bool = True) -> Account:
    """The account as a value; hooks of other plugins get it without secrets."""
    return Account(
        id=row.id,
        plugin=row.plugin,
        name=row.name,
        address=row.address,
        settings=dict(row.settings or {}),
        cursor=dict(row.cursor or {}),
        secrets=core.vault.unseal(row.secrets) if with_secrets else {},
    )
