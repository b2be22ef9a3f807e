"""Before each request: follow the plugins and limit their time, lead to set-up while there is nobody, and keep out who is not signed in.

Every view needs a signed-in agent unless it is marked with `public`.
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.services.agents import has_agents
from app.web.current import current_core, signed_in

__all__ = ["before_setup", "install_guard", "is_local_path", "public", "require_sign_in"]

View = TypeVar("View", bound=Callable)
_IS_SET_UP = "tidings.is_set_up"
_public: set[Callable] = set()
_before_setup: set[Callable] = set()


def public(view: View) -> View:
    """Mark a view that anybody may open."""
    _public.add(view)
    return view


def before_setup(view: View) -> View:
    """Mark a view that works while there is no agent yet; it is public too."""
    _before_setup.add(view)
    return public(view)


def install_guard(app: Flask) -> None:
    """Watch over all views of the app."""

    @app.before_request
    def guard() -> Response | None:
        plugins = current_core().plugins
        plugins.refresh()
        plugins.dispatcher.limit_thread(plugins.health.limits.request_s)
        view = app.view_functions.get(request.endpoint or "")
        if view is None or request.endpoint == "theme_assets":
            return None
        if not _is_set_up() and view not in _before_setup:
            return redirect(url_for("setup.first_run"))
        if request.blueprint == "security" or view in _public:
            return None
        return require_sign_in()

    @app.teardown_request
    def unlimited(_error: BaseException | None) -> None:
        current_core().plugins.dispatcher.limit_thread(None)


def require_sign_in() -> Response | None:
    """None for somebody who is signed in; else what leads to the sign-in page, or 401 for scripts."""
    if signed_in() is not None:
        return None
    if "HX-Request" in request.headers or request.headers.get("Accept", "").startswith(
        ("text/event-stream", "application/json")
    ):
        return make_response("Sign in first.", 401)
    is_page = request.method in ("GET", "HEAD")
    here = request.full_path.rstrip("?") if is_page else None
    return redirect(url_for("security.login", next=here if here != "/" else None))


def is_local_path(address: str) -> bool:
    """Whether an address that came from outside stays on this site."""
    parts = urlsplit(address.replace("\\", "/"))
    return address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc


def _is_set_up() -> bool:
    """True once an agent exists; asked of the database until then."""
    if not current_app.extensions.get(_IS_SET_UP):
        current_app.extensions[_IS_SET_UP] = has_agents(current_core())
    return current_app.extensions[_IS_SET_UP]
