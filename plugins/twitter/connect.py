"""The way to a connected account: a guide, the sign-in at X, or keys of OAuth 1.0a. Signing in again for an account keeps its settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug import Request, Response
from werkzeug.utils import redirect

from connectors.x_api import (
    SCOPES,
    OAuth1Keys,
    User,
    UserToken,
    XRejected,
    authorisation_url,
    exchange_code,
    new_code_verifier,
)
from plugins.twitter import restrictions
from plugins.twitter.names import own_id
from plugins.twitter.subscription import note_signed_in, subscribe
from plugins.twitter.tokens import SIGN_IN, pack
from plugins.twitter.troubles import translated
from plugins.twitter.usage import ask_soon
from plugins.twitter.x import can_sign_in, client_with, has_api_key, x_app
from tidings import Account, ChannelError, Host, Permanent, Route, SignIns, translatable

__all__ = ["connect_routes"]

_NEEDED_SCOPES = frozenset(SCOPES) - {"media.write"}
_TOO_LATE = translatable("This sign-in took too long or was used already. Begin it again.")
_DECLINED = translatable("X was not allowed to connect the account. Sign in again and authorise the app.")


@dataclass(frozen=True, slots=True)
class GuidePage:
    """What the guide shows: addresses to copy, and how far the admin is."""

    has_app: bool
    has_api_key: bool
    redirect_url: str
    webhook_url: str
    website: str
    scopes: Sequence[str]
    problem: str = ""


def connect_routes(host: Host) -> Sequence[Route]:
    """All for admins."""

    def guide(request: Request) -> str:
        return _guide(host)

    def sign_in(request: Request) -> Response:
        return _sign_in(host, request.args.get("account", ""))

    def callback(request: Request) -> Response | str:
        return _guarded(host, lambda: _callback(host, request))

    def keys(request: Request) -> Response | str:
        return _guarded(host, lambda: _by_keys(host, request))

    return [
        Route("/connect", guide, "connect", role="admin"),
        Route("/sign-in", sign_in, "sign_in", role="admin"),
        Route("/callback", callback, "callback", role="admin"),
        Route("/keys", keys, "keys", ("POST",), role="admin"),
    ]


def _guide(host: Host, problem: str = "") -> str:
    page = GuidePage(
        has_app=can_sign_in(host),
        has_api_key=has_api_key(host),
        redirect_url=host.url("/callback"),
        webhook_url=host.shared_webhook_url(),
        website=host.shared_webhook_url().partition("/hooks/")[0],
        scopes=SCOPES,
        problem=problem,
    )
    return host.render("twitter/connect.html", page=page)


def _guarded(host: Host, act: Callable[[], Response | str]) -> Response | str:
    """What goes wrong comes back as a sentence on the guide; nothing is lost."""
    try:
        return act()
    except ChannelError as error:
        return _guide(host, str(error))


def _sign_in(host: Host, account_id: str) -> Response:
    """Off to X."""
    if not can_sign_in(host):
        return redirect(host.url("/connect"), 303)
    verifier = new_code_verifier()
    state = SignIns(host).begin({"account": int(account_id) if account_id.isdecimal() else 0, "verifier": verifier})
    return redirect(authorisation_url(x_app(host), state, verifier), 303)


def _callback(host: Host, request: Request) -> Response:
    """Back from X, with a code or without."""
    begun = SignIns(host).take(request.args.get("state", ""))
    if begun is None:
        raise Permanent(host.gettext(_TOO_LATE))
    if request.args.get("error"):
        raise Permanent(host.gettext(_DECLINED))
    with translated(host.now):
        try:
            tokens = exchange_code(host.http, x_app(host), request.args.get("code", ""), str(begun["verifier"]))
        except XRejected:
            raise Permanent(host.gettext(_TOO_LATE)) from None
        if tokens.scopes and not tokens.scopes >= _NEEDED_SCOPES:
            raise Permanent(host.gettext("X did not give every permission. Sign in again and agree to all of them."))
        me = client_with(host, UserToken(tokens.access_token)).me()
    return _connected(host, request, me, {SIGN_IN: pack(tokens, host.now())}, begun.get("account") or 0)


def _by_keys(host: Host, request: Request) -> Response:
    """Keys of OAuth 1.0a, typed in."""
    if not has_api_key(host):
        raise Permanent(host.gettext("Enter API key and secret in the settings of X first."))
    token, secret = (request.form.get(name, "").strip() for name in ("access_token", "access_token_secret"))
    if not token or not secret:
        raise Permanent(host.gettext("Enter both the access token and its secret."))
    app = x_app(host)
    with translated(host.now):
        me = client_with(host, OAuth1Keys(app.consumer_key, app.consumer_secret, token, secret)).me()
    return _connected(host, request, me, {"access_token": token, "access_token_secret": secret}, 0)


def _connected(host: Host, request: Request, me: User, secrets: Mapping[str, str], account_id: int) -> Response:
    """Keep the credentials: with the account that asked for them, or that has this person, or a new one."""
    settings: dict[str, Any] = {"user_id": me.id, "username": me.username, "may_post_long": me.may_post_long}
    known = _known(host, me, account_id)
    if known is None:
        account_id = host.add_account(f"@{me.username}", settings=settings, secrets=secrets)
    else:
        account_id = known.id
        host.save_settings(account_id, settings)
        note_signed_in(host, account_id)
        ask_soon(host, account_id)
        for key, value in secrets.items():
            host.save_secret(account_id, key, value)
    restrictions.allow_again(host, account_id)
    account = host.account(account_id)
    if account is not None:
        subscribe(host, account)
        host.wake(account_id)
    return redirect(f"{request.root_path}/accounts/{account_id}", 303)


def _known(host: Host, me: User, account_id: int) -> Account | None:
    """The account of this person. Raises `Permanent` when somebody else signed in for the account that asked."""
    asking = host.account(account_id) if account_id else None
    if asking is not None and own_id(asking) != me.id:
        text = host.gettext(
            "You signed in as @%(other)s, but this account is %(name)s. Change the account at X, then sign in again."
        )
        raise Permanent(text % {"other": me.username, "name": asking.name})
    return next((one for one in host.accounts(with_paused=True) if own_id(one) == me.id), asking)
