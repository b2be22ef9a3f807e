"""What is remembered of each sign-in: who signed in, when its token was last renewed, when it ends, and what went wrong. No secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.mail_oauth import PROVIDERS, Tokens
from tidings import Host

__all__ = ["Grant", "forget_grant", "grant_of", "note_failed", "note_granted", "note_refreshed"]

_IN_USE = timedelta(days=2)
"""What was renewed within this time will be renewed again; that it would die of idleness some day is no news."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One sign-in. Moments are None where nothing is known; `reason` says why renewing fails since `failed_at`. `ends_at` is what the
    provider said, for sign-ins that end however often they are used."""

    sign_in: str
    person: str = ""
    refreshed_at: datetime | None = None
    ends_at: datetime | None = None
    failed_at: datetime | None = None
    reason: str = ""

    def end(self, now: datetime) -> datetime | None:
        """When somebody must have signed in again: at the end the provider set, or once it was idle too long."""
        provider = PROVIDERS.get(self.sign_in)
        ends = [self.ends_at]
        if provider and self.refreshed_at and now - self.refreshed_at > _IN_USE:
            ends.append(self.refreshed_at + timedelta(days=provider.idle_days))
        return min((end for end in ends if end is not None), default=None)


def grant_of(host: Host, account_id: int, sign_in: str) -> Grant:
    """What is known of an account's sign-in by this way; of another way it had before, nothing."""
    kept = host.store.get(_key(account_id), {})
    if kept.get("sign_in") != sign_in:
        return Grant(sign_in)
    moments = {name: _moment(kept, name) for name in ("refreshed_at", "ends_at", "failed_at")}
    return Grant(sign_in, person=kept.get("person", ""), reason=kept.get("reason", ""), **moments)


def note_granted(host: Host, account_id: int, sign_in: str, tokens: Tokens) -> None:
    """Somebody signed in."""
    ends_at = _end(tokens, host.now())
    _keep(host, account_id, Grant(sign_in, tokens.address, refreshed_at=host.now(), ends_at=ends_at))


def note_refreshed(host: Host, account_id: int, sign_in: str, tokens: Tokens) -> None:
    """The token was renewed. Providers that end a sign-in say so again each time; a new refresh token without an end has none."""
    before = grant_of(host, account_id, sign_in)
    ends_at = _end(tokens, host.now()) or (None if tokens.refresh_token else before.ends_at)
    _keep(host, account_id, Grant(sign_in, before.person, refreshed_at=host.now(), ends_at=ends_at))


def note_failed(host: Host, account_id: int, sign_in: str, reason: str) -> None:
    """The provider refused to renew the token. The first time counts."""
    before = grant_of(host, account_id, sign_in)
    if before.failed_at is None:
        failed = Grant(sign_in, before.person, before.refreshed_at, before.ends_at, host.now(), reason[:300])
        _keep(host, account_id, failed)


def forget_grant(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone."""
    host.store.delete(_key(account_id))


def _end(tokens: Tokens, now: datetime) -> datetime | None:
    return None if not tokens.refresh_expires_in_s else now + timedelta(seconds=tokens.refresh_expires_in_s)


def _keep(host: Host, account_id: int, grant: Grant) -> None:
    moments = {"refreshed_at": grant.refreshed_at, "ends_at": grant.ends_at, "failed_at": grant.failed_at}
    kept = {"sign_in": grant.sign_in, "person": grant.person, "reason": grant.reason}
    host.store.set(_key(account_id), {**kept, **{name: at.isoformat() for name, at in moments.items() if at}})


def _moment(kept: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(kept[name]) if kept.get(name) else None


def _key(account_id: int) -> str:
    return f"grant_{account_id}"
