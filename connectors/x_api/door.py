"""What tweepy takes for its requests session: sends to the address that was configured, tells of limits, raises errors of ours.

tweepy writes its own server into each address. It is replaced before the request is signed, since OAuth 1.0a signs the address too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from connectors.errors import ConnectorError
from connectors.transport import error_from_exception
from connectors.x_api.faults import error_from_answer, limits_from_headers
from connectors.x_api.types import Limits

__all__ = ["BASE_URL", "Door", "hush"]

BASE_URL = "https://api.x.com"


class Door:
    """One way to X's API over any requests session, which brings time-outs and permissions. `limits` is what the last answer told.

    `on_call` hears of each request that was answered: its path.
    """

    def __init__(
        self,
        session: requests.Session,
        base_url: str,
        now: Callable[[], datetime],
        on_call: Callable[[str], None] | None = None,
    ) -> None:
        self.limits = Limits()
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._now = now
        self._on_call = on_call

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        """Send one request; an answer of 300 or above raises. `kwargs` are those of requests."""
        path = urlsplit(url).path
        kwargs.update(allow_redirects=False, auth=kwargs.get("auth") or _AsItIs())
        try:
            response = self._session.request(method, self._base_url + path, **kwargs)
        except requests.RequestException as error:
            raise error_from_exception(error, method, self._base_url + path) from None
        if self._on_call is not None:
            self._on_call(path)
        self.limits = limits_from_headers(response.headers)
        if response.status_code >= 300:
            raise self._without_secrets(error_from_answer(response, self._now()), kwargs.get("headers") or {})
        return response

    def _without_secrets(self, error: ConnectorError, headers: Mapping[str, str]) -> ConnectorError:
        """Blank out the token where an answer repeats it."""
        token = str(headers.get("Authorization", "")).partition(" ")[2]
        if len(token) >= 8:
            error.reason = error.reason.replace(token, "…")
            error.args = (error.reason,)
        return error


class _AsItIs(AuthBase):
    """Leaves the headers alone: without any auth, requests would let ~/.netrc overwrite the token."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def hush() -> None:
    """Keep tweepy and the OAuth library from writing tokens and direct messages into debug logs."""
    for name in ("tweepy", "oauthlib", "requests_oauthlib"):
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
