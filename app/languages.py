"""The languages Tidings speaks, and its texts in any of them.

A language is a folder of `app/translations/`. Plugins add their own texts in `<plugin>/translations/`, and the sentences of WTForms
come with it; all are one catalogue for each language, in which the core's texts win. Which language a page speaks is `app.web.locale`'s.
"""

import logging
import struct
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import flask_babel
import wtforms
from babel.support import NullTranslations, Translations
from flask import current_app
from werkzeug.datastructures import LanguageAccept

from app.extensions import babel
from app.plugin_host import State

__all__ = [
    "ENGLISH",
    "accepted_language",
    "closest_language",
    "gettext",
    "install_languages",
    "language_codes",
    "ngettext",
]

log = logging.getLogger(__name__)

ENGLISH = "en"
TRANSLATIONS = Path(__file__).parent / "translations"
WTFORMS = Path(wtforms.__file__).parent / "locale"
_KNOWN = "tidings.catalogues"


def install_languages() -> None:
    """Let Flask-Babel take its texts from here."""
    babel.domain_instance = _Catalogues()


@cache
def language_codes() -> tuple[str, ...]:
    """English and every language with a compiled catalogue: ("de", "en", "fr")."""
    return tuple(
        sorted({ENGLISH, *(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo"))})
    )


def closest_language(wanted: str) -> str:
    """The language we speak that fits "de", "de-AT" or "pt_BR" best; empty when there is none."""
    return accepted_language([(wanted.replace("_", "-"), 1.0)])


def accepted_language(accepted: Iterable[tuple[str, float]]) -> str:
    """The language we speak that somebody likes best, who said how well (language, quality); empty when there is none."""
    return LanguageAccept([one for one in accepted if one[0] != "*"]).best_match(language_codes()) or ""


def gettext(text: str, language: str = "") -> str:
    """The text in that language, else in the page's. What no catalogue has stays as it is, and so does an empty text."""
    return _catalogue(language).ugettext(text) if text else ""


def ngettext(singular: str, plural: str, count: int, language: str = "") -> str:
    """The right one of both for `count` things, with the count still to be filled in."""
    return _catalogue(language).ungettext(singular, plural, count)


class _Catalogues(flask_babel.Domain):
    """One catalogue for each language, read when it is first needed, and anew when plugins came or went."""

    def get_translations(self) -> NullTranslations:
        return _known(str(flask_babel.get_locale() or ENGLISH))


def _catalogue(language: str) -> NullTranslations:
    """That of the language we speak that fits best, else English; of the page when none is named."""
    return _known(_closest(language, language_codes()) or ENGLISH) if language else flask_babel.get_translations()


@lru_cache(maxsize=1000)
def _closest(language: str, _spoken: tuple[str, ...]) -> str:
    return closest_language(language)


def _known(code: str) -> NullTranslations:
    edition = current_app.extensions["tidings"].plugins.edition
    known: tuple[int, dict[str, Translations]] | None = current_app.extensions.get(_KNOWN)
    if known is None or known[0] != edition:
        known = current_app.extensions[_KNOWN] = (edition, {})
    if code not in known[1]:
        known[1][code] = _read(code)
    return known[1][code]


def _read(code: str) -> Translations:
    """The catalogues of WTForms, the running plugins and the core as one; what comes later wins."""
    plugins = current_app.extensions["tidings"].plugins.infos()
    whole = Translations()
    for folder, domain in (
        (WTFORMS, "wtforms"),
        *((info.path / "translations", "messages") for info in plugins if info.path and info.state is State.ACTIVE),
        (TRANSLATIONS, "messages"),
    ):
        part = _load(folder, code, domain)
        if isinstance(part, Translations):
            whole.merge(part)
            whole.plural = part.plural  # merge() forgets how its language counts
    return whole


def _load(folder: Path, code: str, domain: str) -> NullTranslations | None:
    """One catalogue; None when its file is broken: a plugin's mistake must not cost everybody's texts."""
    try:
        return Translations.load(folder, [code], domain)
    except (OSError, ValueError, LookupError, struct.error):
        log.exception("the texts in %s cannot be read", folder)
        return None
