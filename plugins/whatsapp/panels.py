"""The box on the page of an account: which number it is, when the sign-in ends, which templates there are."""

from datetime import datetime

from plugins.whatsapp.graph import used_percent
from plugins.whatsapp.subscription import sign_in_of
from plugins.whatsapp.templates_of import kept_templates
from tidings import Account, Host, Panel

__all__ = ["account_panels"]


def account_panels(host: Host, account: Account) -> list[Panel]:
    """The panel of one number."""
    sign_in, percent = sign_in_of(host, account.id), used_percent(host, account.id)
    rows = [
        (host.gettext("Number"), str(account.settings.get("display_number") or account.settings.get("number_id"))),
        (host.gettext("Token ends"), _day(host, sign_in.expires_at)),
        (host.gettext("Templates to answer with"), str(len(kept_templates(host, account.id)))),
        (
            host.gettext("Templates with places, not offered"),
            str(host.store.get(f"templates_left_out:{account.id}", 0)),
        ),
    ]
    if percent is not None:
        rows.append((host.gettext("Meta's limits used"), f"{percent:.0f} %"))
    return [Panel("WhatsApp number", rows=tuple(rows), order=20)]


def _day(host: Host, at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else host.gettext("never")
