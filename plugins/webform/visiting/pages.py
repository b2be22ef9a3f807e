"""The pages a visitor's browser shows without any script: the form on its own page or in a frame, and the thank-you page."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug import Request, Response
from werkzeug.exceptions import NotFound
from werkzeug.urls import iri_to_uri

from forms.definitions import DefinedForm
from plugins.webform.guarding.verification import ASKED
from plugins.webform.publication import PublishedForm, find_form
from plugins.webform.visiting.embedscript import page_script, style
from plugins.webform.visiting.languages import MAX_LANGUAGE, Catalogue, direction_of
from plugins.webform.visiting.look import is_accent
from plugins.webform.visiting.outcomes import Outcome, Way
from plugins.webform.visiting.posting import PostResult, blank_form, page_address, take_post
from plugins.webform.visiting.texts import NO_FORM, NOT_SENT, REFUSALS, SENT
from plugins.webform.visiting.usual import thanks_of, title_of
from plugins.webform.visiting.view import FormView
from plugins.webform.visiting.viewing import THEMES, embedded_theme, language_of, partial_texts, view_of
from tidings import Host

__all__ = ["RETRY_AFTER_S", "STATUS", "FormPage", "FormPages", "require_form", "thanks_lines"]

STATUS = {
    Outcome.INVALID: 422,
    Outcome.STALE: 422,
    Outcome.UNPROVEN: 422,
    Outcome.TOO_MANY: 429,
    Outcome.TOO_LARGE: 413,
    Outcome.CLOSED: 503,
}
RETRY_AFTER_S = 3600


@dataclass(frozen=True, slots=True)
class FormPage:
    """What the templates show, and what the theme's `public/layout.html` asks for.

    `view` is what the partial shows; without it the page is only a `notice` or a thank-you, whose text is `lines`. `form_url` is the path
    of the empty form; `go_on_url` is where the owner sends visitors afterwards, empty when they stay. `theme` is light, dark or auto.
    `look_css` is empty for a form without an accent of its own. `texts` by name: see `visiting.texts.PARTIAL_TEXTS`.
    """

    title: str
    heading: str
    view: FormView | None
    notice: str
    lines: tuple[str, ...]
    form_url: str
    go_on_url: str
    theme: str
    is_embedded: bool
    language: str
    direction: str
    texts: Mapping[str, str]
    form_css: str
    form_js: str
    look_css: str


@dataclass(frozen=True, slots=True)
class FormPages:
    """The views of the hosted page and of the frame; they differ in who may show them and in what they remember."""

    host: Host
    way: Way

    def show(self, request: Request, key: str) -> Response:
        """GET: an empty form."""
        published = require_form(self.host, key)
        language = language_of(self.host, request, published.definition)
        if not published.is_open:
            return self.refuse(request, published, language, REFUSALS[Outcome.CLOSED], STATUS[Outcome.CLOSED])
        seen_on = page_address(request.args.get("page") or request.referrer)
        form = blank_form(self.host, published, language, self.way, seen_on, request.args)
        return self._answer(request, published, self._page(request, published, language, form=form))

    def post(self, request: Request, key: str) -> Response:
        """POST: on to the thank-you page once the message is stored, else the form again with everything typed."""
        published = require_form(self.host, key)
        language = language_of(self.host, request, published.definition)
        result = take_post(self.host, published, request, self.way, language)
        if result.outcome is Outcome.ACCEPTED:
            return Response(status=303, headers={"Location": self.thanks_url(request, published)})
        return self.again(request, result)

    def thanks(self, request: Request, key: str) -> Response:
        """GET: the thank-you text, or on to where the owner sends visitors. A frame stays, for not every page can stand in one."""
        published = require_form(self.host, key)
        page = self._page(request, published, language_of(self.host, request, published.definition), is_sent=True)
        response = self._answer(request, published, page, "webform/visitor/thanks.html")
        if page.go_on_url and not page.is_embedded:
            response.headers["Refresh"] = f"0; url={iri_to_uri(page.go_on_url)}"
        return response

    def again(self, request: Request, result: PostResult, *, is_elsewhere: bool = False) -> Response:
        """The form with everything typed and why it was not taken. `is_elsewhere`: not at its own address, where it posts to."""
        published, language = result.published, result.form.language
        notice = self.host.gettext(REFUSALS[result.outcome], language)
        page = self._page(request, published, language, form=result.form, notice=notice, is_elsewhere=is_elsewhere)
        response = self._answer(request, published, page, status=STATUS[result.outcome])
        if result.outcome is Outcome.TOO_MANY:
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    def refuse(self, request: Request, published: PublishedForm, language: str, sentence: str, status: int) -> Response:
        """A page that only says why there is no form."""
        notice = self.host.gettext(sentence, language)
        return self._answer(request, published, self._page(request, published, language, notice=notice), status=status)

    def form_url(self, request: Request, published: PublishedForm) -> str:
        """A path only, so that it works under whatever name the visitor reached us."""
        part = "/frame" if self.way is Way.FRAME else ""
        return f"{self._root(request)}/f/{published.key}{part}"

    def thanks_url(self, request: Request, published: PublishedForm) -> str:
        """The path of the thank-you page, in the visitor's language and theme."""
        passed = _passed_on(request, theme=self._theme(request, published))
        return f"{self.form_url(request, published)}/thanks?{passed}"

    def _page(
        self,
        request: Request,
        published: PublishedForm,
        language: str,
        *,
        form: DefinedForm | None = None,
        notice: str = "",
        is_elsewhere: bool = False,
        is_sent: bool = False,
    ) -> FormPage:
        definition, catalogue, theme = (
            published.definition,
            Catalogue(self.host, language),
            self._theme(request, published),
        )
        title = title_of(definition, catalogue)
        state = catalogue.gettext(NOT_SENT if notice else SENT) if notice or is_sent else ""
        form_url = f"{self.form_url(request, published)}?{_passed_on(request)}".removesuffix("?")
        action = form_url if is_elsewhere else ""
        return FormPage(
            title=f"{state} · {title}" if state else title,
            heading=state if is_sent else title,
            view=self._view(request, published, form, theme, notice, action) if form else None,
            notice=notice,
            lines=thanks_lines(published, catalogue) if is_sent else (),
            form_url=form_url,
            go_on_url=definition.redirect if is_sent else "",
            theme=theme,
            is_embedded=self.way is Way.FRAME,
            language=language,
            direction=direction_of(language),
            texts=partial_texts(self.host, language),
            form_css=f"{self._root(request)}/form.css?{style().digest}",
            form_js=f"{self._root(request)}/form.js?{page_script().digest}",
            look_css=self._look_url(request, published),
        )

    def _view(
        self, request: Request, published: PublishedForm, form: DefinedForm, theme: str, notice: str, action: str
    ) -> FormView:
        return view_of(
            self.host,
            published,
            form,
            theme=theme,
            base=f"{self._root(request)}/f/{published.key}",
            action=action,
            notice=notice,
            is_headed=False,
            thanks_url=self.thanks_url(request, published),
        )

    def _answer(
        self,
        request: Request,
        published: PublishedForm,
        page: FormPage,
        template: str = "webform/visitor/page.html",
        status: int = 200,
    ) -> Response:
        response = Response(self.host.render(template, page=page), status=status, mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = f"frame-ancestors {self._ancestors(published)}"
        return response

    def _root(self, request: Request) -> str:
        return f"{request.root_path}/plugins/{self.host.plugin}"

    def _look_url(self, request: Request, published: PublishedForm) -> str:
        accent = published.definition.accent
        return f"{self._root(request)}/f/{published.key}/look.css?accent={accent[1:]}" if is_accent(accent) else ""

    def _theme(self, request: Request, published: PublishedForm) -> str:
        """A frame follows the page around it; a page of its own follows the visitor's system, unless the owner chose."""
        if self.way is Way.FRAME:
            return embedded_theme(request, published.definition)
        wanted = request.args.get("theme", "")
        return wanted if wanted in THEMES else published.definition.theme

    def _ancestors(self, published: PublishedForm) -> str:
        if self.way is Way.PAGE:
            return "'none'"
        return " ".join(published.settings.allowed_origins) or "*"


def require_form(host: Host, key: str) -> PublishedForm:
    """The form with this key; raises werkzeug's `NotFound` when there is none."""
    published = find_form(host, key)
    if published is None:
        raise NotFound(host.gettext(NO_FORM))
    return published


def thanks_lines(published: PublishedForm, catalogue: Catalogue) -> tuple[str, ...]:
    """What a visitor reads once the message is stored. With confirmed addresses it is not done yet, and that comes first."""
    asked = [catalogue.gettext(ASKED)] if published.settings.verifies_email else []
    text = "\n".join([*asked, thanks_of(published.definition, catalogue)])
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _passed_on(request: Request, **more: str) -> str:
    """The query for the next page of the same visitor: in the language that was asked for, if one was."""
    language = request.args.get("lang", "")[:MAX_LANGUAGE]
    return urlencode({**({"lang": language} if language else {}), **more})
