"""`/s/<word>`: the short addresses that plugins gave to their pages."""

from flask import Blueprint, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.plugin_host import NoRoute, WrongMethod
from app.services.plugins.short_addresses import target_of
from app.web.current import current_core, view_as_nobody
from app.web.guard import public
from app.web.locale import speak_to_visitor

__all__ = ["blueprint"]

blueprint = Blueprint("short_address", __name__)


@blueprint.get("/s/<word>")
@public
def lead(word: str) -> Response:
    """On to the page while its plugin runs; what stands in the query goes along."""
    speak_to_visitor()
    view_as_nobody()
    core = current_core()
    target = target_of(core, word.lower())
    core.session.rollback()
    if target is None or not _is_there(*target):
        raise NotFound(gettext("There is nothing at this address."))
    plugin, path = target
    query = request.query_string.decode("ascii", "replace")
    further = f"{'&' if '?' in path else '?'}{query}" if query else ""
    return redirect(f"{request.script_root}/plugins/{plugin}{path}{further}", code=302)


def _is_there(plugin: str, path: str) -> bool:
    try:
        current_core().plugins.routes.match(plugin, path.partition("?")[0], "GET")
    except (NoRoute, WrongMethod):
        return False
    return True
