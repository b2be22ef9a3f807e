"""Looks after what an account needs at Meta: a sign-in that holds, and webhooks that come to us. What was found is kept for admins."""

from dataclasses import dataclass
from datetime import datetime

from connectors.meta_graph import oauth, pages
from connectors.meta_graph.pages import MESSAGING_FIELDS
from connectors.meta_graph.types import TokenInfo
from plugins.instagram.graph import meta_app, page_client
from plugins.instagram.names import SCOPES
from plugins.instagram.troubles import translated
from tidings import Account, ChannelError, Host

__all__ = [
    "SignIn",
    "look_after_accounts",
    "missing_fields",
    "missing_scopes",
    "note_sign_in",
    "account_changed",
    "read_sign_in",
    "sign_in_of",
    "subscribe",
]

NEEDED_SCOPES = frozenset(SCOPES) - {"business_management"}
"""business_management is asked for because pages of a business portfolio are listed only with it; not every app has it."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """When the token ends, and when Meta wants the person to have agreed again; None for never."""

    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The earlier of the two."""
        return min(filter(None, (self.expires_at, self.data_access_expires_at)), default=None)


def subscribe(host: Host, account: Account) -> None:
    """Have the webhooks of the page sent to us. Raises `ChannelError`."""
    with page_client(host, account) as client:
        page_id, app_id = str(account.settings.get("page_id")), str(host.settings.get("app_id"))
        pages.subscribe_also(client, page_id, app_id, MESSAGING_FIELDS)


def missing_fields(host: Host, account: Account) -> frozenset[str]:
    """What Meta does not tell us although it should. Raises `ChannelError`."""
    app_id = str(host.settings.get("app_id"))
    with page_client(host, account) as client:
        apps = pages.subscribed_apps(client, str(account.settings.get("page_id")))
    return frozenset(MESSAGING_FIELDS).difference(*(app.fields for app in apps if app.id == app_id))


def read_sign_in(host: Host, account: Account) -> TokenInfo:
    """What Meta knows of the page's token. Raises `ChannelError`."""
    app = meta_app(host)
    with translated(host.now):
        return oauth.debug_token(app, account.secret("page_token"))


def missing_scopes(info: TokenInfo) -> frozenset[str]:
    """What the person did not agree to."""
    return NEEDED_SCOPES - set(info.scopes)


def note_sign_in(host: Host, account_id: int, info: TokenInfo) -> None:
    """Keep when the sign-in ends."""
    ends = {"expires_at": info.expires_at, "data_access_expires_at": info.data_access_expires_at}
    host.store.set(f"sign_in:{account_id}", {key: at.isoformat() for key, at in ends.items() if at})


def sign_in_of(host: Host, account_id: int) -> SignIn:
    """What was kept of the sign-in."""
    kept = host.store.get(f"sign_in:{account_id}", {})
    return SignIn(**{key: datetime.fromisoformat(at) for key, at in kept.items()})


def look_after_accounts(host: Host) -> None:
    """Once in a while, for all accounts: note when sign-ins end, and ask for webhooks that were lost. One in trouble says so by itself when
    it is read, and does not keep the others from being looked after."""
    for account in host.accounts():
        try:
            note_sign_in(host, account.id, read_sign_in(host, account))
            if missing_fields(host, account):
                subscribe(host, account)
        except ChannelError as error:
            host.log.warning("account %s could not be looked after: %s", account.id, error)


def account_changed(host: Host, account_id: int) -> None:
    """Its settings may want other webhooks than before. What fails now is tried again by `look_after_accounts`, and shows in a test."""
    account = host.account(account_id)
    if account is None or not account.secret("page_token"):
        return
    try:
        subscribe(host, account)
    except ChannelError as error:
        host.log.warning("the webhooks of account %s could not be asked for: %s", account_id, error)
