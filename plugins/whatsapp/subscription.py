"""Looks after what a number needs at Meta: a sign-in that holds, webhooks that come to us, templates. What was found is kept for admins."""

from dataclasses import dataclass
from datetime import datetime

from connectors.meta_graph import oauth, whatsapp
from connectors.meta_graph.types import TokenInfo
from plugins.whatsapp.graph import meta_app, number_client
from plugins.whatsapp.templates_of import fetch_templates
from plugins.whatsapp.troubles import translated
from tidings import Account, ChannelError, Host

__all__ = ["SignIn", "look_after", "look_after_numbers", "missing_scopes", "number_saved", "read_sign_in", "sign_in_of"]

NEEDED_SCOPES = frozenset({"whatsapp_business_management", "whatsapp_business_messaging"})


@dataclass(frozen=True, slots=True)
class SignIn:
    """When the token ends, and when Meta wants the person to have agreed again; None for never."""

    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The earlier of the two; a token that does not end is a system user's, who agrees to nothing again."""
        return (
            min(filter(None, (self.expires_at, self.data_access_expires_at)), default=None) if self.expires_at else None
        )


def read_sign_in(host: Host, token: str) -> TokenInfo:
    """What Meta knows of a token. Raises `ChannelError`."""
    app = meta_app(host)
    with translated(host.now):
        return oauth.debug_token(app, token)


def missing_scopes(info: TokenInfo) -> frozenset[str]:
    """What the token does not allow."""
    return NEEDED_SCOPES - set(info.scopes)


def sign_in_of(host: Host, account_id: int) -> SignIn:
    """What was kept of the sign-in."""
    kept = host.store.get(f"sign_in:{account_id}", {})
    return SignIn(**{key: datetime.fromisoformat(at) for key, at in kept.items()})


def look_after(host: Host, account: Account) -> None:
    """Have webhooks sent to us, note when the sign-in ends, fetch templates. Raises `ChannelError`."""
    with number_client(host, account) as client:
        whatsapp.subscribe(client, str(account.settings.get("business_id")))
    info = read_sign_in(host, account.secret("access_token"))
    ends = {"expires_at": info.expires_at, "data_access_expires_at": info.data_access_expires_at}
    host.store.set(f"sign_in:{account.id}", {key: at.isoformat() for key, at in ends.items() if at})
    fetch_templates(host, account)


def look_after_numbers(host: Host) -> None:
    """Once in a while, for all numbers. One in trouble does not keep the others from being looked after."""
    for account in host.accounts():
        _try(host, account)


def number_saved(host: Host, account_id: int) -> None:
    """Its token or business account may be another one now. What fails is tried again by `look_after_numbers`."""
    account = host.account(account_id)
    if account is not None and account.secret("access_token"):
        _try(host, account)


def _try(host: Host, account: Account) -> None:
    try:
        look_after(host, account)
    except ChannelError as error:
        host.log.warning("the number of account %s could not be looked after: %s", account.id, error)
