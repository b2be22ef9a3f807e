"""Translated texts in templates, remembered for each language: a page asks for some hundred.

`_("…")` is for what the template says itself. The filter `translated` is for what was declared elsewhere in English, such as labels
of forms and sentences of errors: it takes any text and leaves what no catalogue has as it is.
"""

import flask_babel
from flask import Flask
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app import languages
from app.web.current import current_core
from app.web.locale import reader
from forms.base import speak_through

__all__ = ["install_texts", "translated"]

_MOST = 10_000


def install_texts(app: Flask) -> None:
    """Replace the `_` and `gettext` of templates. Variables are filled in as always: `_("%(name)s wrote", name=…)`.

    What was remembered is out of date when plugins come or go, since they bring texts.
    """
    known: dict[tuple[int, str, str], str] = {}

    @pass_eval_context
    def gettext(context: EvalContext, text: str, /, **variables: object) -> str:
        key = (current_core().plugins.edition, reader().language, text)
        found = known.get(key)
        if found is None:
            if len(known) >= _MOST:
                known.clear()
            found = known[key] = flask_babel.gettext(text)
        return (Markup(found) if context.autoescape else found) % variables

    app.jinja_env.globals.update({"_": gettext, "gettext": gettext})
    app.jinja_env.filters["translated"] = translated
    speak_through(PageTexts())


def translated(text: object) -> str:
    """A text that was declared in English in the language of the page, for example a form's label."""
    return languages.gettext(str(text))


class PageTexts:
    """What forms say by themselves, in the language of the page."""

    def gettext(self, text: str) -> str:
        return languages.gettext(text)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return languages.ngettext(singular, plural, count)
