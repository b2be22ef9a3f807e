"""The one HTTP session factory of all connectors: time-outs, polite retries, errors of ours, secrets kept out
of
logs.

Retries cover only idempotent requests and only as long as the provider asks for a short wait; a longer wait
reaches the caller as RateLimited, who has a queue to wait in.
"""

from __future__ import annotations

import logging
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import MaxRetryError
from urllib3.util.retry import Retry

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable

__all__ = [
    "ProviderSession",
    "create_session",
    "error_from_exception",
    "error_from_response",
    "redact",
    "redact_library_logs",
    "retry_after_s",
]

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
LONGEST_WAIT_S = 20.0
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
TRANSIENT_STATUSES = frozenset({429, 500, 502, 503, 504})

_NEVER_CONNECTED = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)

_SECRET_WORD = r"(?:[\w-]*(?:token|secret|password|passwd|signature|apikey|api_key|proof)[\w-]*|key|code|sig|assertion)"
_SECRET_PARAMETER = re.compile(rf"(?i)([?&;]|\b)({_SECRET_WORD})=([^&\s\"']+)")
_SECRET_JSON = re.compile(rf'(?i)("{_SECRET_WORD}"\s*:\s*")([^"]*)(")')
_SECRET_HEADER = re.compile(r"(?i)\b((?:Bearer|Basic|OAuth)\s+)[\w.~+/=-]{6,}")
_USERINFO = re.compile(r"(https?://)[^/@\s]+@")


def redact(text: str) -> str:
    """Return `text` with the values of secret-looking parameters, JSON fields and headers replaced by an
    ellipsis.
    """
    text = _USERINFO.sub(r"\1…@", text)
    text = _SECRET_HEADER.sub(r"\1…", text)
    text = _SECRET_JSON.sub(r"\1…\3", text)
    return _SECRET_PARAMETER.sub(r"\1\2=…", text)


def create_session(
    *,
    user_agent: str = "Tidings",
    connect_timeout_s: float = CONNECT_TIMEOUT_S,
    read_timeout_s: float = READ_TIMEOUT_S,
    retries: int = 2,
    longest_wait_s: float = LONGEST_WAIT_S,
) -> ProviderSession:
    """Return a session whose every request has time-outs and whose idempotent requests are tried `retries`
    times more.
    """
    session = ProviderSession((connect_timeout_s, read_timeout_s))
    session.headers["User-Agent"] = user_agent
    session.auth = _leave_headers_alone
    retry = _ShortWaits(
        total=retries,
        redirect=5,
        allowed_methods=IDEMPOTENT_METHODS,
        status_forcelist=TRANSIENT_STATUSES,
        backoff_factor=0.3,
        backoff_jitter=0.3,
        backoff_max=longest_wait_s,
        raise_on_status=False,
    )
    retry.longest_wait_s = longest_wait_s
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=8))
    redact_library_logs()
    return session


class ProviderSession(requests.Session):
    """A requests session that raises connectors.errors for transport failures and logs without secrets."""

    def __init__(self, timeout_s: tuple[float, float]) -> None:
        super().__init__()
        self.timeout_s = timeout_s

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request; any HTTP status is returned, a missing answer raises Unavailable."""
        kwargs.setdefault("timeout", self.timeout_s)
        verb, target, started = _text(method).upper(), _text(url), time.monotonic()
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.RequestException as error:
            failure = error_from_exception(error, verb, target)
            log.warning("%s %s failed: %s", verb, redact(target), failure.reason)
            raise failure from None
        elapsed_ms = 1000 * (time.monotonic() - started)
        log.debug("%s %s: %d in %.0f ms", verb, redact(target), response.status_code, elapsed_ms)
        return response

    def call(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        """Like `request`, but an answer of 400 or above raises the ConnectorError that `error_from_response`
        makes of it.
        """
        response = self.request(method, url, **kwargs)
        if response.status_code >= 400:
            raise error_from_response(response)
        return response


def error_from_response(response: requests.Response) -> ConnectorError:
    """Return the error that a failed HTTP answer means: 401 AuthExpired, 429 RateLimited, 5xx Unavailable,
    else
    Rejected.

    A 403 or 503 with Retry-After counts as RateLimited. The reason holds at most 300 characters of the body.
    """
    status, wait_s = response.status_code, retry_after_s(response)
    body = redact(" ".join(response.text[:2000].split()))[:300]
    reason = f"{_host(response.url)} answered {status} {response.reason or ''}".rstrip() + (f": {body}" if body else "")
    if status == 401:
        return AuthExpired(reason, step="login", code=status)
    if status == 429 or (status in (403, 503) and wait_s is not None):
        return RateLimited(reason, retry_after_s=wait_s, step="request", code=status)
    if status >= 500 or status == 408:
        return Unavailable(reason, step="request", code=status)
    return Rejected(reason, step="request", code=status)


def retry_after_s(response: requests.Response) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110 §10.2.3: a number or a date), else
    None.
    """
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())


class _ShortWaits(Retry):
    """urllib3's Retry sleeps as long as Retry-After says, up to hours; this one hands back the answer
    instead.
    """

    longest_wait_s: float = LONGEST_WAIT_S

    def new(self, **kwargs: Any) -> Self:
        retry = super().new(**kwargs)
        retry.longest_wait_s = self.longest_wait_s
        return retry

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        wait_s = self.get_retry_after(response) if response is not None else None
        if wait_s is not None and wait_s > self.longest_wait_s:
            raise MaxRetryError(cast(ConnectionPool, _pool), url or "", None)
        return super().increment(method, url, response, error, _pool, _stacktrace)


def _leave_headers_alone(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An auth object that does nothing: without one, requests lets ~/.netrc overwrite an Authorization
    header.
    """
    return request


def error_from_exception(error: requests.RequestException, method: str, url: str) -> ConnectorError:
    """Return the error that a request without an answer means, whichever session made it.

    Unavailable, or Rejected when the request could not even be made.
    """
    verb = method.upper()
    host, causes = _host(url), _causes(error)
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable(f"The TLS connection to {host} failed: {causes[-1]}", step="tls")
    if not isinstance(error, (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)):
        return Rejected(redact(f"The request to {host} could not be made: {error}"), step="request")
    timed_out = any(isinstance(cause, (TimeoutError, urllib3.exceptions.TimeoutError)) for cause in causes)
    reason = f"{host} did not answer in time." if timed_out else f"The connection to {host} failed: {causes[-1]}"
    if any(isinstance(cause, _NEVER_CONNECTED) for cause in causes):
        return Unavailable(redact(reason), step="connect")
    return Unavailable(redact(reason), step="request", outcome_unknown=verb not in IDEMPOTENT_METHODS)


def _causes(error: BaseException) -> list[BaseException]:
    """Return the error and what caused it, innermost last: requests and urllib3 wrap it several times."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        inner = getattr(following, "reason", None)
        nested = [inner, *following.args, following.__cause__, following.__context__]
        following = next((cause for cause in nested if isinstance(cause, BaseException)), None)
    return found


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the provider"


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _RedactingFilter(logging.Filter):
    """Rewrites records of HTTP libraries, which log paths with their query strings."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        return True


_FILTER = _RedactingFilter()


def redact_library_logs() -> None:
    """Let what HTTP libraries log be without secrets, whoever uses them; safe to call again."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_FILTER)
