"""Which of a form's languages its visitor reads, in which direction, and the texts of that language."""

from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug import Request

from tidings import Host

__all__ = ["MAX_LANGUAGE", "Catalogue", "closest_of", "direction_of", "language_for"]

MAX_LANGUAGE = 35
_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "ha-arab", "he", "iw", "ks", "ku-arab", "ps", "sd", "ug", "ur", "yi"}
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The host's texts in one language, as forms ask for them."""

    host: Host
    language: str

    def gettext(self, text: str, /) -> str:
        return self.host.gettext(text, self.language)

    def ngettext(self, singular: str, plural: str, count: int, /) -> str:
        return self.host.ngettext(singular, plural, count, self.language)


def language_for(request: Request, languages: tuple[str, ...], usual: str = "") -> str:
    """One of the form's languages: what `?lang=` names, else what the browser asks for, else `usual` where the form speaks it, else its
    first. "de-AT" is served by "de", and "pt" by "pt-BR"."""
    asked_for = (language for language, _ in request.accept_languages)
    return closest_of((request.args.get("lang", "")[:MAX_LANGUAGE], *asked_for, usual), languages)


def closest_of(wanted: Iterable[str], languages: tuple[str, ...]) -> str:
    """The form's language that fits the first of these which any fits; else the form's first."""
    return next((found for one in wanted if (found := _closest(one, languages))), languages[0])


def direction_of(language: str) -> str:
    """rtl or ltr."""
    code = language.lower().replace("_", "-")
    return "rtl" if code in _RIGHT_TO_LEFT or code.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def _closest(wanted: str, languages: Iterable[str]) -> str:
    code = wanted.lower().replace("_", "-")
    known = {language.lower(): language for language in languages}
    by_base = {language.partition("-")[0]: spoken for language, spoken in reversed(known.items())}
    return known.get(code) or (by_base.get(code.partition("-")[0], "") if code else "")
