"""The blueprint of the pages about plugins, and what all its views need."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.domain.roles import Permission
from app.errors import AppError
from app.web.current import require_permission
from app.web.refusals import flash_refusal

__all__ = ["SECTION", "blueprint", "do"]

SECTION = "plugins"
"""Where these pages stand in the rail."""

blueprint = Blueprint("plugins", __name__, url_prefix="/settings/plugins")


@blueprint.before_request
def _for_those_who_may() -> None:
    """No page about plugins is for anybody else; the verbs check it once more."""
    require_permission(Permission.PLUGINS)


def do(name: str, verb: Callable[[], str]) -> Response:
    """Run a verb about a plugin, say what it answers or why it was refused, and go to the plugin's page."""
    try:
        flash(verb())
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("plugins.show", name=name), code=303)
