"""When a sign-in at Google ends, where Google says so: for consent given for a time, and after seven days for applications in testing.

https://developers.google.com/identity/protocols/oauth2/web-server (`refresh_token_expires_in`)
"""

from datetime import datetime, timedelta

from connectors.gmail import Tokens
from tidings import Host

__all__ = ["forget_grant", "grant_ends_at", "note_grant", "note_renewal"]


def note_grant(host: Host, account_id: int, tokens: Tokens | None) -> None:
    """Somebody signed in, or a service account took over (None): what was said of an earlier sign-in holds no more."""
    forget_grant(host, account_id)
    if tokens is not None:
        note_renewal(host, account_id, tokens)


def note_renewal(host: Host, account_id: int, tokens: Tokens) -> None:
    """Google says each time how long the refresh token has left; nothing happens when it does not."""
    if tokens.refresh_expires_in_s:
        ends_at = host.now() + timedelta(seconds=tokens.refresh_expires_in_s)
        host.store.set(_key(account_id), ends_at.isoformat())


def grant_ends_at(host: Host, account_id: int) -> datetime | None:
    """When the owner must have signed in again; None where nobody said."""
    kept = host.store.get(_key(account_id))
    return datetime.fromisoformat(kept) if kept else None


def forget_grant(host: Host, account_id: int) -> None:
    """Drop what is kept of an account."""
    host.store.delete(_key(account_id))


def _key(account_id: int) -> str:
    return f"grant_{account_id}"
