"""Sending messages that are too large for a plain request. Google's library would do it too, but at its own address whatever it is told.

Source: https://developers.google.com/workspace/gmail/api/guides/uploads (multipart upload)
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from connectors.gmail.session_http import AuthorisedHTTP

__all__ = ["Upload", "upload_message"]


class Upload:
    """A request as googleapiclient makes them: it has a `method` and can be executed once."""

    method = "POST"

    def __init__(self, http: AuthorisedHTTP, address: str, body: bytes, content_type: str) -> None:
        self._http = http
        self._address = address
        self._body = body
        self._content_type = content_type

    def execute(self) -> Any:
        """Return the answer's JSON. Raises googleapiclient's HttpError for an answer of 300 or above."""
        from googleapiclient.errors import HttpError

        headers = {"content-type": self._content_type, "accept": "application/json"}
        response, content = self._http.request(self._address, self.method, self._body, headers)
        if response.status >= 300:
            raise HttpError(response, content, uri=self._address)
        return json.loads(content)


def upload_message(http: AuthorisedHTTP, path: str, raw: bytes, thread_id: str | None) -> Upload:
    """Return the request that hands the bytes over as they are, with the thread they belong to beside them."""
    boundary = secrets.token_hex(16)
    about = json.dumps({"threadId": thread_id} if thread_id else {})
    body = b"".join(
        (
            f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{about}\r\n".encode(),
            f"--{boundary}\r\nContent-Type: message/rfc822\r\n\r\n".encode(),
            raw,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )
    return Upload(http, f"{path}?uploadType=multipart", body, f"multipart/related; boundary={boundary}")
