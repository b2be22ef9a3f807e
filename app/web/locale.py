"""In which language and time zone a page speaks.

Pages of agents: the agent's, else the business's, else what the browser asks for. Pages for visitors (`speak_to_visitor`): what
`?lang=` names, else what the browser asks for, else the business's.
"""

from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from flask import Flask, g, has_request_context, request
from flask_babel import get_locale, get_timezone, refresh

from app.extensions import babel
from app.languages import ENGLISH, accepted_language, closest_language, language_codes
from app.queries.shell import business_facts
from app.web.current import current_core, signed_in

__all__ = [
    "Reader",
    "business",
    "install_locale",
    "languages",
    "reader",
    "speak_to_visitor",
    "text_direction",
    "timezones",
]


def install_locale(app: Flask) -> None:
    """Tell Flask-Babel whom to ask."""
    babel.init_app(app, locale_selector=_language, timezone_selector=_timezone)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads this page: the language ("en", "pt_BR"), the time zone, and below which path of the site we live."""

    language: str
    timezone: str
    root: str


def reader() -> Reader:
    """The reader of this request; outside of one, of English texts in UTC."""
    found = g.get("reader")
    if found is None:
        root = request.script_root if has_request_context() else ""
        found = g.reader = Reader(str(get_locale() or "en"), str(get_timezone() or "UTC"), root)
    return found


def speak_to_visitor() -> None:
    """From here on this request speaks the language of whoever visits the page, signed in or not."""
    g.is_for_visitor = True
    g.pop("reader", None)
    refresh()


def languages() -> list[tuple[str, str]]:
    """(code, own name) of the languages that Tidings is translated to; English always."""
    named = ((code, (Locale.parse(code).get_display_name(code) or code).capitalize()) for code in language_codes())
    return sorted(named, key=lambda one: one[1])


def timezones() -> list[tuple[str, str]]:
    """(name, name) of all time zones, UTC first."""
    from zoneinfo import available_timezones

    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [(name, name.replace("_", " ")) for name in ["UTC", *names]]


def text_direction() -> str:
    """ltr or rtl, for the page's language."""
    locale = get_locale()
    return locale.text_direction if locale else "ltr"


def business() -> tuple[str, str]:
    """The business's name and language, read once in each request; empty before set-up."""
    if "business" not in g:
        g.business = business_facts(current_core().session)
    return g.business


def _language() -> str:
    if not has_request_context():
        return ENGLISH
    asked_for = accepted_language(request.accept_languages)
    if g.get("is_for_visitor"):
        return closest_language(request.args.get("lang", "")) or asked_for or closest_language(business()[1]) or ENGLISH
    agent = signed_in()
    code = (agent.language if agent else "") or business()[1]
    return code if _is_known(code) else asked_for or ENGLISH


def _is_known(code: str) -> bool:
    try:
        Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _timezone() -> str | None:
    agent = signed_in() if has_request_context() else None
    return agent.timezone if agent else None
