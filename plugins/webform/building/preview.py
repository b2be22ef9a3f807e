"""The draft, or an older version, as visitors would meet it: by the same templates, script and checks, but nothing that is sent is stored.

The form's script sends without cookies, so a signed address takes the place of the session there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from werkzeug import Request, Response
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from forms.definitions import DefinedForm, build_form
from plugins.webform.building.builder import form_account
from plugins.webform.guarding import files
from plugins.webform.publication import PublishedForm, form_of
from plugins.webform.storing.versions import draft, version
from plugins.webform.visiting.embedscript import page_script, style
from plugins.webform.visiting.languages import Catalogue, direction_of
from plugins.webform.visiting.look import is_accent
from plugins.webform.visiting.outcomes import Outcome, Way
from plugins.webform.visiting.pages import FormPage, thanks_lines
from plugins.webform.visiting.posting import blank_form
from plugins.webform.visiting.reading import read_values
from plugins.webform.visiting.texts import NOT_SENT, PARTIAL_TEXTS, REFUSALS, SENT
from plugins.webform.visiting.usual import title_of
from plugins.webform.visiting.view import FormView
from plugins.webform.visiting.viewing import THEMES, view_of
from tidings import Host, Route, translatable

__all__ = ["Preview"]

GOOD_FOR_S = 24 * 3600
_ONLY_HERE = translatable("This was a preview: nothing was sent.")
_GOES_ON = translatable("Visitors go on to %(address)s.")


@dataclass(frozen=True, slots=True)
class Preview:
    """The views; `?language=` and `?theme=` choose how, `?version=` names an older version."""

    host: Host

    def routes(self, form: str) -> Sequence[Route]:
        """Below `form`, the rule of one form's pages. None of them changes anything."""
        door = f"{form}/preview/<token>/submit"
        return [
            Route(f"{form}/preview", self.show, "preview", role="admin", is_embeddable=True),
            Route(f"{form}/preview", self.post, "try", ("POST",), role="admin", is_embeddable=True, needs_csrf=False),
            Route(door, self.submit, "try_script", ("POST",), is_public=True, needs_csrf=False),
        ]

    def show(self, request: Request, account_id: int) -> Response:
        """GET: an empty form."""
        form = self._form_of(account_id, _number(request))
        blank = blank_form(self.host, form, _language(request, form), Way.FRAME, "", request.args)
        return self._answer(self._page(request, form, blank), 200)

    def post(self, request: Request, account_id: int) -> Response:
        """POST without a script: checked as ever, then thanked for."""
        form = self._form_of(account_id, _number(request))
        outcome, posted = self._checked(request, form)
        if outcome is Outcome.ACCEPTED:
            return self._answer(self._page(request, form, posted, is_sent=True), 200, "webform/visitor/thanks.html")
        notice = self.host.gettext(REFUSALS[outcome], posted.language)
        return self._answer(self._page(request, form, posted, notice=notice), 422)

    def submit(self, request: Request, account_id: int, token: str) -> Response:
        """POST of the form's script: what it shows next, as JSON."""
        signed = self.host.unsign(token, GOOD_FOR_S)
        if signed is None or signed.get("preview") != account_id:
            raise NotFound
        form = self._form_of(account_id, int(signed.get("number", 0)))
        outcome, posted = self._checked(request, form)
        catalogue = Catalogue(self.host, posted.language)
        if outcome is Outcome.ACCEPTED:
            thanks = "\n".join(self._thanks(form, catalogue))
            return _json({"ok": True, "heading": catalogue.gettext(SENT), "thanks": thanks, "redirect": ""}, 200)
        refused = {"error": catalogue.gettext(REFUSALS[outcome]), "reason": outcome.value}
        return _json({**refused, "fields": dict(posted.problems), "token": posted.token.data}, 422)

    # ---- what is shown
    def _form_of(self, account_id: int, number: int) -> PublishedForm:
        account = form_account(self.host, account_id)
        found = version(self.host, account_id, number) if number else None
        if number and found is None:
            raise NotFound
        definition = found.definition if found else draft(self.host, account).definition
        return replace(form_of(self.host, account), definition=definition, is_open=True)

    def _checked(self, request: Request, form: PublishedForm) -> tuple[Outcome, DefinedForm]:
        language = _language(request, form)
        try:
            values = read_values(request, form.definition, with_spare=True)
        except RequestEntityTooLarge:
            return Outcome.TOO_LARGE, blank_form(self.host, form, language, Way.FRAME)
        catalogue = Catalogue(self.host, language)
        posted = build_form(
            form.definition,
            language,
            values,
            catalogue=catalogue,
            accepts_file=partial(files.refusal, gettext=catalogue.gettext),
            now=self.host.now(),
        )
        return (Outcome.ACCEPTED if posted.validate() else Outcome.INVALID), posted

    def _page(
        self, request: Request, form: PublishedForm, shown: DefinedForm, *, notice: str = "", is_sent: bool = False
    ) -> FormPage:
        catalogue, theme = Catalogue(self.host, shown.language), _theme(request, form)
        title = title_of(form.definition, catalogue)
        state = catalogue.gettext(NOT_SENT if notice else SENT) if notice or is_sent else ""
        accent = form.definition.accent
        look = f"{self._root(request)}/f/{form.key}/look.css?accent={accent[1:]}" if is_accent(accent) else ""
        return FormPage(
            title=f"{state} · {title}" if state else title,
            heading=state if is_sent else title,
            view=None if is_sent else self._view(request, form, shown, theme, notice),
            notice=notice,
            lines=self._thanks(form, catalogue) if is_sent else (),
            form_url=self._url(request, form),
            go_on_url="",
            theme=theme,
            is_embedded=request.headers.get("Sec-Fetch-Dest") != "document",
            language=shown.language,
            direction=direction_of(shown.language),
            texts={name: catalogue.gettext(text) for name, text in PARTIAL_TEXTS.items()},
            form_css=f"{self._root(request)}/form.css?{style().digest}",
            form_js=f"{self._root(request)}/form.js?{page_script().digest}",
            look_css=look,
        )

    def _view(self, request: Request, form: PublishedForm, shown: DefinedForm, theme: str, notice: str) -> FormView:
        """What is typed here is remembered apart from what is typed into the real form; no work has to be proved."""
        token = self.host.sign({"preview": form.account.id, "number": _number(request)})
        base = f"{self._root(request)}/forms/{form.account.id}/preview/{token}"
        view = view_of(self.host, form, shown, theme=theme, base=base, notice=notice, is_headed=False)
        return replace(view, facts={**view.facts, "key": f"preview-{form.account.id}", "proof": False})

    def _thanks(self, form: PublishedForm, catalogue: Catalogue) -> tuple[str, ...]:
        address = form.definition.redirect
        goes_on = (self.host.gettext(_GOES_ON) % {"address": address},) if address else ()
        return (*(goes_on or thanks_lines(form, catalogue)), self.host.gettext(_ONLY_HERE))

    def _answer(self, page: FormPage, status: int, template: str = "webform/visitor/page.html") -> Response:
        response = Response(self.host.render(template, page=page), status, mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
        return response

    def _url(self, request: Request, form: PublishedForm) -> str:
        kept = {name: value for name in ("language", "theme", "version") if (value := request.args.get(name))}
        return f"{self._root(request)}/forms/{form.account.id}/preview?{urlencode(kept)}".removesuffix("?")

    def _root(self, request: Request) -> str:
        return f"{request.root_path}/plugins/{self.host.plugin}"


def _number(request: Request) -> int:
    """The version that is asked for; 0 is the draft."""
    text = request.args.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _language(request: Request, form: PublishedForm) -> str:
    """One that the form is written in; `lang` is what its script says."""
    wanted = request.args.get("language") or request.args.get("lang")
    return wanted if wanted in form.definition.languages else form.definition.languages[0]


def _theme(request: Request, form: PublishedForm) -> str:
    wanted = request.args.get("theme", "")
    return wanted if wanted in THEMES else form.definition.theme


def _json(value: object, status: int) -> Response:
    text = json.dumps(value, ensure_ascii=False)
    return Response(text, status, content_type="application/json", headers={"Cache-Control": "no-store"})
