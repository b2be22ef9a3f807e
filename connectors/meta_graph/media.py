"""Fetching files that Meta's messages point to: only from servers the caller allows, only so many bytes, only so long.

The addresses come from outside, so each hop is looked at before it is followed.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping
from urllib.parse import urljoin, urlsplit

import requests

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.meta_graph.borrowed import Caller
from connectors.meta_graph.faults import refused
from connectors.meta_graph.types import Download
from connectors.transport import retry_after_s

META_HOSTS = ("fbcdn.net", "fbsbx.com", "cdninstagram.com", "facebook.com")
"""Where files of Messenger, Instagram and WhatsApp lie; a name stands for the servers below it too."""

_MOST_HOPS = 4
_CHUNK_BYTES = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}


def download(
    session: Caller,
    url: str,
    *,
    most_bytes: int,
    allowed_hosts: Collection[str] = META_HOSTS,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
) -> Download:
    """Fetch a file. `allowed_hosts` are names, asked over https only, or whole origins ("http://127.0.0.1:8000").

    `headers` go to the first server only. Raises Rejected with code "host_not_allowed" or "too_big" or the status (404 and 403:
    addresses end after some days), AuthExpired (401), Unavailable, RateLimited.
    """
    ends_at, first = time.monotonic() + timeout_s, ""
    for _ in range(_MOST_HOPS):
        origin = _origin(url, allowed_hosts)
        first = first or origin
        own = headers if origin == first else None
        response = session.request("GET", url, headers=own, stream=True, allow_redirects=False)
        with contextlib.closing(response):
            if response.status_code not in _REDIRECTS:
                return _read(response, most_bytes, ends_at)
            url = _joined(url, response.headers.get("Location", ""))
    raise refused("The file's address leads from one address to the next.", "too_many_redirects")


def _origin(url: str, allowed: Collection[str]) -> str:
    """Return "https://name" of an address that may be asked. Raises Rejected for any other."""
    try:
        parts = urlsplit(url)
        host, origin = (parts.hostname or "").rstrip("."), f"{parts.scheme}://{parts.netloc}"
        has_own_port = parts.port not in (None, 443)
    except ValueError:
        raise refused("The file's address cannot be read.", "host_not_allowed") from None
    if origin in allowed:
        return origin
    by_name = any(host == name or host.endswith(f".{name}") for name in allowed if "://" not in name)
    if parts.scheme != "https" or parts.username is not None or has_own_port or not by_name:
        raise refused(f"Files are not fetched from {parts.scheme}://{host}.", "host_not_allowed")
    return origin


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _failure(status: int, wait_s: float | None) -> ConnectorError:
    """Return the error for a status; the body is not looked at, for it may be of any length."""
    reason = f"The file's server answered {status}."
    if status == 401:
        return AuthExpired(reason, step="login", code=status)
    if status == 429:
        return RateLimited(reason, retry_after_s=wait_s, step="fetch", code=status)
    kind = Unavailable if status >= 500 else Rejected
    return kind(reason, step="fetch", code=status)


def _read(response: requests.Response, most_bytes: int, ends_at: float) -> Download:
    if response.status_code >= 400:
        raise _failure(response.status_code, retry_after_s(response))
    told = response.headers.get("Content-Length", "")
    if told.isdigit() and int(told) > most_bytes:
        raise refused(f"The file has {told} bytes, at most {most_bytes} are fetched.", "too_big")
    content = bytearray()
    try:
        for chunk in response.iter_content(_CHUNK_BYTES):
            content += chunk
            if len(content) > most_bytes:
                raise refused(f"The file has more than {most_bytes} bytes.", "too_big")
            if time.monotonic() > ends_at:
                raise Unavailable("The file took too long to arrive.", step="fetch")
    except requests.RequestException:
        raise Unavailable("The connection broke while the file arrived.", step="fetch") from None
    return Download(bytes(content), response.headers.get("Content-Type", "").partition(";")[0].strip().lower())
