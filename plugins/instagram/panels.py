"""The box on the page of an account: which account it is, when the sign-in ends, how much of Meta's limits is used."""

from datetime import datetime

from plugins.instagram.graph import used_percent
from plugins.instagram.subscription import sign_in_of
from tidings import Account, Host, Panel

__all__ = ["account_panels"]


def account_panels(host: Host, account: Account) -> list[Panel]:
    """The panel of one account."""
    sign_in, percent = sign_in_of(host, account.id), used_percent(host, account.id)
    rows = [
        (host.gettext("Account id"), str(account.settings.get("instagram_id"))),
        (host.gettext("Token ends"), _day(host, sign_in.expires_at)),
        (host.gettext("Agree again until"), _day(host, sign_in.data_access_expires_at)),
    ]
    if percent is not None:
        rows.append((host.gettext("Meta's limits used"), f"{percent:.0f} %"))
    return [Panel("Instagram account", rows=tuple(rows), order=20)]


def _day(host: Host, at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else host.gettext("never")
