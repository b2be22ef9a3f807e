"""The agent's own page: name, language, time zone, signature, theme, second factor, sessions."""

import re

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_security import login_user
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError
from app.extensions import db
from app.models import Agent
from app.services import agents as verbs
from app.web.contexts import ProfilePage, SessionRow
from app.web.current import current_actor, current_agent, current_core
from app.web.guard import is_local_path
from app.web.locale import languages, reader, timezones
from app.web.refusals import flash_refusal, put_problems
from app.web.shell import render_page
from forms.agents import ProfileForm

__all__ = ["blueprint"]

blueprint = Blueprint("profile", __name__)
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android phone"), ("Windows", "Windows"),
    ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@blueprint.get("/profile")
def show() -> Response:
    """The page."""
    agent = current_agent()
    stored = {
        "name": agent.name,
        "language": agent.language or reader().language,
        "time_zone": agent.timezone,
        "signature": agent.signature,
    }
    return _page(ProfileForm(data=stored).offer(languages(), timezones()))


@blueprint.post("/profile")
def save() -> Response | BaseResponse:
    """One section of the page: details, theme, or sessions."""
    section = request.form.get("section", "details")
    if section == "theme":
        return _save_theme(request.form.get("theme", "auto"))
    if section in ("end_other_sessions", "end_session"):
        return sign_out_everywhere()
    form = ProfileForm(request.form).offer(languages(), timezones())
    if form.validate():
        try:
            _update(name=form.name.data, language=form.language.data, timezone=form.time_zone.data,
                    signature=form.signature.data or "")  # fmt: skip
            flash(gettext("Saved."))
            return redirect(url_for("profile.show"), code=303)
        except AppError as error:
            put_problems(form, error)
    return _page(form, status=422)


@blueprint.post("/profile/sign-out-everywhere")
def sign_out_everywhere() -> BaseResponse:
    """End all sessions but this one."""
    agent_id = current_agent().id
    try:
        verbs.sign_out_everywhere(current_core(), current_actor(), agent_id)
        login_user(db.session.get_one(Agent, agent_id), authn_via=["session"])
        flash(gettext("All other browsers are signed out."))
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("profile.show"), code=303)


@blueprint.get("/profile/two-factor")
def two_factor() -> BaseResponse:
    """Where the second factor is set up."""
    return redirect(url_for("security.two_factor_setup"))


def _page(form: ProfileForm, status: int = 200) -> Response:
    agent = current_agent()
    here = SessionRow(
        id="this",
        device=_device(request.user_agent.string),
        address=request.remote_addr or "",
        last_seen_at=current_core().clock.now(),
        is_current=True,
    )
    page = ProfilePage(
        form=form,
        has_two_factor=agent.has_two_factor,
        sessions=(here,),
        recovery_codes_left=agent.recovery_codes_left if agent.has_two_factor else None,
    )
    return render_page("profile/show.html", page, section="profile", status=status)


def _save_theme(theme: str) -> Response | BaseResponse:
    _update(theme=theme if theme in ("light", "dark") else "auto")
    if request.headers.get("Sec-Fetch-Mode") == "cors" or "X-CSRFToken" in request.headers:
        return make_response("", 204)
    address = re.sub(r"\A[a-z]+://[^/]+", "", request.referrer or "")
    return redirect(address if address and is_local_path(address) else url_for("profile.show"), code=303)


def _update(**changes: str) -> None:
    agent = current_agent()
    values = {
        "name": agent.name,
        "language": agent.language,
        "timezone": agent.timezone,
        "theme": agent.theme,
        "signature": agent.signature,
    }
    verbs.update_profile(current_core(), current_actor(), **{**values, **changes})


def _device(user_agent: str) -> str:
    """ "Firefox, Linux"; what nobody knows is "A browser"."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return ", ".join(filter(None, (browser, system))) or gettext("A browser")
