"""Translated texts in templates, remembered for each language: a page asks for some hundred."""

import flask_babel
from flask import Flask
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app.web.locale import language_code

__all__ = ["install_texts"]

_MOST = 10_000


def install_texts(app: Flask) -> None:
    """Replace the `_` and `gettext` of templates. Variables are filled in as always: `_("%(name)s wrote", name=…)`."""
    known: dict[tuple[str, str], str] = {}

    @pass_eval_context
    def gettext(context: EvalContext, text: str, /, **variables: object) -> str:
        key = (language_code(), text)
        found = known.get(key)
        if found is None:
            if len(known) >= _MOST:
                known.clear()
            found = known[key] = flask_babel.gettext(text)
        return (Markup(found) if context.autoescape else found) % variables

    app.jinja_env.globals.update({"_": gettext, "gettext": gettext})
