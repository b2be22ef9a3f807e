"""The page that says how a form comes onto a website, and its buttons: short address, QR code, the secret for signed context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug import Request, Response
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from forms.definitions import FormDefinition, build_form, say
from plugins.webform.building.languages import own_name
from plugins.webform.checking.answers import NoExample, Sender, answers_for
from plugins.webform.form_settings import FormSettings
from plugins.webform.keys import ensure_key
from plugins.webform.sharing.context import ContextSecret, drop_former_secret, make_secret, secret_facts
from plugins.webform.sharing.plain_html import plain_form
from plugins.webform.sharing.qr import qr_png, qr_svg
from plugins.webform.sharing.short_address import ShortAddress, WordRefused, drop_word, set_word, short_address
from plugins.webform.sharing.signing_samples import SECRET_NAME, SigningSample, signing_samples
from plugins.webform.sharing.snippets import FormAddresses, PolicyLine, Snippets, policy_lines, snippets
from plugins.webform.storing.versions import current
from tidings import Account, Host, Route, translatable

__all__ = ["SharePage", "addresses_of", "share_routes", "snippets_of"]

TITLE = translatable("Contact form")
INVITATION = translatable("Contact us")
SEND = translatable("Send")
TRAP = translatable("Leave this empty")
MADE_SECRET = translatable("Made a secret for what sites sign")
DROPPED_SECRET = translatable("Dropped the former secret for what sites sign")
CHOSE_WORD = translatable("Chose the short address of a form")
DROPPED_WORD = translatable("Removed the short address of a form")


@dataclass(frozen=True, slots=True)
class SharePage:
    """What the template shows. `word` is what was typed for the short address, `problem` why it cannot be had. `fresh_secret` is shown this
    once. `plain` is the form as HTML in `language`, one of `languages` (code, own name); `has_plain` False where the form takes no such
    posts."""

    account_id: int
    name: str
    is_open: bool
    addresses: FormAddresses
    short: ShortAddress
    word: str
    problem: str
    snippets: Snippets
    plain: str
    has_plain: bool
    language: str
    languages: tuple[tuple[str, str], ...]
    policy: tuple[PolicyLine, ...]
    origins: tuple[str, ...]
    secret: ContextSecret
    fresh_secret: str
    secret_name: str
    samples: Sequence[SigningSample]

    @property
    def best_address(self) -> str:
        """The address that is shown and drawn first."""
        return self.short.url or self.addresses.page


def share_routes(host: Host) -> Sequence[Route]:
    """All for admins."""

    def share(request: Request, account_id: int) -> str:
        return _page(host, _own(host, account_id), language=request.args.get("language", ""))

    def address(request: Request, account_id: int) -> Any:
        return _change_word(host, _own(host, account_id), request)

    def secret(request: Request, account_id: int) -> Response:
        return _fresh_secret(host, _own(host, account_id))

    def drop_former(request: Request, account_id: int) -> Any:
        account = _own(host, account_id)
        drop_former_secret(host, account)
        host.note_change(DROPPED_SECRET, account.name)
        return host.done(host.gettext("Only the newest secret is accepted now."), f"/forms/{account_id}/share")

    def qr(request: Request, account_id: int, kind: str) -> Response:
        return _qr(host, _own(host, account_id), kind, is_download="download" in request.args)

    return [
        Route("/forms/<int:account_id>/share", share, "share", role="admin"),
        Route("/forms/<int:account_id>/share/address", address, "share_address", ("POST",), role="admin"),
        Route("/forms/<int:account_id>/share/secret", secret, "share_secret", ("POST",), role="admin"),
        Route("/forms/<int:account_id>/share/former", drop_former, "share_former", ("POST",), role="admin"),
        Route("/forms/<int:account_id>/qr.<any(svg,png):kind>", qr, "share_qr", role="admin"),
    ]


def addresses_of(host: Host, account: Account) -> FormAddresses:
    """Where a form can be reached; its key is made when it has none yet."""
    key = ensure_key(host, account.id)
    return FormAddresses(key, host.url(f"/f/{key}"), host.url("/embed.js"))


def snippets_of(host: Host, account: Account, definition: FormDefinition) -> Snippets:
    """What is pasted, in the first language of the form."""
    base = definition.languages[0]
    title = say(definition.title, base, base) or host.gettext(TITLE, base)
    invitation = host.gettext(INVITATION, base)
    values = _sample_values(host, definition)
    return snippets(addresses_of(host, account), title=title, invitation=invitation, values=values)


def _page(
    host: Host, account: Account, *, language: str = "", word: str = "", problem: str = "", fresh_secret: str = ""
) -> str:
    definition, settings = current(host, account).definition, FormSettings.from_settings(account.settings)
    addresses = addresses_of(host, account)
    language = language if language in definition.languages else definition.languages[0]
    send, trap = host.gettext(SEND, language), host.gettext(TRAP, language)
    page = SharePage(
        account_id=account.id,
        name=account.name,
        is_open=any(one.id == account.id for one in host.accounts()),
        addresses=addresses,
        short=short_address(host, account.id),
        word=word,
        problem=problem,
        snippets=snippets_of(host, account, definition),
        plain=plain_form(definition, addresses.post, language, send=send, trap=trap),
        has_plain=settings.takes_plain_posts,
        language=language,
        languages=tuple((code, own_name(code)) for code in definition.languages),
        policy=policy_lines(addresses.origin),
        origins=settings.allowed_origins,
        secret=secret_facts(host, account),
        fresh_secret=fresh_secret,
        secret_name=SECRET_NAME,
        samples=signing_samples(addresses.script, addresses.key),
    )
    return host.render("webform/sharing/share.html", page=page)


def _change_word(host: Host, account: Account, request: Request) -> Any:
    path = f"/forms/{account.id}/share"
    if "remove" in request.form:
        drop_word(host, account.id)
        host.note_change(DROPPED_WORD, account.name)
        return host.done(host.gettext("The short address was removed."), path)
    typed = request.form.get("word", "")
    try:
        set_word(host, account.id, typed, f"/f/{ensure_key(host, account.id)}")
    except WordRefused as refused:
        return Response(_page(host, account, word=typed[:60], problem=str(refused)), 422, mimetype="text/html")
    host.note_change(CHOSE_WORD, account.name, word=short_address(host, account.id).word)
    return host.done(host.gettext("The short address was saved."), path)


def _fresh_secret(host: Host, account: Account) -> Response:
    """The one page that shows it; no browser may keep it."""
    fresh = make_secret(host, account)
    host.note_change(MADE_SECRET, account.name)
    html = _page(host, _own(host, account.id), fresh_secret=fresh)
    return Response(html, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _qr(host: Host, account: Account, kind: str, *, is_download: bool) -> Response:
    address = short_address(host, account.id).url or addresses_of(host, account).page
    drawn, mimetype = (qr_svg(address), "image/svg+xml") if kind == "svg" else (qr_png(address), "image/png")
    response = Response(drawn, mimetype=mimetype, headers={"Cache-Control": "private, no-cache"})
    if is_download:
        response.headers.set("Content-Disposition", "attachment", filename=f"form-{account.id}.{kind}")
    return response


def _sample_values(host: Host, definition: FormDefinition) -> Mapping[str, object]:
    """What a program could send: an answer to each question that is then asked, as the form would take it."""
    base = definition.languages[0]
    sender = Sender("Ada Example", "ada@example.com", host.gettext("Hello", base), host.gettext("Hello", base))
    try:
        typed = answers_for(definition, sender, host.now().date()).values
    except NoExample:
        return {}
    asked = build_form(definition, base, MultiDict(typed), now=host.now()).shown_ids
    return {name: value for name, value in typed.items() if name in asked}


def _own(host: Host, account_id: int) -> Account:
    account = host.account(account_id)
    if account is None:
        raise NotFound
    return account
