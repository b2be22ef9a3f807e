"""A session that somebody else made, used with our errors: what it raises for a missing answer becomes connectors.errors."""

from __future__ import annotations

from typing import Any, Protocol

import requests

from connectors.transport import error_from_exception, redact_library_logs

__all__ = ["BorrowedSession", "Caller"]


class Caller(Protocol):
    """What can send a request: `ProviderSession` and `BorrowedSession`."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request. Any status is returned; a missing answer raises a ConnectorError."""


class BorrowedSession:
    """Speaks through a `requests.Session`, whose time-outs and rules stay its own."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session
        redact_library_logs()

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request; a missing answer raises Unavailable or Rejected."""
        try:
            return self._session.request(method, url, *args, **kwargs)
        except requests.RequestException as error:
            raise error_from_exception(error, method, url) from None
