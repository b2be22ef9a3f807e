"""The way to a mailbox whose owner signs in: a guide to what must be registered, off to the provider, and back with a token.

Nothing is kept before the token has opened the mailbox of the account that asked for it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from werkzeug import Request, Response
from werkzeug.utils import redirect

from connectors.errors import AuthExpired
from connectors.mail_oauth import (
    PROVIDERS,
    MailProvider,
    OAuthApplication,
    Tokens,
    authorisation_request,
    exchange_code,
)
from plugins.mailbox.connection import imap_connection, smtp_connection
from plugins.mailbox.faults import translated
from plugins.mailbox.settings import DELIVERED, MailboxSettings
from plugins.mailbox.signing_in.application import CALLBACK, application_of
from plugins.mailbox.signing_in.grants import note_granted
from plugins.mailbox.signing_in.keeping import lost_sign_in
from plugins.mailbox.signing_in.tokens import ACCESS_TOKEN, NOT_SET_UP, packed_token, refresh_key, without_tokens
from tidings import Account, ChannelError, Host, Permanent, Route, SignIns, translatable

__all__ = ["sign_in_routes"]

_TOO_LATE = translatable("This sign-in took too long, was used already, or was begun by somebody else. Begin it again.")
_SIGNED_IN = translatable("Signed in to a mailbox")
_LONGEST_ANSWER = 300
PROOF_TIMEOUT_S = 12.0


@dataclass(frozen=True, slots=True)
class GuidePage:
    """What the guide shows: what to copy, and how far the admin is. `account` and `sign_in_path` are empty where none asked."""

    provider: MailProvider
    has_application: bool
    redirect_url: str
    account: str = ""
    sign_in_path: str = ""
    problem: str = ""


class _Refused(Exception):
    """A sentence for the guide of a provider. `account_id` is 0 where nobody knows for which account it was."""

    def __init__(self, sentence: str, provider: MailProvider | None = None, account_id: int = 0) -> None:
        super().__init__(sentence)
        self.provider, self.account_id = provider, account_id


def sign_in_routes(host: Host) -> Sequence[Route]:
    """All for admins."""

    def guide(request: Request, provider: str) -> str:
        account = request.args.get("account", "")
        return _guide(host, PROVIDERS[provider], int(account) if account.isascii() and account.isdecimal() else 0)

    def sign_in(request: Request, account_id: int) -> Response | str:
        try:
            return _sign_in(host, request, account_id)
        except _Refused as refused:
            return _explained(host, refused)

    def callback(request: Request) -> Response | str:
        try:
            return _callback(host, request)
        except _Refused as refused:
            return _explained(host, refused)

    names = ",".join(PROVIDERS)
    return [
        Route(f"/connect/<any({names}):provider>", guide, "connect", role="admin"),
        Route("/sign-in/<int:account_id>", sign_in, "sign_in", role="admin"),
        Route(CALLBACK, callback, "callback", role="admin"),
    ]


def _guide(host: Host, provider: MailProvider, account_id: int = 0, problem: str = "") -> str:
    account = host.account(account_id) if account_id else None
    page = GuidePage(
        provider,
        has_application=application_of(host, provider) is not None,
        redirect_url=host.url(CALLBACK),
        account=account.name if account else "",
        sign_in_path=f"sign-in/{account.id}" if account else "",
        problem=problem,
    )
    return host.render("mailbox/connect.html", page=page)


def _explained(host: Host, refused: _Refused) -> str:
    if refused.provider is None:
        return host.render("mailbox/refused.html", problem=str(refused))
    return _guide(host, refused.provider, refused.account_id, str(refused))


# ---- there
def _sign_in(host: Host, request: Request, account_id: int) -> Response:
    """Off to the provider, or to the guide as long as nothing is registered there; for credentials that are typed, to the settings."""
    account = host.account(account_id)
    if account is None:
        raise _Refused(host.gettext("This account does not exist any more."))
    provider = PROVIDERS.get(MailboxSettings.of(account).auth)
    if provider is None:
        return redirect(f"{request.root_path}/accounts/{account.id}/settings", 303)
    application = application_of(host, provider)
    if application is None:
        return redirect(f"{request.root_path}/plugins/{host.plugin}/connect/{provider.key}?account={account.id}", 303)
    verifier = secrets.token_urlsafe(48)
    begun = {"verifier": verifier, "account": account.id, "provider": provider.key}
    state = SignIns(host).begin(begun)
    asked = authorisation_request(application, state=state, code_verifier=verifier, login_hint=account.address)
    return redirect(asked.url, 303)


def _application(host: Host, provider: MailProvider, account_id: int) -> OAuthApplication:
    application = application_of(host, provider)
    if application is None:
        raise _Refused(host.gettext(NOT_SET_UP) % {"provider": provider.title}, provider, account_id)
    return application


# ---- and back
def _callback(host: Host, request: Request) -> Response:
    """Back from the provider, with a code or without."""
    begun = SignIns(host).take(request.args.get("state", ""))
    if begun is None:
        raise _Refused(host.gettext(_TOO_LATE))
    provider, account = PROVIDERS[begun["provider"]], host.account(begun["account"])
    if account is None or MailboxSettings.of(account).auth != provider.key:
        raise _Refused(host.gettext("The account was changed meanwhile. Begin the sign-in again."))
    if request.args.get("error"):
        raise _Refused(_declined(host, provider, request), provider, account.id)
    try:
        with translated(host.now):
            application = _application(host, provider, account.id)
            tokens = exchange_code(host.http, application, request.args.get("code", ""), begun["verifier"])
        refresh_token = _lasting(host, provider, tokens)
        _must_open(host, provider, account, tokens, refresh_token)
    except ChannelError as error:
        raise _Refused(str(error), provider, account.id) from error
    _keep(host, provider, account, tokens, refresh_token)
    return redirect(f"{request.root_path}/accounts/{account.id}", 303)


def _declined(host: Host, provider: MailProvider, request: Request) -> str:
    """What the provider says is shown, since only it and who began the sign-in know the state: an organisation may want its admin's
    consent."""
    sentence = host.gettext("%(provider)s did not let Tidings in. Sign in again and agree.")
    said = " ".join(request.args.get("error_description", "").split()).partition(" Trace ID:")[0]
    if request.args["error"] == "access_denied" or not said:
        return sentence % {"provider": provider.title}
    return f"{sentence % {'provider': provider.title}} ({said[:_LONGEST_ANSWER]})"


def _lasting(host: Host, provider: MailProvider, tokens: Tokens) -> str:
    """The refresh token. Raises `Permanent` when the person left out what Tidings cannot do without."""
    granted = {scope.lower() for scope in tokens.scopes}
    if granted and not {scope.lower() for scope in provider.mail_scopes} <= granted:
        raise Permanent(
            host.gettext("Reading and sending mail was not allowed. Sign in again and agree to all that is asked for.")
        )
    if not tokens.refresh_token:
        sentence = host.gettext("%(provider)s gave no lasting access. Sign in again.")
        raise Permanent(sentence % {"provider": provider.title})
    return tokens.refresh_token


def _must_open(host: Host, provider: MailProvider, account: Account, tokens: Tokens, refresh_token: str) -> None:
    """Try the token on the mailbox itself: who signed in may be somebody else than the mailbox, as with shared mailboxes. Raises
    `ChannelError`."""
    kept = {
        refresh_key(provider.key): refresh_token,
        ACCESS_TOKEN: packed_token(tokens, refresh_token, host.now()),
    }
    candidate = replace(account, id=0, secrets={**without_tokens(account.secrets), **kept})
    settings = MailboxSettings.of(account)
    opened = smtp_connection if settings.receive_by == DELIVERED else imap_connection
    try:
        with translated(host.now), opened(host, candidate, PROOF_TIMEOUT_S):
            return
    except ChannelError as error:
        if not isinstance(error.__cause__, AuthExpired):
            raise
        raise Permanent(_stranger(host, settings, tokens.address, str(error))) from error


def _stranger(host: Host, settings: MailboxSettings, person: str, said: str) -> str:
    if person and person != settings.username.lower():
        sentence = host.gettext(
            "You signed in as %(found)s, who may not open the mailbox %(wanted)s. Nothing was changed. Sign in as its owner."
        )
        return sentence % {"found": person, "wanted": settings.username}
    sentence = host.gettext(
        "The mailbox %(wanted)s does not open, though you signed in: %(said)s Its owner may have to switch IMAP on first."
    )
    return sentence % {"wanted": settings.username, "said": said}


def _keep(host: Host, provider: MailProvider, account: Account, tokens: Tokens, refresh_token: str) -> None:
    host.save_secret(account.id, refresh_key(provider.key), refresh_token)
    host.save_secret(account.id, ACCESS_TOKEN, packed_token(tokens, refresh_token, host.now()))
    note_granted(host, account.id, provider.key, tokens)
    host.over(lost_sign_in(account.id))
    host.note_change(_SIGNED_IN, account.name, person=tokens.address)
    host.wake(account.id)
