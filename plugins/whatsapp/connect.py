"""The way to a connected number: a guide, a token (by signing in at Facebook, or a system user's that is typed), the choice of numbers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from werkzeug import Request, Response
from werkzeug.utils import redirect

from connectors.meta_graph import oauth
from connectors.meta_graph.types import WhatsAppNumber
from connectors.meta_graph.whatsapp import list_numbers
from plugins.whatsapp.forms import DIGITS
from plugins.whatsapp.graph import has_app, meta_app, verify_token
from plugins.whatsapp.names import SCOPES
from plugins.whatsapp.subscription import look_after, read_sign_in
from plugins.whatsapp.troubles import translated
from tidings import Account, ChannelError, Host, Permanent, Route, SignIns

__all__ = ["connect_routes"]

MANAGEMENT = "whatsapp_business_management"


@dataclass(frozen=True, slots=True)
class GuidePage:
    """What the guide shows: addresses to copy, how far the admin is, and whose sign-in is renewed, if one is."""

    has_app: bool
    redirect_url: str
    webhook_url: str
    verify_token: str
    scopes: Sequence[str]
    account: Account | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number to choose."""

    id: str
    name: str
    display_number: str
    is_connected: bool


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """The numbers that a token reaches; `state` finds the token again."""

    rows: Sequence[NumberRow]
    state: str


def connect_routes(host: Host) -> Sequence[Route]:
    """All for admins."""

    def guide(request: Request) -> str:
        return _guide(host, request.args.get("account", ""))

    def sign_in(request: Request) -> Response:
        return _sign_in(host, request.args.get("account", ""))

    def callback(request: Request) -> Response | str:
        return _guarded(host, lambda: _callback(host, request))

    def typed(request: Request) -> Response | str:
        return _guarded(host, lambda: _typed(host, request))

    def choose(request: Request) -> Response | str:
        return _guarded(host, lambda: _connect_chosen(host, request))

    return [
        Route("/connect", guide, "connect", role="admin"),
        Route("/sign-in", sign_in, "sign_in", role="admin"),
        Route("/callback", callback, "callback", role="admin"),
        Route("/token", typed, "token", ("POST",), role="admin"),
        Route("/choose", choose, "choose", ("POST",), role="admin"),
    ]


def _guide(host: Host, account_id: str = "", problem: str = "") -> str:
    page = GuidePage(
        has_app=has_app(host),
        redirect_url=host.url("/callback"),
        webhook_url=host.shared_webhook_url(),
        verify_token=verify_token(host),
        scopes=SCOPES,
        account=_account(host, account_id),
        problem=problem,
    )
    return host.render("whatsapp/connect.html", page=page)


def _guarded(host: Host, act: Callable[[], Response | str]) -> Response | str:
    """What goes wrong comes back as a sentence on the guide; nothing is lost."""
    try:
        return act()
    except ChannelError as error:
        return _guide(host, problem=str(error))


def _sign_in(host: Host, account_id: str) -> Response:
    """Off to Facebook."""
    if not has_app(host):
        return redirect(host.url("/connect"), 303)
    account = _account(host, account_id)
    state = SignIns(host).begin({"account": account.id if account else 0})
    return redirect(oauth.authorization_url(meta_app(host), host.url("/callback"), state, SCOPES, asks_again=True), 303)


def _callback(host: Host, request: Request) -> Response | str:
    """Back from Facebook, with a code or without. Which business accounts were chosen there stands in the token's scopes."""
    begun = SignIns(host).take(request.args.get("state", ""))
    if begun is None or "account" not in begun:
        raise Permanent(host.gettext("This sign-in took too long or was used already. Begin it again."))
    if request.args.get("error"):
        raise Permanent(host.gettext("Facebook was not allowed to connect anything. Sign in again and agree."))
    app = meta_app(host)
    with translated(host.now):
        short = oauth.exchange_code(app, request.args.get("code", ""), host.url("/callback"))
        token = oauth.extend(app, short.access_token).access_token
    businesses = read_sign_in(host, token).granular_scopes.get(MANAGEMENT, ())
    return _go_on(host, request, token, businesses, host.account(begun["account"]) if begun["account"] else None)


def _typed(host: Host, request: Request) -> Response | str:
    """A token of a system user and the business account it is for."""
    token, business_id = request.form.get("token", "").strip(), request.form.get("business_id", "").strip()
    if not token or not DIGITS.match(business_id):
        raise Permanent(host.gettext("Give the token and the id of the business account, a number of many digits."))
    return _go_on(host, request, token, [business_id], _account(host, request.form.get("account", "")))


def _go_on(
    host: Host, request: Request, token: str, businesses: Iterable[str], account: Account | None
) -> Response | str:
    found = _numbers(host, token, businesses)
    if account is None:
        return _choice(host, token, found)
    if str(account.settings.get("number_id")) not in {number.id for _, number in found}:
        sentence = host.gettext("This sign-in does not reach the number of %(name)s. Use one that does.")
        raise Permanent(sentence % {"name": account.name})
    host.save_secret(account.id, "access_token", token)
    _begin_work(host, account.id)
    return redirect(f"{request.root_path}/accounts/{account.id}", 303)


def _numbers(host: Host, token: str, businesses: Iterable[str]) -> list[tuple[str, WhatsAppNumber]]:
    """(business account, number) of everything the token reaches."""
    client = meta_app(host).client(token)
    with translated(host.now):
        return [(one, number) for one in businesses for number in list_numbers(client, one)]


def _choice(host: Host, token: str, found: Sequence[tuple[str, WhatsAppNumber]]) -> str:
    if not found:
        raise Permanent(host.gettext("No WhatsApp business account with a number was allowed."))
    businesses = sorted({business for business, _ in found})
    state = SignIns(host).begin({"token": token, "businesses": businesses})
    connected = {str(account.settings.get("number_id")) for account in host.accounts(with_paused=True)}
    rows = [NumberRow(one.id, one.verified_name, one.display_number, one.id in connected) for _, one in found]
    return host.render("whatsapp/choose.html", page=ChoicePage(rows, state))


def _connect_chosen(host: Host, request: Request) -> Response:
    begun = SignIns(host).take(request.form.get("state", ""))
    chosen = request.form.getlist("number")
    if begun is None or "token" not in begun:
        raise Permanent(host.gettext("This sign-in took too long or was used already. Begin it again."))
    if not chosen:
        raise Permanent(host.gettext("No number was chosen. Begin again and choose at least one."))
    token = begun["token"]
    found = _numbers(host, token, begun["businesses"])
    added = [_add(host, token, business, number) for business, number in found if number.id in chosen]
    where = f"/{added[0]}" if len(added) == 1 else ""
    return redirect(f"{request.root_path}/accounts{where}", 303)


def _add(host: Host, token: str, business_id: str, number: WhatsAppNumber) -> int:
    settings = {"number_id": number.id, "business_id": business_id, "display_number": number.display_number}
    name = number.verified_name or number.display_number
    account_id = host.add_account(name, settings=settings, secrets={"access_token": token})
    _begin_work(host, account_id)
    return account_id


def _begin_work(host: Host, account_id: int) -> None:
    """Webhooks on, templates fetched, and when the sign-in ends."""
    account = host.account(account_id)
    if account is not None:
        look_after(host, account)


def _account(host: Host, account_id: str) -> Account | None:
    return host.account(int(account_id)) if account_id.isascii() and account_id.isdecimal() else None
