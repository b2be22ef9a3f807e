"""The signed token in every form: it says when the form was shown, so that programs that answer at once give themselves away."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins.webform.checking.marks import is_test
from tidings import Host

__all__ = ["MAX_AGE_S", "MIN_AGE_S", "FormToken", "issue_token", "read_token"]

MIN_AGE_S = 2.0
MAX_AGE_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class FormToken:
    """A token that is genuine and not too old. `nonce` is unique to one showing of the form; `page` is where it was shown."""

    nonce: str
    age_s: float
    page: str

    @property
    def is_too_fast(self) -> bool:
        """A program fills in a test, at once and on purpose."""
        return self.age_s < MIN_AGE_S and not is_test(self.nonce)


def issue_token(host: Host, key: str, page: str = "", *, nonce: str = "") -> str:
    """A token for the form with this public key, shown now. `nonce` is that of a test; any other one is random."""
    nonce = nonce or secrets.token_urlsafe(12)
    return host.sign({"form": key, "nonce": nonce, "at": host.now().timestamp(), "page": page})


def read_token(host: Host, key: str, text: str) -> FormToken | None:
    """None when the token is missing, forged, made for another form or older than a day."""
    value = host.unsign(text, MAX_AGE_S) if text else None
    if not value or value.get("form") != key:
        return None
    return _token(value, host.now().timestamp())


def _token(value: Mapping[str, Any], now_s: float) -> FormToken:
    return FormToken(nonce=str(value["nonce"]), age_s=now_s - float(value["at"]), page=str(value.get("page", "")))
