"""Letterheads: what stands below answers, for managers, with a preview of both parts of a mail while they write."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.placeholders import PLACEHOLDERS
from app.domain.roles import Permission
from app.errors import AppError, NotFound
from app.queries.accounts import accounts_by_id
from app.queries.letterheads import LetterheadFacts, letterheads
from app.queries.people import team_names
from app.services.letterheads import LetterheadDraft, delete_letterhead, is_for, save_letterhead
from app.web.contexts import LetterheadPage, LetterheadRow, LetterheadsPage
from app.web.current import current_actor, current_core, require_permission
from app.web.letterhead_preview import preview_of
from app.web.refusals import put_problems
from app.web.shell import render_page
from forms.letterheads import LetterheadForm

__all__ = ["blueprint"]

blueprint = Blueprint("letterheads", __name__)
_PREVIEW_POLICY = (
    "sandbox allow-same-origin; default-src 'none'; img-src data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)


@blueprint.get("/letterheads")
def index() -> Response:
    """All of them."""
    require_permission(Permission.LETTERHEADS)
    rows = tuple(
        LetterheadRow(one.id, one.name, _place(one), _beginning(one.signature or one.footer))
        for one in letterheads(current_core().session)
    )
    return render_page("letterheads/index.html", LetterheadsPage(rows), section="letterheads")


@blueprint.route("/letterheads/new", methods=["GET", "POST"])
def new() -> Response | BaseResponse:
    """Make one."""
    require_permission(Permission.LETTERHEADS)
    return _form_page(None)


@blueprint.route("/letterheads/<int:id>", methods=["GET", "POST"])
def edit(id: int) -> Response | BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Change or remove one."""
    require_permission(Permission.LETTERHEADS)
    found = _find(id)
    if request.form.get("action") == "delete":
        delete_letterhead(current_core(), current_actor(), id)
        flash(gettext("Removed."))
        return redirect(url_for("letterheads.index"), code=303)
    return _form_page(found)


@blueprint.post("/letterheads/preview")
def preview() -> Response:
    """A message with the letterhead of the posted form, saved or not, as a document that nothing can run in. `?id=` names the one whose
    logo stays."""
    require_permission(Permission.LETTERHEADS)
    number = request.args.get("id", "")
    stored = _find(int(number)) if number.isdecimal() and len(number) < 10 else None
    form = _form(stored)
    shown = preview_of(_draft(form), stored, team=_team_name(form.team.data))
    response = make_response(render_template("letterheads/preview.html", preview=shown))
    response.headers["Content-Security-Policy"] = _PREVIEW_POLICY
    return response


def _form_page(stored: LetterheadFacts | None) -> Response | BaseResponse:
    form = _form(stored)
    if request.method == "POST" and form.validate():
        try:
            save_letterhead(current_core(), current_actor(), stored.id if stored else None, _draft(form))
            flash(gettext("Saved."))
            return redirect(url_for("letterheads.index"), code=303)
        except AppError as error:
            put_problems(form, error)
    placeholders = tuple("{{" + name + "}}" for name in PLACEHOLDERS)
    page = LetterheadPage(form, stored.id if stored else None, stored.name if stored else "", placeholders)
    has_problems = bool(form.errors or form.form_errors)
    if has_problems and _posted_logo():
        flash(gettext("Choose the files again, please."), "error")
    return render_page("letterheads/edit.html", page, section="letterheads", status=422 if has_problems else 200)


def _form(stored: LetterheadFacts | None) -> LetterheadForm:
    data = {
        "name": stored.name, "account": str(stored.account_id or ""), "team": str(stored.team_id or ""),
        "signature": stored.signature, "footer": stored.footer, "colour": stored.colour,
    } if stored else {}  # fmt: skip
    form = LetterheadForm(request.form or None, data=data)
    return form.offer(_accounts(), _teams(), has_logo=bool(stored and stored.logo_sha256))


def _draft(form: LetterheadForm) -> LetterheadDraft:
    return LetterheadDraft(
        name=form.name.data or "",
        team_id=int(form.team.data) if (form.team.data or "").isdecimal() else None,
        account_id=int(form.account.data) if (form.account.data or "").isdecimal() else None,
        signature=(form.signature.data or "").replace("\r\n", "\n"),
        footer=(form.footer.data or "").replace("\r\n", "\n"),
        colour=form.colour.data or "",
        logo=_posted_logo(),
        drops_logo="drops_logo" in form and bool(form.drops_logo.data),
    )


def _posted_logo() -> bytes | None:
    file = request.files.get("logo")
    if not file or not file.filename:
        return None
    file.seek(0)
    return file.read() or None


def _accounts() -> list[tuple[str, str]]:
    """Those whose messages have room for one."""
    core = current_core()
    found = accounts_by_id(core.session)
    fitting = [
        one
        for one in found.values()
        if one.plugin in core.plugins.channels and is_for(core.plugins.channels[one.plugin])
    ]
    return [("", gettext("Every account")), *((str(one.id), one.name) for one in fitting)]


def _teams() -> list[tuple[str, str]]:
    names = team_names(current_core().session)
    return [("", gettext("Every team")), *((str(id_), name) for id_, name in names.items())]


def _beginning(text: str) -> str:
    return text.strip().partition("\n")[0][:120]


def _team_name(posted: str | None) -> str:
    return dict(_teams()).get(posted, "") if posted else ""


def _place(one: LetterheadFacts) -> str:
    return " · ".join(filter(None, (one.account, one.team))) or gettext("Everybody")


def _find(letterhead_id: int) -> LetterheadFacts:
    found = next((one for one in letterheads(current_core().session) if one.id == letterhead_id), None)
    if found is None:
        raise NotFound(gettext("This letterhead does not exist."))
    return found
