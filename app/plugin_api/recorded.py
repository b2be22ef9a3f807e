"""Captured requests of providers, as files: what `tidings plugin replay` posts. They hold no secrets; signatures are made anew.

A JSON object with `method`, `query`, `headers` and one of `body` (a text, or JSON), `body_file` (a file beside it) and `body_base64`. Any
other file is taken to be the body itself.
"""

import base64
import binascii
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.plugin_api.messages import WebhookRequest

__all__ = ["RecordedRequest", "read_recorded"]

BODIES = ("body", "body_file", "body_base64")
FIELDS = {"method", "query", "headers", *BODIES}
SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"}


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request without an address. Header names are lower case."""

    body: bytes = field(repr=False)
    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def asked_at(self, address: str, now: datetime) -> WebhookRequest:
        """The request as a channel would get it, sent to `address`."""
        url = f"{address}?{urlencode(self.query)}" if self.query else address
        return WebhookRequest(self.method, url, dict(self.headers), dict(self.query), self.body, now)


def read_recorded(path: Path) -> RecordedRequest:
    """Raises OSError when a file cannot be read, ValueError with a sentence for what must not or cannot stand there."""
    content = path.read_bytes()
    try:
        data: Any = json.loads(content)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not set(data) & {"method", "headers", *BODIES} or set(data) - FIELDS:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return RecordedRequest(content, headers={"content-type": kind})
    headers = {str(name).lower(): str(value) for name, value in dict(data.get("headers", {})).items()}
    secret = sorted(SECRET_HEADERS & set(headers))
    if secret:
        raise ValueError(f"{path.name} holds the header {secret[0]}; secrets have no place in a fixture. Take it out.")
    body, kind = _body(path, data)
    query = {str(name): str(value) for name, value in dict(data.get("query", {})).items()}
    return RecordedRequest(body, str(data.get("method", "POST")).upper(), query, {"content-type": kind, **headers})


def _body(path: Path, data: Mapping[str, Any]) -> tuple[bytes, str]:
    """The bytes and what they are, unless a header says otherwise."""
    given = [name for name in BODIES if name in data]
    if len(given) > 1:
        raise ValueError(f"{path.name} has {given[0]} and {given[1]}; give one of them.")
    if "body_base64" in data:
        try:
            return base64.b64decode(data["body_base64"], validate=True), "application/octet-stream"
        except (binascii.Error, TypeError, ValueError):
            raise ValueError(f"`body_base64` of {path.name} is not base64.") from None
    if "body_file" in data:
        other = path.parent / str(data["body_file"])
        return other.read_bytes(), mimetypes.guess_type(other.name)[0] or "application/octet-stream"
    body = data.get("body", "")
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return json.dumps(body, ensure_ascii=False).encode(), "application/json"
