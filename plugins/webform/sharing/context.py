"""Signed context: what a website says about a customer who is logged in there, and whether it can be believed.

The site signs a JSON text with the secret that only it and the form know (HMAC-SHA256, RFC 2104, as 64 hexadecimal digits). The secret
is kept among the account's sealed secrets and shown once, when it is made. Code for sites stands in `signing_samples`.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

from tidings import Account, Host

__all__ = [
    "MOST_BYTES",
    "MOST_VALUES",
    "Context",
    "ContextSecret",
    "ContextState",
    "drop_former_secret",
    "forget_secret",
    "make_secret",
    "read_context",
    "secret_facts",
    "sign_context",
]

MOST_BYTES = 4000
"""Of the JSON text; a longer one is not read."""
MOST_VALUES = 20
MOST_NAME, MOST_TEXT = 40, 500
"""Characters of one name and of one value."""
EXPIRES = "expires"

_SECRET, _FORMER = "context_secret", "context_secret_before"
_DIGITS = 64


class ContextState(StrEnum):
    """Whether the site vouches for the values. EXPIRED: it did, until a moment that is past."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Context:
    """What came along with a visitor. `values` are texts by name, numbers as they were written."""

    values: Mapping[str, str] = field(default_factory=dict)
    state: ContextState = ContextState.UNVERIFIED

    @property
    def is_verified(self) -> bool:
        return self.state is ContextState.VERIFIED


@dataclass(frozen=True, slots=True)
class ContextSecret:
    """What a page says of a form's secret without knowing it. `has_former`: the one before is still accepted."""

    made_at: datetime | None = None
    has_former: bool = False

    @property
    def is_there(self) -> bool:
        return self.made_at is not None


# ------------------------------------------------------------------------------------------ reading ----
def read_context(host: Host, account_id: int, context: str, signature: str) -> Context:
    """What a site said about a visitor, and how far it can be believed.

    `context` is a JSON object of texts and numbers, at most MOST_VALUES of them and MOST_BYTES long; `signature` is the hexadecimal HMAC of
    exactly these bytes. The optional name "expires" (Unix seconds) ends its validity. What cannot be read gives no values at all; what is
    not signed with the form's secret is read, and is unverified.
    """
    values = _values(context)
    if values is None:
        return Context()
    expires = values.pop(EXPIRES, "")
    account = host.account(account_id)
    if account is None or not _is_signed(account, context, signature):
        return Context(values)
    return Context(values, ContextState.VERIFIED if _is_current(expires, host.now()) else ContextState.EXPIRED)


def sign_context(secret: str, context: str) -> str:
    """The signature of a JSON text, as a website makes it."""
    return hmac.new(secret.encode(), context.encode("utf-8", "replace"), "sha256").hexdigest()


def _values(text: str) -> dict[str, str] | None:
    if not text or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        return None
    try:
        read = json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or len(read) > MOST_VALUES:
        return None
    given = {name: value for name, value in read.items() if value is not None}
    if not all(isinstance(value, str) and _fits(name, value) for name, value in given.items()):
        return None
    return {_line(name): _line(value) for name, value in given.items() if _line(value)}


def _fits(name: str, value: str) -> bool:
    return bool(_line(name)) and len(name) <= MOST_NAME and len(value) <= MOST_TEXT


def _line(text: str) -> str:
    """One line of what can be shown."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity are no JSON, although Python reads them."""
    raise ValueError(constant)


def _is_signed(account: Account, context: str, signature: str) -> bool:
    """Whether one of the form's secrets made the signature; every wrong one takes the same time."""
    given = signature.strip().lower().encode("utf-8", "replace")
    fits = False
    for key in (_SECRET, _FORMER):
        wanted = sign_context(account.secret(key), context).encode()
        fits |= hmac.compare_digest(given, wanted) and bool(account.secret(key))
    return fits and len(given) == _DIGITS


def _is_current(expires: str, now: datetime) -> bool:
    if not expires:
        return True
    try:
        return now.timestamp() < float(expires)
    except ValueError:
        return False


# --------------------------------------------------------------------------------------- the secret ----
def make_secret(host: Host, account: Account) -> str:
    """A new secret for a form, to be shown once. The one before is accepted until `drop_former_secret`, so that a site can change over."""
    fresh = secrets.token_urlsafe(32)
    host.save_secret(account.id, _FORMER, account.secret(_SECRET))
    host.save_secret(account.id, _SECRET, fresh)
    host.store.set(_made_key(account.id), host.now().isoformat())
    return fresh


def drop_former_secret(host: Host, account: Account) -> None:
    """Accept only the newest secret from now on."""
    host.save_secret(account.id, _FORMER, "")


def secret_facts(host: Host, account: Account) -> ContextSecret:
    """When the form's secret was made, and whether two are accepted."""
    made: Any = host.store.get(_made_key(account.id))
    if not made or not account.secret(_SECRET):
        return ContextSecret()
    return ContextSecret(datetime.fromisoformat(made), bool(account.secret(_FORMER)))


def forget_secret(host: Host, account_id: int) -> None:
    """What was noted of the secret of a form that had this id before; the secret went with its account."""
    host.store.delete(_made_key(account_id))


def _made_key(account_id: int) -> str:
    return f"secret:{account_id}"
