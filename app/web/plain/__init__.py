"""Pages that must work when nothing else does: no theme, no plugin, no built asset, no session. Today that is the recovery link.

Opening the link changes nothing, since programs that read mail follow links; only the button switches safe mode on.
"""

from pathlib import Path

import flask_babel
from flask import Blueprint, Response, make_response, request, url_for
from flask_babel import gettext
from jinja2 import Environment, FileSystemLoader

from app.errors import NotAllowed
from app.extensions import csrf
from app.services import rates, safe_mode
from app.web.current import current_core
from app.web.guard import public
from app.web.locale import speak_to_visitor, text_direction

__all__ = ["blueprint"]

blueprint = Blueprint("plain", __name__)

HERE = Path(__file__).parent
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
ATTEMPTS = "30 per hour"
_templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)


@blueprint.get("/recovery/plain.css")
@public
def style() -> Response:
    """The few lines of style of these pages."""
    response = make_response((HERE / "static" / "plain.css").read_text(encoding="utf-8"))
    response.headers["Content-Type"] = "text/css; charset=utf-8"
    return response


@blueprint.get("/recovery/<token>")
@public
def ask(token: str) -> Response:
    """Say what the link does and ask for it."""
    speak_to_visitor()
    core = current_core()
    if safe_mode.is_safe_mode(core) and safe_mode.is_recovery_ours(core, token):
        return _is_on()
    if not safe_mode.is_recovery_valid(core, token):
        return _is_dead()
    return _page(
        gettext("Switch safe mode on?"),
        gettext("Tidings then runs with only the plugins that came with it, and looks as it did at the beginning."),
        gettext("Messages come in and go out as before. No setting is changed, and an admin can end it at any time."),
        may_switch_on=True,
    )


@blueprint.post("/recovery/<token>")
@csrf.exempt
@public
def switch_on(token: str) -> Response:
    """Switch safe mode on. The link itself says that this is allowed, so no session and no token of one is asked for."""
    speak_to_visitor()
    core = current_core()
    is_ours = safe_mode.is_recovery_ours(core, token)
    if not is_ours and not rates.allow(core, f"recovery:{request.remote_addr}", ATTEMPTS):
        return _page(gettext("Too many attempts"), gettext("Wait an hour and try again."), status=429)
    try:
        safe_mode.recover(core, token)
    except NotAllowed:
        return _is_on() if is_ours and safe_mode.is_safe_mode(core) else _is_dead()
    return _is_on()


def _is_on() -> Response:
    return _page(
        gettext("Safe mode is on"),
        gettext(
            "Sign in, open Plugins, and switch off what is broken. Then leave safe mode with the button above every page."
        ),
    )


def _is_dead() -> Response:
    return _page(
        gettext("This link no longer works"),
        gettext("It has been used, or it is older than a day."),
        gettext("Whoever runs the server gets a new one with “tidings recovery-link”."),
        status=410,
    )


def _page(title: str, *sentences: str, may_switch_on: bool = False, status: int = 200) -> Response:
    html = _templates.get_template("recovery.html").render(
        _=gettext,
        title=title,
        sentences=sentences,
        may_switch_on=may_switch_on,
        language=str(flask_babel.get_locale() or "en").replace("_", "-"),
        direction=text_direction(),
        style_url=url_for("plain.style"),
        home_url=f"{request.script_root}/",
    )
    return make_response(
        html,
        status,
        {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"},
    )
