"""The tokens of a sign-in: kept together as one secret, refreshed before they end, by one thread at a time.

X takes a refresh token once. Another process may have used it a moment ago: then what it stored is taken, and nobody has to sign in.
"""

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.errors import AuthExpired
from connectors.x_api import Tokens, XApp, refresh
from tidings import Account, Host

__all__ = ["SIGN_IN", "Kept", "kept_tokens", "pack", "usable_token"]

SIGN_IN = "sign_in"
EARLY = timedelta(minutes=3)
_LOCKS: dict[int, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class Kept:
    """Tokens as they are stored."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime = datetime.min.replace(tzinfo=UTC)


def pack(tokens: Tokens, now: datetime, *, earlier_refresh: str = "") -> str:
    """The secret that holds tokens X just gave."""
    expires_at = now + timedelta(seconds=tokens.expires_in_s)
    kept = {"access": tokens.access_token, "refresh": tokens.refresh_token or earlier_refresh}
    return json.dumps({**kept, "expires_at": expires_at.isoformat()})


def kept_tokens(account: Account) -> Kept:
    """The stored tokens; empty ones where nobody signed in."""
    try:
        value = json.loads(account.secret(SIGN_IN) or "{}")
        expires_at = datetime.fromisoformat(value["expires_at"])
        return Kept(str(value["access"]), str(value["refresh"]), expires_at)
    except (ValueError, KeyError, TypeError):
        return Kept()


def usable_token(host: Host, app: XApp, account: Account, *, refused: str = "") -> str:
    """An access token that is good for some minutes; another one than `refused`, which X did not take.

    Raises AuthExpired when the owner has to sign in again, RateLimited, Unavailable, Rejected.
    """
    kept = kept_tokens(host.account(account.id) or account)
    if _is_good(kept, host.now(), refused):
        return kept.access
    with _LOCKS.setdefault(account.id, threading.Lock()):
        kept = kept_tokens(host.account(account.id) or account)
        if _is_good(kept, host.now(), refused):
            return kept.access
        return _refreshed(host, app, account, kept, refused)


def _refreshed(host: Host, app: XApp, account: Account, kept: Kept, refused: str) -> str:
    if not kept.refresh:
        raise AuthExpired("Nobody has signed in for this account.", step="login")
    try:
        tokens = refresh(host.http, app, kept.refresh)
    except AuthExpired:
        newer = kept_tokens(host.account(account.id) or account)
        if newer.refresh != kept.refresh and _is_good(newer, host.now(), refused):
            return newer.access
        raise
    if account.id:
        host.save_secret(account.id, SIGN_IN, pack(tokens, host.now(), earlier_refresh=kept.refresh))
    return tokens.access_token


def _is_good(kept: Kept, now: datetime, refused: str) -> bool:
    return bool(kept.access) and kept.access != refused and kept.expires_at - EARLY > now
