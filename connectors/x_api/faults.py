"""From what X answers to connectors.errors: by the problem's `type` and `reason`, else by the status. Tables first, code second.

Problems: https://docs.x.com/x-api/fundamentals/response-codes-and-errors. Limits: https://docs.x.com/x-api/fundamentals/rate-limits.
The sentences of X are passed on and never looked at.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import requests

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.transport import redact, retry_after_s
from connectors.x_api.json_fields import Fields, fields, items, number, text
from connectors.x_api.types import Limit, Limits

__all__ = ["Refusal", "UsageCapped", "XRejected", "error_from_answer", "limits_from_headers", "problem_name"]


class Refusal(enum.Enum):
    """Why X refuses, as far as somebody can do something about it."""

    PLAN = "plan"
    """The app's plan (tier) does not include this."""
    PERMISSIONS = "permissions"
    """The app or the token lacks a right: change the app's permissions, then sign in again."""
    NOT_ALLOWED = "not_allowed"
    """This person, post or conversation is not open to the account."""
    NOT_FOUND = "not_found"
    INVALID = "invalid"
    OTHER = "other"


class XRejected(Rejected):
    """X understood and refuses; `refusal` says why, `code` is the problem's name or the HTTP status."""

    def __init__(self, reason: str, *, code: int | str, refusal: Refusal) -> None:
        super().__init__(reason, step="request", code=code)
        self.refusal = refusal


class UsageCapped(RateLimited):
    """The plan's amount is used up, or the credits are: `period` is "daily", "monthly", "credits" or empty. Waiting helps, or paying."""

    def __init__(self, reason: str, *, retry_after_s: float, code: int | str, period: str) -> None:
        super().__init__(reason, retry_after_s=retry_after_s, step="request", code=code)
        self.period = period


_REFUSALS: Mapping[str, Refusal] = {
    "client-forbidden": Refusal.PLAN,
    "client-not-enrolled": Refusal.PLAN,
    "unsupported-authentication": Refusal.PERMISSIONS,
    "oauth1-permissions": Refusal.PERMISSIONS,
    "not-authorized-for-resource": Refusal.NOT_ALLOWED,
    "not-authorized-for-field": Refusal.NOT_ALLOWED,
    "disallowed-resource": Refusal.NOT_ALLOWED,
    "resource-unavailable": Refusal.NOT_ALLOWED,
    "resource-not-found": Refusal.NOT_FOUND,
    "invalid-request": Refusal.INVALID,
}
_BY_STATUS: Mapping[int, Refusal] = {400: Refusal.INVALID, 404: Refusal.NOT_FOUND, 410: Refusal.NOT_FOUND}
_LEGACY_CODES: Mapping[int, Refusal] = {
    93: Refusal.PERMISSIONS,
    453: Refusal.PLAN,
    144: Refusal.NOT_FOUND,
    179: Refusal.NOT_ALLOWED,
    349: Refusal.NOT_ALLOWED,
    433: Refusal.NOT_ALLOWED,
}
"""Codes of the old API that still appear: https://developer.x.com/en/support/x-api/error-troubleshooting."""
_OAUTH_REFUSALS = frozenset(
    {"invalid_grant", "invalid_client", "unauthorized_client", "access_denied", "invalid_token"}
)
_EXPIRED_LEGACY_CODES = frozenset({32, 89, 99, 135, 215})
_LOOK_AGAIN = timedelta(hours=6)
"""A month's cap ends on a day of the bill that X does not name here; credits can be bought at any time."""


def error_from_answer(response: requests.Response, now: datetime) -> ConnectorError:
    """Return the error that an answer of 300 or above means. The reason holds X's words, without secrets and at most 400 characters."""
    status, said = response.status_code, _said(response.content)
    name, legacy = problem_name(said.get("type")), _legacy_code(said)
    reason = redact(f"X answered {status}" + (f": {words}" if (words := _words(said)) else "."))[:400]
    code = _code(said, name, legacy, status)
    if name == "usage-capped" or status == 402 or name == "credits":
        return _capped(reason, said, name, code, response, now)
    if status == 401 or text(said.get("error")) in _OAUTH_REFUSALS or legacy in _EXPIRED_LEGACY_CODES:
        return AuthExpired(reason, step="login", code=code)
    if status == 429 or name == "rate-limit-exceeded":
        return RateLimited(reason, retry_after_s=_wait_s(response, now), step="request", code=code)
    if status >= 500 or status == 408:
        return Unavailable(reason, step="request", code=code)
    return XRejected(reason, code=code, refusal=_refusal(said, name, legacy, status))


def limits_from_headers(headers: Mapping[str, str]) -> Limits:
    """Return what the headers told of limits; parts that are missing or odd are None."""
    return Limits(
        window=_limit(headers, "x-rate-limit-"),
        app_day=_limit(headers, "x-app-limit-24hour-"),
        user_day=_limit(headers, "x-user-limit-24hour-"),
    )


def problem_name(address: object) -> str:
    """Return the last part of a problem's address, whatever host X writes before it; "about:blank" has none."""
    found = text(address)
    return found.rpartition("/")[2].lower() if "/problems/" in found else ""


def _refusal(said: Fields, name: str, legacy: int | None, status: int) -> Refusal:
    by_words = _REFUSALS.get(text(said.get("reason"))) or _REFUSALS.get(name)
    return by_words or _LEGACY_CODES.get(legacy or 0) or _BY_STATUS.get(status) or Refusal.OTHER


def _code(said: Fields, name: str, legacy: int | None, status: int) -> int | str:
    return text(said.get("reason")) or name or text(said.get("error")) or legacy or status


def _capped(
    reason: str, said: Fields, name: str, code: int | str, response: requests.Response, now: datetime
) -> UsageCapped:
    period = "credits" if name == "credits" or response.status_code == 402 else text(said.get("period")).lower()
    by_headers = _exhausted(limits_from_headers(response.headers), now)
    wait_s = by_headers or (_until_midnight_s(now) if period == "daily" else _LOOK_AGAIN.total_seconds())
    return UsageCapped(reason, retry_after_s=wait_s, code=code, period=period)


def _wait_s(response: requests.Response, now: datetime) -> float | None:
    """Return how long until every exhausted limit starts anew; the header Retry-After where X tells of none."""
    limits = limits_from_headers(response.headers)
    if wait := _exhausted(limits, now):
        return wait
    if limits.window is not None:
        return max(0.0, (limits.window.resets_at - now).total_seconds())
    return retry_after_s(response)


def _exhausted(limits: Limits, now: datetime) -> float:
    waits = [(one.resets_at - now).total_seconds() for one in limits.every if one.remaining <= 0]
    return max([0.0, *waits])


def _until_midnight_s(now: datetime) -> float:
    """X counts days in UTC."""
    tomorrow = (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (tomorrow - now).total_seconds()


def _limit(headers: Mapping[str, str], prefix: str) -> Limit | None:
    limit, remaining, reset = (number(headers.get(prefix + part)) for part in ("limit", "remaining", "reset"))
    if remaining is None or reset is None:
        return None
    try:
        return Limit(limit or 0, remaining, datetime.fromtimestamp(reset, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _said(body: bytes) -> Fields:
    """Return the problem in a body. Where several stand in `errors`, the first one speaks for all."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    said = fields(answer)
    nested = items(said.get("errors"))
    if nested and not said.get("type"):
        return {**nested[0], **said}
    return said


def _legacy_code(said: Fields) -> int | None:
    return number(said.get("code"))


def _words(said: Fields) -> str:
    for key in ("detail", "error_description", "message", "title"):
        if words := text(said.get(key)):
            return " ".join(words.split())
    return ""
