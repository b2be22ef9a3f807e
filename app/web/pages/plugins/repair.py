"""What an owner does about a plugin that failed: try again at once, deliver again what it missed, or forget that."""

from flask import request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from app.errors import InvalidInput
from app.services.plugins import repair
from app.web.current import current_actor, current_core
from app.web.pages.plugins.blueprint import blueprint, do

__all__: list[str] = []


@blueprint.post("/<name>/try-now")
def try_now(name: str) -> Response:
    """Do not wait for a resting part to be tried by itself."""

    def verb() -> str:
        hook = _hook()
        repair.try_again(current_core(), current_actor(), name, hook)
        return gettext("%(hook)s is called again from now on.", hook=hook)

    return do(name, verb)


@blueprint.post("/<name>/replay")
def replay(name: str) -> Response:
    """Deliver again what was missed; the worker does it."""

    def verb() -> str:
        count = repair.replay(current_core(), current_actor(), name, _hook())
        return ngettext("%(num)s is delivered again now.", "%(num)s are delivered again now.", count)

    return do(name, verb)


@blueprint.post("/<name>/forget")
def forget(name: str) -> Response:
    """Throw away what was missed."""

    def verb() -> str:
        count = repair.forget_missed(current_core(), current_actor(), name, _hook())
        return ngettext("%(num)s is forgotten.", "%(num)s are forgotten.", count)

    return do(name, verb)


def _hook() -> str:
    """Each button is about one hook; a form without its name means nothing."""
    hook = request.form.get("hook", "")
    if not hook:
        raise InvalidInput(gettext("Choose what this is about."))
    return hook
