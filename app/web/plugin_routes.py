"""Pages of plugins below `/plugins/<name>/`: one catch-all asks the host which view is meant; a plugin that fails harms nobody else."""

from typing import Any

from flask import Blueprint, current_app, make_response, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from app.errors import AppError, NotFound
from app.extensions import csrf
from app.plugin_api.registrations import Route
from app.plugin_host import NoRoute, TimedOut, WrongMethod
from app.plugin_host.routes import STATIC
from app.services.core import require_role
from app.web.current import current_actor, current_core, view_as_nobody
from app.web.errors import refuse
from app.web.guard import public, require_sign_in
from app.web.headers import content_policy
from app.web.locale import speak_to_visitor
from app.web.plugin_faults import note_fault
from app.web.plugin_files import plugin_file
from app.web.slots import plugin_title

__all__ = ["blueprint"]

blueprint = Blueprint("plugin_pages", __name__)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_SAFE = {"GET", "HEAD", "OPTIONS"}
_FOR_THE_WHOLE_SITE = ("Clear-Site-Data", "Service-Worker-Allowed", "Strict-Transport-Security")
"""What browsers would apply beyond the page it came with."""


@blueprint.route("/plugins/<name>/", defaults={"path": ""}, methods=_METHODS, provide_automatic_options=False)
@blueprint.route("/plugins/<name>/<path:path>", methods=_METHODS, provide_automatic_options=False)
@csrf.exempt
@public
def page(name: str, path: str) -> Response:
    """Find the route, apply what it did not opt out of, and call its view. Files of the plugin are for everybody."""
    if path.startswith(STATIC):
        return plugin_file(name, path.removeprefix(STATIC))
    route, values = _route(name, f"/{path}")
    if route.is_public:
        speak_to_visitor()
        view_as_nobody()
    else:
        refusal = require_sign_in()
        if refusal is not None:
            return refusal
        require_role(current_actor(), route.role)
    if route.needs_csrf and request.method not in _SAFE:
        csrf.protect()
    return _policed(_call(name, route, values), route)


def _route(name: str, path: str) -> tuple[Route, dict[str, Any]]:
    method = "GET" if request.method == "HEAD" else request.method
    try:
        return current_core().plugins.routes.match(name, path, method)
    except NoRoute:
        raise NotFound(gettext("There is nothing at this address.")) from None
    except WrongMethod as error:
        raise MethodNotAllowed(valid_methods=list(error.allowed)) from None


def _call(name: str, route: Route, values: dict[str, Any]) -> Response:
    core, what = current_core(), f"page {route.name}"
    try:
        return core.plugins.dispatcher.guarded(name, what)(_answer, route, values)
    except (HTTPException, AppError):
        core.session.rollback()
        raise
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - plugin code, which may raise anything at all: its failure is shown as its own
        note_fault(name, what, error)
        return _failed(name, is_late=isinstance(error, TimedOut))


def _answer(route: Route, values: dict[str, Any]) -> Response:
    """What the view answers. What it would stream is read here: that is the plugin's code too, and it could fail halfway."""
    response = make_response(route.view(_request(), **values))
    if not response.direct_passthrough:
        response.make_sequence()
    return response


def _failed(name: str, *, is_late: bool) -> Response:
    title = plugin_title(name)
    if is_late:
        sentence = gettext("The plugin %(name)s took too long. The rest of Tidings is not affected.", name=title)
    else:
        sentence = gettext("The plugin %(name)s made a mistake. The rest of Tidings is not affected.", name=title)
    return refuse(500, gettext("This page of a plugin failed"), sentence)


def _request() -> Request:
    """The request itself: a plugin may keep it longer than the name for the current one means it."""
    return request._get_current_object()  # type: ignore[attr-defined]  # the stub does not know proxies


def _policed(response: Response, route: Route) -> Response:
    """Our policy; only who may frame the page is the plugin's choice, and only when the route says so."""
    ancestors = "'none'"
    if route.is_embeddable:
        ancestors = _ancestors(response.headers.get("Content-Security-Policy", "")) or "*"
    response.headers["Content-Security-Policy"] = content_policy(frame_ancestors=ancestors)
    for name in _FOR_THE_WHOLE_SITE:
        response.headers.pop(name, None)
    _take_out_our_cookies(response)
    return response


def _take_out_our_cookies(response: Response) -> None:
    """Who is signed in is not for a plugin to say."""
    config = current_app.config
    ours = {config["SESSION_COOKIE_NAME"], config.get("REMEMBER_COOKIE_NAME", "remember_token")}
    cookies = response.headers.getlist("Set-Cookie")
    response.headers.pop("Set-Cookie", None)
    for cookie in cookies:
        if cookie.partition("=")[0].strip() not in ours:
            response.headers.add("Set-Cookie", cookie)


def _ancestors(policy: str) -> str:
    directives = (directive.strip().split(" ", 1) for directive in policy.split(";"))
    return next((parts[1].strip() for parts in directives if parts[0] == "frame-ancestors" and len(parts) > 1), "")
