"""Ways to X: as the app, and as one of the accounts. Each call is counted, and what goes wrong is said in the host's words."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from connectors.errors import AuthExpired
from connectors.x_api import (
    BASE_URL,
    MEDIA_HOSTS,
    SITE_URL,
    AppClient,
    OAuth1Keys,
    OAuthEndpoints,
    UserToken,
    XApp,
    XClient,
    app_token,
)
from plugins.twitter.tokens import usable_token
from plugins.twitter.troubles import translated
from plugins.twitter.usage import note_call
from tidings import Account, Host, Permanent

__all__ = ["app_client", "asked", "can_sign_in", "client_with", "has_api_key", "media_origins", "signs_itself", "x_app"]

T = TypeVar("T")


def can_sign_in(host: Host) -> bool:
    """Whether an app was entered that people can sign in with."""
    return bool(host.settings.get("client_id"))


def has_api_key(host: Host) -> bool:
    """Whether API key and secret were entered."""
    return bool(host.settings.get("consumer_key") and host.settings.get("consumer_secret"))


def x_app(host: Host) -> XApp:
    """The app of the settings."""
    settings = host.settings
    return XApp(
        client_id=str(settings.get("client_id") or ""),
        client_secret=str(settings.get("client_secret") or ""),
        redirect_uri=host.url("/callback"),
        consumer_key=str(settings.get("consumer_key") or ""),
        consumer_secret=str(settings.get("consumer_secret") or ""),
        endpoints=OAuthEndpoints.at(_base_url(host), host.config.get("site_base") or SITE_URL),
        now=host.now,
    )


def signs_itself(account: Account) -> bool:
    """Whether the account uses keys of OAuth 1.0a, which need no renewal."""
    return bool(account.secret("access_token") and account.secret("access_token_secret"))


def client_with(host: Host, credential: UserToken | OAuth1Keys) -> XClient:
    """A client for a credential."""
    return XClient(
        credential, base_url=_base_url(host), session=host.http, now=host.now, on_call=lambda _path: note_call(host)
    )


def asked(host: Host, account: Account, ask: Callable[[XClient], T]) -> T:
    """What `ask` gives for a client that speaks as the account. A token that X does not take is renewed once. Raises `ChannelError`."""
    with translated(host.now):
        if signs_itself(account):
            return ask(client_with(host, _keys(host, account)))
        app = x_app(host)
        token = usable_token(host, app, account)
        try:
            return ask(client_with(host, UserToken(token)))
        except AuthExpired:
            token = usable_token(host, app, account, refused=token)
        return ask(client_with(host, UserToken(token)))


def app_client(host: Host) -> AppClient:
    """A client that speaks as the app itself. Raises what `app_token` raises."""
    token = app_token(host.http, x_app(host))
    return AppClient(token, base_url=_base_url(host), session=host.http, now=host.now)


def media_origins(host: Host) -> Mapping[str, str]:
    """Where files are fetched from, by their server; empty for X's own."""
    base = host.config.get("media_base")
    return dict.fromkeys(MEDIA_HOSTS, base.rstrip("/")) if base else {}


def _keys(host: Host, account: Account) -> OAuth1Keys:
    if not has_api_key(host):
        raise Permanent(
            "This account signs with OAuth 1.0a: an admin enters the API key and its secret in the settings of X."
        )
    return OAuth1Keys(
        str(host.settings["consumer_key"]),
        str(host.settings["consumer_secret"]),
        account.secret("access_token"),
        account.secret("access_token_secret"),
    )


def _base_url(host: Host) -> str:
    return (host.config.get("api_base") or BASE_URL).rstrip("/")
