"""The pages a visitor's browser shows without any script: the form on its own page or in a frame, and the thank-you page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug import Request, Response
from werkzeug.exceptions import NotFound

from forms.contact import ContactForm
from plugins.webform.definition import FormDefinition
from plugins.webform.publication import PublishedForm, find_form
from plugins.webform.visiting.outcomes import Outcome, Way
from plugins.webform.visiting.posting import blank_form, page_address, take_post
from plugins.webform.visiting.texts import NO_FORM, NOT_SENT, REFUSALS, SENT
from tidings import Host

__all__ = ["FormPage", "FormPages", "require_form"]

STATUS = {
    Outcome.INVALID: 422,
    Outcome.STALE: 422,
    Outcome.UNPROVEN: 422,
    Outcome.TOO_MANY: 429,
    Outcome.TOO_LARGE: 413,
    Outcome.CLOSED: 503,
}
RETRY_AFTER_S = 3600
THEMES = ("light", "dark", "auto")


@dataclass(frozen=True, slots=True)
class ProblemLink:
    """One line of the summary above the form: where the problem is and what it is."""

    field_id: str
    label: str
    problem: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """What the templates show, and what the theme's `public/layout.html` asks for.

    `notice` says why a post was not taken; without a `form` the page is only a notice or a thank-you. `form_url` is the path of the
    empty form, `theme` light, dark or auto.
    """

    title: str
    heading: str
    definition: FormDefinition
    form: ContactForm | None
    notice: str
    form_url: str
    theme: str
    is_embedded: bool

    @property
    def problem_links(self) -> Sequence[ProblemLink]:
        """The problems of the form's fields, in the order of the page."""
        if self.form is None:
            return ()
        problems = self.form.problems
        return [ProblemLink(f.id, f.label.text, problems[f.name]) for f in self.form if f.name in problems]

    @property
    def lost_files(self) -> bool:
        """Whether files had been chosen that the browser will not show again."""
        return self.form is not None and bool(self.form.chosen_files)


@dataclass(frozen=True, slots=True)
class FormPages:
    """The views of the hosted page and of the frame; they differ in who may show them and in what they remember."""

    host: Host
    way: Way

    def show(self, request: Request, key: str) -> Response:
        """GET: an empty form."""
        published = require_form(self.host, key)
        if not published.is_open:
            return self._page(request, published, None, Outcome.CLOSED)
        seen_on = page_address(request.args.get("page") or request.referrer)
        return self._page(request, published, blank_form(self.host, published, seen_on), None)

    def post(self, request: Request, key: str) -> Response:
        """POST: on to the thank-you page once the message is stored, else the form again with everything typed."""
        published = require_form(self.host, key)
        result = take_post(self.host, published, request, self.way)
        if result.outcome is Outcome.ACCEPTED:
            location = (
                f"{self._form_url(request, published)}/thanks?{_passed_on(request, theme=_theme(request, self.way))}"
            )
            return Response(status=303, headers={"Location": location})
        return self._page(request, published, result.form, result.outcome)

    def thanks(self, request: Request, key: str) -> Response:
        """GET: the thank-you text."""
        return self._rendered(
            request, require_form(self.host, key), "webform/thanks.html", heading=self.host.gettext(SENT)
        )

    def _page(
        self, request: Request, published: PublishedForm, form: ContactForm | None, outcome: Outcome | None
    ) -> Response:
        notice = self.host.gettext(REFUSALS[outcome]) if outcome else ""
        response = self._rendered(request, published, "webform/page.html", form=form, notice=notice)
        response.status_code = STATUS[outcome] if outcome else 200
        if outcome is Outcome.TOO_MANY:
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    def _rendered(
        self,
        request: Request,
        published: PublishedForm,
        template: str,
        *,
        form: ContactForm | None = None,
        notice: str = "",
        heading: str = "",
    ) -> Response:
        title = published.definition.title
        state = self.host.gettext(NOT_SENT) if notice else heading
        page = FormPage(
            title=f"{state} · {title}" if state else title,
            heading=heading or title,
            definition=published.definition,
            form=form,
            notice=notice,
            form_url=f"{self._form_url(request, published)}?{_passed_on(request)}".removesuffix("?"),
            theme=_theme(request, self.way),
            is_embedded=self.way is Way.FRAME,
        )
        response = Response(self.host.render(template, page=page), mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = f"frame-ancestors {self._ancestors(published)}"
        return response

    def _form_url(self, request: Request, published: PublishedForm) -> str:
        """A path only, so that it works under whatever name the visitor reached us."""
        part = "/frame" if self.way is Way.FRAME else ""
        return f"{request.root_path}/plugins/{self.host.plugin}/f/{published.key}{part}"

    def _ancestors(self, published: PublishedForm) -> str:
        if self.way is Way.PAGE:
            return "'none'"
        return " ".join(published.definition.allowed_origins) or "*"


def require_form(host: Host, key: str) -> PublishedForm:
    """The form with this key; raises werkzeug's `NotFound` when there is none."""
    published = find_form(host, key)
    if published is None:
        raise NotFound(host.gettext(NO_FORM))
    return published


def _passed_on(request: Request, **more: str) -> str:
    """The query for the next page of the same visitor: in the language that was asked for, if one was."""
    language = request.args.get("lang", "")[:35]
    return urlencode({**({"lang": language} if language else {}), **more})


def _theme(request: Request, way: Way) -> str:
    """A frame follows the page around it, which is light unless the snippet says otherwise; a page of its own follows the system."""
    wanted = request.args.get("theme", "")
    return wanted if wanted in THEMES else ("light" if way is Way.FRAME else "auto")
