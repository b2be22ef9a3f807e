"""The signed token in every form: when, where and in which version it was shown, so that programs that answer at once give themselves away.

Nothing about a token is kept on the server: one that was given out before a restart is as good after it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins.webform.visiting.outcomes import Way
from tidings import Host

__all__ = ["MAX_AGE_S", "MIN_AGE_S", "FormToken", "fresh_token", "read_token", "written_token"]

MIN_AGE_S = 2.0
MAX_AGE_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class FormToken:
    """One showing of a form. `nonce` is unique to it, `shown_at` in seconds since 1970; `page` is where it was shown and `way` how.
    `number` is the version that was shown, 0 when the token is older than versions are. `is_unproven`: it went out in answer to a post
    without the proof of work that was wanted."""

    nonce: str
    shown_at: float
    number: int
    way: Way
    page: str = ""
    is_unproven: bool = False

    def is_too_fast(self, now_s: float) -> bool:
        """Whether it comes back sooner than a person can type. A form of somebody else's site has no token to tell by."""
        return self.way is not Way.PLAIN and now_s - self.shown_at < MIN_AGE_S


def fresh_token(host: Host, number: int, way: Way, page: str = "") -> FormToken:
    """For a form that is shown now."""
    return FormToken(secrets.token_hex(10), host.now().timestamp(), number, way, page)


def written_token(host: Host, key: str, token: FormToken) -> str:
    """As it stands in the form with this public key; good for a day from now."""
    value = {"form": key, "nonce": token.nonce, "at": token.shown_at, "number": token.number, "way": token.way.value}
    return host.sign({**value, "page": token.page, **({"unproven": True} if token.is_unproven else {})})


def read_token(host: Host, key: str, text: str) -> FormToken | None:
    """None when the token is missing, forged, made for another form or older than a day."""
    value = host.unsign(text, MAX_AGE_S) if text else None
    return _token(value) if value and value.get("form") == key else None


def _token(value: Mapping[str, Any]) -> FormToken:
    return FormToken(
        nonce=str(value["nonce"]),
        shown_at=float(value["at"]),
        number=int(value.get("number", 0)),
        way=Way(value.get("way", Way.PAGE)),
        page=str(value.get("page", "")),
        is_unproven=bool(value.get("unproven", False)),
    )
