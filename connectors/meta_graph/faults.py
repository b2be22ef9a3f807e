"""From what the Graph API answers to connectors.errors. Tables first, code second.

Meta's numbers are in the body; the HTTP status says little (a spent limit is a 400, an expired token a 400 or 401).
Pages: https://developers.facebook.com/docs/graph-api/guides/error-handling,
https://developers.facebook.com/docs/messenger-platform/error-codes,
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes,
https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping

import requests

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Step, Unavailable
from connectors.meta_graph.json_fields import Fields, fields, items, number, text
from connectors.meta_graph.types import Usage
from connectors.transport import error_from_response, redact, retry_after_s

__all__ = ["GraphRejected", "Refusal", "TokenRefused", "error_from_answer", "error_from_fields", "usage_from_headers"]


class Refusal(enum.Enum):
    """Why Meta refuses, as far as somebody can do something about it."""

    OUTSIDE_WINDOW = "outside_window"
    """Too long since the person wrote: only a tag (human agent) or, in WhatsApp, a template still reaches them."""
    THREAD_ELSEWHERE = "thread_elsewhere"
    """Another app holds the conversation: take or request control first."""
    NO_PERMISSION = "no_permission"
    """The token lacks a scope, the person a role, or the app a review."""
    PERSON_UNREACHABLE = "person_unreachable"
    """The person blocked the page, left, or has no such account."""
    NOT_FOUND = "not_found"
    """The object is gone or is not for this token to see."""
    NO_PROFILE = "no_profile"
    """The person's name and picture are not for this page to see."""
    TOO_BIG = "too_big"
    ALREADY_ANSWERED = "already_answered"
    """A comment can have one private reply, within seven days."""
    BLOCKED = "blocked"
    """Meta stopped the app, page or number for what it did."""
    BAD_TEMPLATE = "bad_template"
    OTHER = "other"


class TokenRefused(AuthExpired):
    """Meta no longer takes the token. `subcode` is Meta's own, None without one; `cause` is the same in a word."""

    def __init__(self, reason: str, *, code: int, subcode: int | None) -> None:
        super().__init__(reason, step="login", code=code)
        self.subcode = subcode
        self.cause = _TOKEN_CAUSES.get(subcode or 0, "invalid")


class GraphRejected(Rejected):
    """Meta understood and refuses. `trace_id` is what its support asks for; `person_reason` is Meta's text for people, if any."""

    def __init__(
        self, reason: str, *, code: int, subcode: int | None, trace_id: str = "", person_reason: str = ""
    ) -> None:
        super().__init__(reason, step="request", code=code)
        self.subcode = subcode
        self.trace_id = trace_id
        self.person_reason = person_reason
        self.refusal = _refusal(code, subcode)

    @property
    def is_outside_window(self) -> bool:
        """Whether the same text could go out with a tag or a template."""
        return self.refusal is Refusal.OUTSIDE_WINDOW


_TOKEN_CODES = frozenset({0, 102, 104, 190})
_TOKEN_CAUSES: Mapping[int, str] = {
    452: "logged_out",
    458: "app_removed",
    459: "checkpoint",
    460: "password_changed",
    463: "expired",
    464: "unconfirmed",
    467: "invalid",
    492: "role_lost",
}
_RATE_CODES = frozenset({4, 17, 32, 341, 613, 80000, *range(80001, 80015), 130429, 131048, 131056, 133016})
_FOR_NOW_CODES = frozenset({1, 2, 1200, 131000, 131016, 131057, 133004})
_MAY_HAVE_WORKED = frozenset({(1, 1357046)})
"""The Messenger Platform says of this one that the messages were sent although the answer is an error."""

_BY_SUBCODE: Mapping[tuple[int, int], Refusal] = {
    (10, 2018065): Refusal.OUTSIDE_WINDOW,
    (10, 2018278): Refusal.OUTSIDE_WINDOW,
    (10, 2534022): Refusal.OUTSIDE_WINDOW,
    (10, 2018300): Refusal.THREAD_ELSEWHERE,
    (10, 2534037): Refusal.THREAD_ELSEWHERE,
    (10, 2018108): Refusal.PERSON_UNREACHABLE,
    (10, 1545041): Refusal.PERSON_UNREACHABLE,
    (200, 1545041): Refusal.PERSON_UNREACHABLE,
    (100, 2018001): Refusal.PERSON_UNREACHABLE,
    (100, 2534014): Refusal.PERSON_UNREACHABLE,
    (100, 33): Refusal.NOT_FOUND,
    (100, 2018218): Refusal.NO_PROFILE,
    (100, 2018247): Refusal.NO_PROFILE,
    (100, 2018109): Refusal.TOO_BIG,
    (4, 2018109): Refusal.TOO_BIG,
}
_BY_CODE: Mapping[int, Refusal] = {
    3: Refusal.NO_PERMISSION,
    10: Refusal.NO_PERMISSION,
    230: Refusal.NO_PROFILE,
    368: Refusal.BLOCKED,
    551: Refusal.PERSON_UNREACHABLE,
    803: Refusal.NOT_FOUND,
    10900: Refusal.ALREADY_ANSWERED,
    10903: Refusal.PERSON_UNREACHABLE,
    131005: Refusal.NO_PERMISSION,
    131026: Refusal.PERSON_UNREACHABLE,
    131030: Refusal.PERSON_UNREACHABLE,
    131031: Refusal.BLOCKED,
    131047: Refusal.OUTSIDE_WINDOW,
    131052: Refusal.NOT_FOUND,
    132000: Refusal.BAD_TEMPLATE,
    132001: Refusal.BAD_TEMPLATE,
    132005: Refusal.BAD_TEMPLATE,
    132007: Refusal.BAD_TEMPLATE,
    132012: Refusal.BAD_TEMPLATE,
    132015: Refusal.BAD_TEMPLATE,
    132016: Refusal.BAD_TEMPLATE,
}


def error_from_answer(response: requests.Response) -> ConnectorError:
    """Return the error that an answer of 400 or above means; without Meta's error object, what its HTTP status means."""
    try:
        error = fields(fields(json.loads(response.content)).get("error"))
    except ValueError:
        error = {}
    if not error:
        return error_from_response(response)
    usage = usage_from_headers(response.headers)
    wait_s = retry_after_s(response)
    if wait_s is None and usage is not None:
        wait_s = usage.retry_after_s
    return error_from_fields(error, status=response.status_code, wait_s=wait_s)


def error_from_fields(error: Fields, *, status: int = 400, wait_s: float | None = None) -> ConnectorError:
    """Return the error that Meta's error object means, from an answer or from a webhook of WhatsApp."""
    code, subcode = number(error.get("code")) or 0, number(error.get("error_subcode"))
    reason = _reason(error, code, subcode)
    if (code, subcode or 0) not in _BY_SUBCODE and (code in _RATE_CODES or status == 429):
        return RateLimited(reason, retry_after_s=wait_s, step="request", code=code)
    if code in _TOKEN_CODES and (code or status == 401):
        return TokenRefused(reason, code=code, subcode=subcode)
    if code in _FOR_NOW_CODES or error.get("is_transient") is True or status >= 500:
        unsure = (code, subcode or 0) in _MAY_HAVE_WORKED
        return Unavailable(reason, step="request", code=code, outcome_unknown=unsure)
    trace, for_people = text(error.get("fbtrace_id")), redact(text(error.get("error_user_msg")))[:300]
    return GraphRejected(reason, code=code, subcode=subcode, trace_id=trace, person_reason=for_people)


def refused(reason: str, code: str, step: Step = "request") -> Rejected:
    """Return a refusal of our own, made before or after the exchange."""
    return Rejected(redact(reason), step=step, code=code)


def usage_from_headers(headers: Mapping[str, str]) -> Usage | None:
    """Return the highest use that X-App-Usage, X-Page-Usage and X-Business-Use-Case-Usage tell of, None without them.

    The wait is `estimated_time_to_regain_access`, which Meta gives in minutes.
    """
    reports = [*_reports(headers.get("X-App-Usage")), *_reports(headers.get("X-Page-Usage"))]
    for group in fields(_loaded(headers.get("X-Business-Use-Case-Usage"))).values():
        reports.extend(items(group))
    if not reports:
        return None
    waits = [number(report.get("estimated_time_to_regain_access")) or 0 for report in reports]
    return Usage(max(map(_percent, reports)), 60.0 * max(waits) if any(waits) else None)


def _refusal(code: int, subcode: int | None) -> Refusal:
    found = _BY_SUBCODE.get((code, subcode or 0)) or _BY_CODE.get(code)
    if found is not None:
        return found
    return Refusal.NO_PERMISSION if 200 <= code <= 299 else Refusal.OTHER


def _reason(error: Fields, code: int, subcode: int | None) -> str:
    words = text(error.get("message")) or text(error.get("title")) or "Meta refused without a reason."
    details = text(fields(error.get("error_data")).get("details"))
    numbers = f"{code}/{subcode}" if subcode else str(code)
    told = f"{words} {details}" if details and details not in words else words
    return f"Meta: {redact(' '.join(told.split()))[:300]} ({numbers})"


def _reports(header: str | None) -> tuple[Fields, ...]:
    report = fields(_loaded(header))
    return (report,) if report else ()


def _loaded(header: str | None) -> object:
    try:
        return json.loads(header or "null")
    except ValueError:
        return None


def _percent(report: Fields) -> float:
    figures = [report.get(name) for name in ("call_count", "total_time", "total_cputime")]
    return max((float(one) for one in figures if isinstance(one, int | float)), default=0.0)
