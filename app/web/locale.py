"""In which language and time zone a page speaks: the agent's, else the business's, else what the browser asks for."""

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import get_babel, get_locale, get_timezone

from app.extensions import babel
from app.queries.shell import business_facts
from app.web.current import current_core, signed_in

__all__ = ["business", "install_locale", "language_code", "languages", "text_direction", "timezone_name", "timezones"]


_CODES = "tidings.languages"


def install_locale(app: Flask) -> None:
    """Tell Flask-Babel whom to ask."""
    babel.init_app(app, locale_selector=_language, timezone_selector=_timezone)


def language_code() -> str:
    """The language of this page: "en", "pt_BR"."""
    if "language_code" not in g:
        g.language_code = str(get_locale() or "en")
    return g.language_code


def timezone_name() -> str:
    """The time zone of this page."""
    if "timezone_name" not in g:
        g.timezone_name = str(get_timezone())
    return g.timezone_name


def languages() -> list[tuple[str, str]]:
    """(code, own name) of the languages that Tidings is translated to; English always."""
    named = ((code, Locale.parse(code).get_display_name(code).capitalize()) for code in _codes())
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
        return "en"
    agent = signed_in()
    codes = _codes()
    wanted = [agent.language if agent else "", "" if agent else business()[1]]
    for code in filter(None, wanted):
        if _is_known(code):
            return code
    return request.accept_languages.best_match(codes) or "en"


def _codes() -> tuple[str, ...]:
    """The codes of all languages, looked up in the folders of translations once."""
    known = current_app.extensions.get(_CODES)
    if known is None:
        found = {str(locale) for locale in get_babel().instance.list_translations()} | {"en"}
        known = current_app.extensions[_CODES] = tuple(sorted(found))
    return known


def _is_known(code: str) -> bool:
    try:
        Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _timezone() -> str | None:
    agent = signed_in() if has_request_context() else None
    return agent.timezone if agent else None
