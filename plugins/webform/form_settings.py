"""What an account of a form decides beside the form itself: who answers, where it may stand, and how it is protected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

__all__ = ["PROOFS", "FormSettings", "origin_of", "read_origins"]

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")

PROOFS = ("auto", "always", "never")
"""When a browser has to prove work: while an attack is on, always, never."""


@dataclass(frozen=True, slots=True)
class FormSettings:
    """The stored settings with their defaults. `allowed_origins` empty means any site may embed the form; `answer_from` 0 leaves the
    choice to the host; `verifies_email` waits until the address was confirmed; `takes_plain_posts` lets pages of other sites post
    without a token."""

    answer_from: int = 0
    allowed_origins: tuple[str, ...] = ()
    posts_per_hour: int = 20
    keep_ip_days: int = 7
    verifies_email: bool = False
    proof: str = "auto"
    takes_plain_posts: bool = True

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "FormSettings":
        """Read stored settings; what is missing or empty gets its default."""
        default = cls()
        return cls(
            answer_from=_number(settings, "answer_from", 0),
            allowed_origins=read_origins(settings.get("allowed_origins") or "")[0],
            posts_per_hour=_number(settings, "posts_per_hour", default.posts_per_hour),
            keep_ip_days=_number(settings, "keep_ip_days", default.keep_ip_days),
            verifies_email=bool(settings.get("verifies_email", default.verifies_email)),
            proof=settings["proof"] if settings.get("proof") in PROOFS else default.proof,
            takes_plain_posts=bool(settings.get("takes_plain_posts", default.takes_plain_posts)),
        )

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
    """ "https://Example.com/contact" → "https://example.com", letters of other languages as browsers send them ("xn--…"); empty when it is
    no http(s) address."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return ""
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")


def _number(settings: Mapping[str, Any], key: str, default: int) -> int:
    value = settings.get(key)
    return default if value is None or value == "" else int(value)
