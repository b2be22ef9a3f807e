"""The way to a connected mailbox: a guide, the sign-in at Google or a list of mailboxes of a domain. Signing in again skips the guide."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkzeug import Request, Response
from werkzeug.utils import redirect

from connectors.gmail import GmailClient, Tokens, authorisation_request, exchange_code
from plugins.gmail.access import ACCESS_TOKEN, REFRESH_TOKEN, packed_token
from plugins.gmail.application import CALLBACK, SCOPES, Application
from plugins.gmail.domain import Outcome, addresses_in, outcomes, wish_for
from plugins.gmail.grants import note_grant
from plugins.gmail.label_changes import retry_soon
from plugins.gmail.mailbox import open_mailbox
from plugins.gmail.settings import DELEGATED, OAUTH, GmailSettings
from plugins.gmail.troubles import translated
from tidings import Account, ChannelError, Host, Permanent, Route, SignIns

__all__ = ["connect_mailbox", "connect_routes"]

DOMAIN = "/domain"
MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class GuidePage:
    """What the guide shows: what to copy, and how far the admin is. `service_account` is its address, `client_id` what a domain allows."""

    has_client: bool
    service_account: str
    client_id: str
    key_problem: str
    redirect_url: str
    push_url: str
    topic: str
    scope: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """What became of a list of mailboxes so far; `left` holds those to try again."""

    outcomes: Sequence[Outcome]
    is_waiting: bool
    left: str


def connect_routes(host: Host) -> Sequence[Route]:
    """All for admins."""

    def guide(request: Request) -> str:
        return _guide(host)

    def sign_in(request: Request, account_id: int = 0) -> Response | str:
        return _guarded(host, lambda: _sign_in(host, request, account_id))

    def callback(request: Request) -> Response | str:
        return _guarded(host, lambda: _callback(host, request))

    def domain(request: Request) -> Response | str:
        return _show_domain(host) if request.method == "GET" else _guarded(host, lambda: _list_domain(host, request))

    return [
        Route("/connect", guide, "connect", role="admin"),
        Route("/sign-in", sign_in, "sign_in", role="admin"),
        Route("/sign-in/<int:account_id>", sign_in, "sign_in_again", role="admin"),
        Route(CALLBACK, callback, "callback", role="admin"),
        Route(DOMAIN, domain, "domain", ("GET", "POST"), role="admin"),
    ]


def _guide(host: Host, problem: str = "") -> str:
    application = Application.of(host)
    key = application.service_account
    page = GuidePage(
        has_client=application.client is not None,
        service_account=key.email if key else "",
        client_id=key.client_id if key else "",
        key_problem=application.key_problem,
        redirect_url=host.url(CALLBACK),
        push_url=host.shared_webhook_url(),
        topic=application.topic,
        scope=" ".join(SCOPES),
        problem=problem,
    )
    return host.render("gmail/connect.html", page=page)


def _guarded(host: Host, act: Callable[[], Response | str]) -> Response | str:
    """What goes wrong comes back as a sentence on the guide; nothing is lost."""
    try:
        return act()
    except ChannelError as error:
        return _guide(host, str(error))


# ---- signing in
def _sign_in(host: Host, request: Request, account_id: int) -> Response:
    """Off to Google; a mailbox of a domain is tried again instead, as there is nobody who could sign in."""
    account = host.account(account_id) if account_id else None
    if account is not None and GmailSettings.of(account).sign_in == DELEGATED:
        return _try_again(host, request, account)
    client = Application.of(host).client
    if client is None:
        raise Permanent(host.gettext("Enter the client ID and the client secret first."))
    verifier = secrets.token_urlsafe(48)
    state = SignIns(host).begin({"verifier": verifier, "account": account.id if account else 0})
    hint = account.address if account else ""
    asked = authorisation_request(client, SCOPES, login_hint=hint, state=state, code_verifier=verifier)
    return redirect(asked.url, 303)


def _callback(host: Host, request: Request) -> Response:
    """Back from Google, with a code or without."""
    begun = SignIns(host).take(request.args.get("state", ""))
    if begun is None:
        raise Permanent(host.gettext("This sign-in took too long or was used already. Begin it again."))
    if request.args.get("error"):
        raise Permanent(host.gettext("Google was not allowed to open a mailbox. Sign in again and agree."))
    client = Application.of(host).client
    if client is None:
        raise Permanent(host.gettext("Enter the client ID and the client secret first."))
    with translated(host.now):
        tokens = exchange_code(host.http, client, request.args.get("code", ""), begun["verifier"])
    refresh_token = _checked(host, tokens)
    fresh = packed_token(tokens, refresh_token, host.now())
    address = _address_of(host, OAUTH, {REFRESH_TOKEN: refresh_token, ACCESS_TOKEN: fresh})
    account = host.account(begun["account"]) if begun["account"] else None
    if account is not None:
        return _reconnect(host, request, account, address, tokens)
    account_id = _add(host, address, OAUTH, {REFRESH_TOKEN: refresh_token}, tokens)
    return _to_account(request, account_id)


def _checked(host: Host, tokens: Tokens) -> str:
    """The refresh token. Raises `Permanent` when the person left out what Tidings cannot do without."""
    if tokens.scopes and not set(SCOPES) <= tokens.scopes:
        raise Permanent(
            host.gettext("Reading and sending mail was not allowed. Sign in again and tick the box for Gmail.")
        )
    if not tokens.refresh_token:
        raise Permanent(host.gettext("Google gave no lasting access. Sign in again."))
    return tokens.refresh_token


def _reconnect(host: Host, request: Request, account: Account, address: str, tokens: Tokens) -> Response:
    if address != GmailSettings.of(account).address:
        sentence = host.gettext("You signed in as %(found)s, but this is the mailbox %(wanted)s. Nothing was changed.")
        raise Permanent(sentence % {"found": address, "wanted": account.address})
    host.save_secret(account.id, REFRESH_TOKEN, _checked(host, tokens))
    note_grant(host, account.id, tokens)
    retry_soon(host, account.id)
    return _to_account(request, account.id)


# ---- mailboxes of a domain
def _list_domain(host: Host, request: Request) -> Response:
    addresses = addresses_in(request.form.get("addresses", ""))
    if not addresses:
        raise Permanent(host.gettext("Type the addresses of the mailboxes, one a line."))
    if len(addresses) > MOST_AT_ONCE:
        sentence = host.gettext("These are more than %(count)s mailboxes. Connect them in parts.")
        raise Permanent(sentence % {"count": MOST_AT_ONCE})
    wish_for(host, addresses)
    return redirect(host.url(DOMAIN), 303)


def _show_domain(host: Host) -> str:
    found = outcomes(host)
    left = "\n".join(one.address for one in found if one.problem)
    return host.render("gmail/outcomes.html", page=OutcomePage(found, any(one.is_waiting for one in found), left))


def connect_mailbox(host: Host, address: str) -> int:
    """Connect a mailbox that the service account may open. Raises `ChannelError`."""
    return _add(host, _address_of(host, DELEGATED, {}, address), DELEGATED, {})


def _try_again(host: Host, request: Request, account: Account) -> Response:
    """Raises `NeedsReauth` or another error as long as the mailbox does not open; its new access token lets the account work again."""
    with open_mailbox(host, account) as mailbox:
        mailbox.renew()
        mailbox.ask(GmailClient.profile)
    retry_soon(host, account.id)
    return _to_account(request, account.id)


# ---- both
def _address_of(host: Host, sign_in: str, kept: dict[str, str], address: str = "") -> str:
    """Whose mailbox opens. The one Google names is the one that counts: the address typed may be an alias of it."""
    candidate = Account(0, host.plugin, address, address, {"address": address, "sign_in": sign_in}, secrets=kept)
    with open_mailbox(host, candidate) as mailbox:
        return mailbox.ask(GmailClient.profile).email_address.lower()


def _add(host: Host, address: str, sign_in: str, kept: dict[str, str], tokens: Tokens | None = None) -> int:
    account_id = host.add_account(address, settings={"address": address, "sign_in": sign_in}, secrets=kept)
    note_grant(host, account_id, tokens)
    return account_id


def _to_account(request: Request, account_id: int) -> Response:
    return redirect(f"{request.root_path}/accounts/{account_id}", 303)
