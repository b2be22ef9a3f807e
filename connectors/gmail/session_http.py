"""The `http` that googleapiclient calls, over a requests session: one place for time-outs, proxies, permissions and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import requests
from requests.auth import AuthBase

from connectors.transport import error_from_exception

if TYPE_CHECKING:
    import httplib2

__all__ = ["AuthorisedHTTP"]


class AuthorisedHTTP:
    """Acts like `httplib2.Http` as far as googleapiclient uses it. `token` is asked before each request; time-outs are the session's."""

    def __init__(self, session: requests.Session, token: Callable[[], str]) -> None:
        self._session = session
        self._token = token

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_unused: Any,
    ) -> tuple[httplib2.Response, bytes]:
        """Send one request and return the answer, whatever its status. Raises Unavailable, and what `token` raises."""
        import httplib2  # here and in the other modules: only who reads Gmail has these libraries in memory

        auth = _Bearer(self._token())
        data = body.encode() if isinstance(body, str) else body
        sent = {name: value for name, value in (headers or {}).items() if name.lower() != "content-length"}
        try:
            response = self._session.request(method, uri, data=data, headers=sent, auth=auth, allow_redirects=False)
        except requests.RequestException as error:
            raise error_from_exception(error, method, uri) from None
        kept = {name.lower(): value for name, value in response.headers.items()}
        kept.pop("content-encoding", None)  # requests has unpacked the body
        return httplib2.Response({**kept, "status": str(response.status_code)}), response.content

    def close(self) -> None:
        """Nothing: the session belongs to whoever made it."""


class _Bearer(AuthBase):
    """Sets the header as an auth object, because without one requests lets ~/.netrc overwrite it."""

    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request
