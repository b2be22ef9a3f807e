"""Fetching pictures and videos of posts and direct messages: only from X's servers, only so many bytes, only so long.

The addresses come from outside, so each is looked at before it is asked. Files of direct messages need the person's credential.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, urlsplit

import requests
from requests.auth import AuthBase

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.transport import error_from_exception, retry_after_s
from connectors.x_api.json_fields import number_text
from connectors.x_api.types import Download, Media

__all__ = ["MEDIA_HOSTS", "best_address", "direct_message_path", "download", "read_download"]

MEDIA_HOSTS = ("pbs.twimg.com", "video.twimg.com", "abs.twimg.com", "ton.twitter.com")
"""Where files of posts, faces and direct messages lie."""

_CHUNK_BYTES = 64 * 1024
_TON_PATH = "/1.1/ton/data/dm/"


def best_address(media: Media) -> str:
    """Return where the file lies in its best form: of a video the mp4 of the highest bit rate; empty when X named none."""
    if media.url:
        return media.url
    videos = [one for one in media.variants if one.content_type == "video/mp4"]
    return max(videos, key=lambda one: one.bit_rate).url if videos else ""


def direct_message_path(url: str) -> str:
    """Return the API's path for a file of a direct message that OAuth 2.0 may fetch, or an empty text where it is none.

    https://docs.x.com/x-api/direct-messages/media/introduction
    """
    parts = _parts(url)
    if parts is None or parts.hostname != "ton.twitter.com" or not parts.path.startswith(_TON_PATH):
        return ""
    message_id, media_id, *name = parts.path.removeprefix(_TON_PATH).split("/")[:3] + ["", ""]
    is_whole = number_text(message_id) and number_text(media_id) and name[0]
    return f"/2/dm_conversations/media/{message_id}/{media_id}/{name[0]}" if is_whole else ""


def download(
    session: requests.Session,
    url: str,
    *,
    most_bytes: int,
    origins: Mapping[str, str] | None = None,
    allowed_hosts: Collection[str] = MEDIA_HOSTS,
    auth: AuthBase | None = None,
    timeout_s: float = 60.0,
) -> Download:
    """Fetch a file. `origins` sends what lies on one server to another address ("pbs.twimg.com": "http://127.0.0.1:8000").

    Raises Rejected with code "host_not_allowed" or "too_big" or the status (404: it is gone), AuthExpired, RateLimited, Unavailable.
    """
    address, ends_at = _allowed(url, origins or {}, allowed_hosts), time.monotonic() + timeout_s
    try:
        response = session.request("GET", address, auth=auth, stream=True, allow_redirects=False)
    except requests.RequestException as error:
        raise error_from_exception(error, "GET", address) from None
    with contextlib.closing(response):
        return read_download(response, most_bytes, ends_at)


def read_download(response: requests.Response, most_bytes: int, ends_at: float) -> Download:
    """Read the body of an answer, up to `most_bytes` and until `ends_at` (of the monotonic clock)."""
    if response.status_code >= 300:
        raise _failure(response.status_code, retry_after_s(response))
    told = response.headers.get("Content-Length", "")
    if told.isdigit() and int(told) > most_bytes:
        raise Rejected(f"The file has {told} bytes, at most {most_bytes} are fetched.", step="fetch", code="too_big")
    content = bytearray()
    try:
        for chunk in response.iter_content(_CHUNK_BYTES):
            content += chunk
            if len(content) > most_bytes:
                raise Rejected(f"The file has more than {most_bytes} bytes.", step="fetch", code="too_big")
            if time.monotonic() > ends_at:
                raise Unavailable("The file took too long to arrive.", step="fetch")
    except requests.RequestException:
        raise Unavailable("The connection broke while the file arrived.", step="fetch") from None
    return Download(bytes(content), response.headers.get("Content-Type", "").partition(";")[0].strip().lower())


def _allowed(url: str, origins: Mapping[str, str], allowed: Collection[str]) -> str:
    """Return where to ask for an address that may be asked. Raises Rejected for any other."""
    parts = _parts(url)
    host = (parts.hostname or "") if parts else ""
    if parts is None or parts.scheme != "https" or parts.username is not None or host not in allowed:
        raise Rejected(f"Files are not fetched from {host or 'there'}.", step="fetch", code="host_not_allowed")
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    return origins.get(host, f"https://{host}") + rest


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port in (None, 443) else None
    except ValueError:
        return None


def _failure(status: int, wait_s: float | None) -> ConnectorError:
    """Return the error for a status; the body is not looked at, for it may be of any length."""
    reason = f"The file's server answered {status}."
    if status == 401:
        return AuthExpired(reason, step="login", code=status)
    if status == 429:
        return RateLimited(reason, retry_after_s=wait_s, step="fetch", code=status)
    kind = Unavailable if status >= 500 else Rejected
    return kind(reason, step="fetch", code=status)
