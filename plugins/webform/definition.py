"""One form as its account defines it: the stored settings read once into a typed value with its defaults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from forms.contact import ContactLimits
from tidings import translatable

__all__ = ["FormDefinition", "origin_of", "read_origins"]

MEGABYTE = 1_000_000
USUAL_TITLE = translatable("Contact us")
USUAL_THANKS = translatable("Thank you. Your message has arrived, and the answer will come to your e-mail address.")
USUAL_CONFIRMATION = translatable(
    "Thank you for writing to us. Your message has arrived, and a person will answer it.\n\n"
    "If you want to add something, just answer this mail."
)


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """What the form says and takes. `allowed_origins` empty means any site may embed it; `answer_from` 0 leaves the choice to the host.

    An empty title, thanks or confirmation means the usual one, in the language of whoever reads it: see `in_words`.
    """

    title: str = ""
    intro: str = ""
    thanks: str = ""
    asks_subject: bool = True
    max_files: int = 5
    max_megabytes: int = 10
    allowed_origins: tuple[str, ...] = ()
    answer_from: int = 0
    team_id: int | None = None
    sends_confirmation: bool = True
    confirmation_text: str = ""
    keep_ip_days: int = 7
    posts_per_hour: int = 20

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "FormDefinition":
        """Read stored settings; what is missing or empty gets its default."""
        default = cls()
        return cls(
            title=settings.get("title") or "",
            intro=settings.get("intro") or "",
            thanks=settings.get("thanks") or "",
            asks_subject=bool(settings.get("asks_subject", True)),
            max_files=_number(settings, "max_files", default.max_files),
            max_megabytes=_number(settings, "max_megabytes", default.max_megabytes),
            allowed_origins=read_origins(settings.get("allowed_origins") or "")[0],
            answer_from=_number(settings, "answer_from", 0),
            team_id=_number(settings, "team_id", 0) or None,
            sends_confirmation=bool(settings.get("sends_confirmation", True)),
            confirmation_text=settings.get("confirmation_text") or "",
            keep_ip_days=_number(settings, "keep_ip_days", default.keep_ip_days),
            posts_per_hour=_number(settings, "posts_per_hour", default.posts_per_hour),
        )

    def in_words(self, gettext: Callable[[str], str]) -> "FormDefinition":
        """The same with every text that was left to us said through `gettext`."""
        return replace(
            self,
            title=self.title or gettext(USUAL_TITLE),
            thanks=self.thanks or gettext(USUAL_THANKS),
            confirmation_text=self.confirmation_text or gettext(USUAL_CONFIRMATION),
        )

    @property
    def limits(self) -> ContactLimits:
        return ContactLimits(self.max_files, self.max_megabytes * MEGABYTE, self.asks_subject)

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may embed the form and post to it."""
        return not self.allowed_origins or origin.lower() in self.allowed_origins


def read_origins(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(origins, lines that are none) of a text with one web address a line; paths are dropped, names put in lower case."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    origins = [(line, origin_of(line)) for line in lines]
    return (
        tuple(dict.fromkeys(origin for _, origin in origins if origin)),
        tuple(line for line, origin in origins if not origin),
    )


def origin_of(address: str) -> str:
    """ "https://Example.com/contact" → "https://example.com"; empty when it is no http(s) address."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or any(c in host for c in " ;,*'\""):
        return ""
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")


def _number(settings: Mapping[str, Any], key: str, default: int) -> int:
    value = settings.get(key)
    return default if value is None or value == "" else int(value)
