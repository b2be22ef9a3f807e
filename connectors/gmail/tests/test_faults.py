"""Which of our errors each of Google's answers becomes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.gmail.faults import from_answer


def _body(code: int, reason: str = "", **more: object) -> bytes:
    errors = [{"domain": "usageLimits", "reason": reason, "message": "Words"}] if reason else []
    return json.dumps({"error": {"code": code, "message": "Words", "errors": errors, **more}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (403, _body(403, "rateLimitExceeded"), RateLimited, "rateLimitExceeded"),
        (403, _body(403, "userRateLimitExceeded"), RateLimited, "userRateLimitExceeded"),
        (403, _body(403, "quotaExceeded"), RateLimited, "quotaExceeded"),
        (403, _body(403, "dailyLimitExceeded"), RateLimited, "dailyLimitExceeded"),
        (403, _body(403, "forbidden", details=[{"reason": "RATE_LIMIT_EXCEEDED"}]), RateLimited, "RATE_LIMIT_EXCEEDED"),
        (403, _body(403, "domainPolicy"), Rejected, "domainPolicy"),
        (403, _body(403, status="PERMISSION_DENIED"), Rejected, "PERMISSION_DENIED"),
        (403, _body(403, details=[{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]), AuthExpired, None),
        (429, _body(429, status="RESOURCE_EXHAUSTED"), RateLimited, "RESOURCE_EXHAUSTED"),
        (429, b"<html>slow down</html>", RateLimited, 429),
        (401, b"", AuthExpired, 401),
        (400, b'{"error": "invalid_grant", "error_description": "Bad Request"}', AuthExpired, "invalid_grant"),
        (401, b'{"error": "invalid_client"}', AuthExpired, "invalid_client"),
        (400, b'{"error": "invalid_scope"}', Rejected, "invalid_scope"),
        (500, _body(500, "backendError"), Unavailable, "backendError"),
        (502, b"\xff\xfe bad gateway", Unavailable, 502),
        (503, b"[1, 2]", Unavailable, 503),
        (302, b"", Rejected, 302),
        (400, _body(400, "invalidArgument"), Rejected, "invalidArgument"),
        (404, b'{"error": null}', Rejected, 404),
        (400, b'{"error": {"errors": "odd", "details": [3]}}', Rejected, 400),
    ],
)
def test_answer_becomes(status: int, body: bytes, kind: type[ConnectorError], code: str | int | None) -> None:
    error = from_answer(status, {}, body, "gmail.googleapis.com")

    assert type(error) is kind
    assert error.code == (code or "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    assert error.reason.startswith(f"gmail.googleapis.com answered {status}")


def test_wait_is_read_from_the_words() -> None:
    at = datetime.now(UTC) + timedelta(minutes=10)
    words = f"User-rate limit exceeded. Retry after {at:%Y-%m-%dT%H:%M:%S}.000Z"
    body = json.dumps({"error": {"code": 429, "message": words}}).encode()

    error = from_answer(429, {}, body, "gmail.googleapis.com")

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == pytest.approx(600, abs=5)


@pytest.mark.parametrize("words", ["Retry after 2026-99-99T99:99:99Z", "Retry later"])
def test_wait_is_unknown_when_nothing_is_said(words: str) -> None:
    error = from_answer(429, {}, json.dumps({"error": {"message": words}}).encode(), "gmail.googleapis.com")

    assert isinstance(error, RateLimited)
    assert error.retry_after_s is None


def test_header_says_how_long_to_wait() -> None:
    error = from_answer(429, {"retry-after": "12"}, b"", "gmail.googleapis.com")

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 12


def test_secret_that_google_repeats_is_blanked_out() -> None:
    error = from_answer(400, {}, b"Bad request: refresh_token=1//secret", "oauth2.googleapis.com")

    assert "1//secret" not in error.reason
