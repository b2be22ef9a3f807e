"""The HTTP client that Twilio's library calls, over a requests session: one place for time-outs, permissions and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests
from requests.auth import HTTPBasicAuth
from twilio.http import HttpClient
from twilio.http.response import Response

from connectors.errors import Unavailable
from connectors.transport import error_from_exception
from connectors.twilio_voice.faults import error_from_answer

__all__ = ["SessionHttpClient"]


class SessionHttpClient(HttpClient):
    """Raises connectors.errors for every answer of 400 or above and for those that are no JSON; time-outs are the session's."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
        **_unused: Any,
    ) -> Response:
        """Send one request for the library."""
        basic = HTTPBasicAuth(*auth) if auth else None
        try:
            response = self._session.request(
                method, url, params=params, data=data, headers=headers, auth=basic, allow_redirects=False
            )
        except requests.RequestException as error:
            raise error_from_exception(error, method, url) from None
        if response.status_code >= 400:
            raise error_from_answer(response)
        _check_json(response, method)
        return Response(response.status_code, response.text, response.headers)


def _check_json(response: requests.Response, method: str) -> None:
    if response.status_code == 204:
        return
    try:
        json.loads(response.text)
    except (ValueError, RecursionError):
        raise Unavailable(
            "Twilio answered with something that cannot be read.",
            step="request",
            outcome_unknown=method.upper() == "POST",
        ) from None
