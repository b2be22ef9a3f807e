"""The way to a connected page: a guide, the sign-in at Facebook, the choice of pages. Signing in again for one page skips the choice."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkzeug import Request, Response
from werkzeug.utils import redirect

from connectors.errors import AuthExpired, Rejected
from connectors.meta_graph import MetaApp, oauth, pages
from connectors.meta_graph.media import download
from connectors.meta_graph.pages import MESSAGING_FIELDS
from connectors.meta_graph.types import Page
from plugins.facebook.graph import file_hosts, has_app, meta_app, verify_token
from plugins.facebook.names import SCOPES
from plugins.facebook.subscription import note_sign_in, read_sign_in, subscribe
from plugins.facebook.troubles import translated
from tidings import Account, ChannelError, Host, Permanent, Route, SignIns

__all__ = ["connect_routes"]

MOST_PICTURES, MOST_PICTURE_BYTES = 30, 200_000
NEEDED_TASKS = {"MESSAGING", "MANAGE"}


@dataclass(frozen=True, slots=True)
class GuidePage:
    """What the guide shows: addresses to copy, and how far the admin is."""

    has_app: bool
    redirect_url: str
    webhook_url: str
    verify_token: str
    page_fields: str
    scopes: Sequence[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page to choose. `picture` is a data address, empty without one; `why_not` says why it cannot be connected."""

    id: str
    name: str
    category: str
    picture: str
    is_connected: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """The pages of the person who signed in; `state` finds their sign-in again."""

    rows: Sequence[PageRow]
    state: str


def connect_routes(host: Host) -> Sequence[Route]:
    """All for admins."""

    def guide(request: Request) -> str:
        return _guide(host)

    def sign_in(request: Request) -> Response:
        return _sign_in(host, request.args.get("account", ""))

    def callback(request: Request) -> Response | str:
        return _guarded(host, lambda: _callback(host, request))

    def choose(request: Request) -> Response | str:
        return _guarded(host, lambda: _connect_chosen(host, request))

    return [
        Route("/connect", guide, "connect", role="admin"),
        Route("/sign-in", sign_in, "sign_in", role="admin"),
        Route("/callback", callback, "callback", role="admin"),
        Route("/choose", choose, "choose", ("POST",), role="admin"),
    ]


def _guide(host: Host, problem: str = "") -> str:
    page = GuidePage(
        has_app=has_app(host),
        redirect_url=host.url("/callback"),
        webhook_url=host.shared_webhook_url(),
        verify_token=verify_token(host),
        page_fields=", ".join((*MESSAGING_FIELDS, "feed")),
        scopes=SCOPES,
        problem=problem,
    )
    return host.render("facebook/connect.html", page=page)


def _guarded(host: Host, act: Callable[[], Response | str]) -> Response | str:
    """What goes wrong comes back as a sentence on the guide; nothing is lost."""
    try:
        return act()
    except ChannelError as error:
        return _guide(host, str(error))


def _sign_in(host: Host, account_id: str) -> Response:
    """Off to Facebook."""
    if not has_app(host):
        return redirect(host.url("/connect"), 303)
    state = SignIns(host).begin({"account": int(account_id) if account_id.isdecimal() else 0})
    return redirect(oauth.authorization_url(meta_app(host), host.url("/callback"), state, SCOPES, asks_again=True), 303)


def _callback(host: Host, request: Request) -> Response | str:
    """Back from Facebook, with a code or without."""
    begun = SignIns(host).take(request.args.get("state", ""))
    if begun is None or "account" not in begun:
        raise Permanent(host.gettext("This sign-in took too long or was used already. Begin it again."))
    if request.args.get("error"):
        raise Permanent(host.gettext("Facebook was not allowed to connect anything. Sign in again and agree."))
    app = meta_app(host)
    with translated(host.now):
        short = oauth.exchange_code(app, request.args.get("code", ""), host.url("/callback"))
        token = oauth.extend(app, short.access_token).access_token
        found = pages.list_pages(app.client(token))
    account = host.account(begun["account"]) if begun["account"] else None
    if account is not None:
        return _reconnect(host, request, account, found)
    return _choice(host, app, token, found)


def _reconnect(host: Host, request: Request, account: Account, found: Sequence[Page]) -> Response:
    page = next((one for one in found if one.id == str(account.settings.get("page_id"))), None)
    if page is None or not page.access_token:
        sentence = host.gettext(
            "You do not manage the page %(name)s, or did not allow it. Sign in as somebody who does."
        )
        raise Permanent(sentence % {"name": account.name})
    host.save_secret(account.id, "page_token", page.access_token)
    _begin_work(host, account.id)
    return redirect(f"{request.root_path}/accounts/{account.id}", 303)


def _choice(host: Host, app: MetaApp, token: str, found: Sequence[Page]) -> str:
    if not found:
        raise Permanent(host.gettext("This Facebook account manages no page, or none was allowed."))
    state = SignIns(host).begin({"token": token})
    connected = {str(account.settings.get("page_id")) for account in host.accounts(with_paused=True)}
    rows = [
        PageRow(
            id=page.id,
            name=page.name,
            category=page.category,
            picture=_picture(host, app, page) if number < MOST_PICTURES else "",
            is_connected=page.id in connected,
            why_not=_why_not(host, page),
        )
        for number, page in enumerate(found)
    ]
    return host.render("facebook/choose.html", page=ChoicePage(rows, state))


def _why_not(host: Host, page: Page) -> str:
    if not page.access_token or (page.tasks and not NEEDED_TASKS & set(page.tasks)):
        return host.gettext("You may not answer messages of this page.")
    return ""


def _picture(host: Host, app: MetaApp, page: Page) -> str:
    """As a data address, since our pages show nothing from other servers; a picture that cannot be fetched is no reason to stop."""
    if not page.picture_url:
        return ""
    try:
        got = download(
            app.session, page.picture_url, most_bytes=MOST_PICTURE_BYTES, allowed_hosts=file_hosts(host), timeout_s=5.0
        )
    except (Rejected, AuthExpired):
        return ""
    is_picture = got.content_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
    return f"data:{got.content_type};base64,{base64.b64encode(got.content).decode()}" if is_picture else ""


def _connect_chosen(host: Host, request: Request) -> Response:
    begun = SignIns(host).take(request.form.get("state", ""))
    chosen = request.form.getlist("page")
    if begun is None or "token" not in begun:
        raise Permanent(host.gettext("This sign-in took too long or was used already. Begin it again."))
    if not chosen:
        raise Permanent(host.gettext("No page was chosen. Begin again and choose at least one."))
    app = meta_app(host)
    with translated(host.now):
        found = pages.list_pages(app.client(begun["token"]))
    added = [_add(host, page) for page in found if page.id in chosen and not _why_not(host, page)]
    where = f"/{added[0]}" if len(added) == 1 else ""
    return redirect(f"{request.root_path}/accounts{where}", 303)


def _add(host: Host, page: Page) -> int:
    account_id = host.add_account(page.name, settings={"page_id": page.id}, secrets={"page_token": page.access_token})
    _begin_work(host, account_id)
    return account_id


def _begin_work(host: Host, account_id: int) -> None:
    """Webhooks on, and when the sign-in ends."""
    account = host.account(account_id)
    if account is not None:
        subscribe(host, account)
        note_sign_in(host, account_id, read_sign_in(host, account))
