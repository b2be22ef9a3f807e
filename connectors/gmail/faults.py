"""From what Google answers to connectors.errors: by its reason, else by the status. Tables first, code second.

Reasons: https://developers.google.com/workspace/gmail/api/guides/handle-errors
OAuth errors: https://developers.google.com/identity/protocols/oauth2/web-server#error-codes
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.transport import redact, retry_after_s

__all__ = ["BadPushToken", "HistoryExpired", "from_answer"]

_KINDS: dict[str, type[ConnectorError]] = {
    "rateLimitExceeded": RateLimited,
    "userRateLimitExceeded": RateLimited,
    "quotaExceeded": RateLimited,
    "dailyLimitExceeded": RateLimited,
    "RATE_LIMIT_EXCEEDED": RateLimited,
    "RESOURCE_EXHAUSTED": RateLimited,
    "rate_limit_exceeded": RateLimited,
    "slow_down": RateLimited,
    "authError": AuthExpired,
    "UNAUTHENTICATED": AuthExpired,
    "ACCESS_TOKEN_EXPIRED": AuthExpired,
    "insufficientPermissions": AuthExpired,  # a right that was not ticked on the page of consent: connect again
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": AuthExpired,
    "invalid_grant": AuthExpired,
    "invalid_client": AuthExpired,
    "deleted_client": AuthExpired,
    "unauthorized_client": AuthExpired,  # of service accounts: the domain's admin has not allowed the delegation
    "access_denied": AuthExpired,
    "admin_policy_enforced": AuthExpired,
    "backendError": Unavailable,
    "internalError": Unavailable,
    "temporarily_unavailable": Unavailable,
    "internal_failure": Unavailable,
}
# The day's quota starts anew at midnight Pacific time; looking again every hour finds that soon enough.
_USUAL_WAIT_S: dict[str, float] = {"dailyLimitExceeded": 3600.0}
_RETRY_AT = re.compile(r"Retry after (\d{4}-\d\d-\d\dT[\d:.]+Z)", re.IGNORECASE)


class HistoryExpired(Rejected):
    """Gmail no longer knows the changes since the history id: list the messages instead and go on from the profile's id."""


class BadPushToken(Rejected):
    """A push that Google did not sign, or that is not meant for us."""


@dataclass(frozen=True)
class _Said:
    reason: str
    message: str


def from_answer(status: int, headers: Mapping[str, str], body: bytes, host: str) -> ConnectorError:
    """Return the error that an answer of 300 or above means. Its `code` is Google's reason, or the status where it gives none."""
    said = _said(body)
    code = said.reason or status
    reason = redact(f"{host} answered {status}" + (f": {said.message}" if said.message else "") + _named(said))[:400]
    kind = _KINDS.get(said.reason) or _kind_by_status(status)
    if kind is RateLimited:
        return RateLimited(reason, retry_after_s=_wait_s(said, headers), step="request", code=code)
    return kind(reason, step="login" if kind is AuthExpired else "request", code=code)


def _kind_by_status(status: int) -> type[ConnectorError]:
    if status == 401:
        return AuthExpired
    if status == 429:
        return RateLimited
    return Unavailable if status >= 500 or status == 408 else Rejected


def _wait_s(said: _Said, headers: Mapping[str, str]) -> float | None:
    """Return how long to wait: by the header, by Gmail's words ("Retry after 2026-03-01T10:00:00.000Z"), or as usual for the reason."""
    response = requests.Response()
    response.headers.update(headers)
    by_header = retry_after_s(response)
    if by_header is not None:
        return by_header
    found = _RETRY_AT.search(said.message)
    if found:
        try:
            return max(0.0, (datetime.fromisoformat(found[1]) - datetime.now(UTC)).total_seconds())
        except ValueError:
            pass
    return _USUAL_WAIT_S.get(said.reason)


def _said(body: bytes) -> _Said:
    """Return reason and message of an API error or of an OAuth error; texts that are not JSON have no reason."""
    try:
        answer = json.loads(body)
    except ValueError:
        return _Said("", " ".join(body[:300].decode("utf-8", "replace").split()))
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, str):
        return _Said(error, str(answer.get("error_description", "")))
    if not isinstance(error, dict):
        return _Said("", "")
    return _Said(_reason(error), str(error.get("message", "")))


def _reason(error: Mapping[str, Any]) -> str:
    """Return the most telling reason: one we know, else the first. The old style lists `errors`, the new one `details`."""
    places = [*_listed(error, "errors"), *_listed(error, "details")]
    reasons = [str(place["reason"]) for place in places if isinstance(place, dict) and place.get("reason")]
    status = str(error.get("status") or "")
    known = (reason for reason in [*reasons, status] if reason in _KINDS)
    return next(known, reasons[0] if reasons else status)


def _listed(error: Mapping[str, Any], key: str) -> list[Any]:
    value = error.get(key)
    return value if isinstance(value, list) else []


def _named(said: _Said) -> str:
    return f" ({said.reason})" if said.reason else ""
