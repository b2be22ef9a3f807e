"""From what Twilio answers to connectors.errors: https://www.twilio.com/docs/api/errors."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping

import requests

from connectors.errors import AuthExpired, ConnectorError, Rejected, Unavailable
from connectors.transport import error_from_response

__all__ = ["Refusal", "TwilioRejected", "error_from_answer"]


class Refusal(enum.Enum):
    """Why Twilio refuses, as far as somebody can do something about it."""

    BAD_NUMBER = "bad_number"
    UNREACHABLE = "unreachable"
    """The number takes no text messages, or not from ours."""
    STOPPED = "stopped"
    """The person answered STOP: nothing may be sent until they write START."""
    NOT_OURS = "not_ours"
    """The sending number belongs to no number of the account, or cannot carry this."""
    NO_PERMISSION = "no_permission"
    """The account may not call or write to that country, or is on trial."""
    NOT_FOUND = "not_found"
    TOO_LONG = "too_long"
    OTHER = "other"


_REFUSALS: Mapping[int, Refusal] = {
    13224: Refusal.BAD_NUMBER,
    20404: Refusal.NOT_FOUND,
    21201: Refusal.BAD_NUMBER,
    21210: Refusal.NOT_OURS,
    21211: Refusal.BAD_NUMBER,
    21212: Refusal.NOT_OURS,
    21214: Refusal.BAD_NUMBER,
    21215: Refusal.NO_PERMISSION,
    21219: Refusal.NO_PERMISSION,
    21408: Refusal.NO_PERMISSION,
    21421: Refusal.BAD_NUMBER,
    21602: Refusal.OTHER,
    21606: Refusal.NOT_OURS,
    21608: Refusal.NO_PERMISSION,
    21610: Refusal.STOPPED,
    21612: Refusal.UNREACHABLE,
    21614: Refusal.UNREACHABLE,
    21617: Refusal.TOO_LONG,
    21659: Refusal.NOT_OURS,
    21660: Refusal.NOT_OURS,
}
_ACCOUNT_CLOSED = frozenset({20003, 20005, 20006})


class TwilioRejected(Rejected):
    """Twilio understood and refuses; `code` is Twilio's own number."""

    def __init__(self, reason: str, *, code: int) -> None:
        super().__init__(reason, step="request", code=code)
        self.refusal = _REFUSALS.get(code, Refusal.OTHER)


def error_from_answer(response: requests.Response) -> ConnectorError:
    """The error that an answer of 400 or above means."""
    code, message = _said(response)
    if response.status_code == 404 and code == 0:
        code = 20404
    if code in _ACCOUNT_CLOSED and response.status_code in (401, 403):
        return AuthExpired(f"Twilio: {message}", step="login", code=code)
    usual = error_from_response(response)
    if isinstance(usual, Unavailable):
        repeated = response.request.method != "GET"
        return Unavailable(usual.reason, step="request", code=usual.code, outcome_unknown=repeated)
    if isinstance(usual, Rejected):
        return TwilioRejected(f"Twilio: {message}" if message else usual.reason, code=code or response.status_code)
    return usual


def _said(response: requests.Response) -> tuple[int, str]:
    try:
        answer = json.loads(response.text[:20_000])
        return int(answer.get("code") or 0), str(answer.get("message") or "")[:300]
    except (AttributeError, TypeError, ValueError, RecursionError):
        return 0, ""
