"""Fetching one small document by HTTPS from a server that nobody vouches for: bounded in size, time and redirects, and never from inside
our own network unless the address's own domain lies there."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from connectors.errors import Rejected, Unavailable
from connectors.mail_discovery.reach import Reach, connected
from connectors.mail_discovery.records import is_public

__all__ = ["MOST_BYTES", "fetch_document", "is_within"]

MOST_BYTES = 256_000
MOST_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class _Place:
    host: str
    port: int
    target: str


def fetch_document(url: str, reach: Reach, home: str) -> bytes:
    """The body of a GET. `home`: the domain whose hosts may have private addresses. Raises `Unavailable`, or `Rejected` with the status."""
    for _ in range(MOST_REDIRECTS + 1):
        status, location, body = _get(_place(url, reach), reach, home)
        if status == 200:
            return body
        if status not in _REDIRECTS or not location:
            raise Rejected(f"HTTP {status}", step="request", code=status)
        url = _joined(url, location)
    raise Rejected("redirected too often", step="request")


def is_within(host: str, domain: str) -> bool:
    """Whether a host is the domain itself or below it."""
    return f".{host.lower().rstrip('.')}".endswith(f".{domain.lower()}")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise Rejected("led to an address that is none", step="request") from None


def _place(url: str, reach: Reach) -> _Place:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or reach.ports.https
    except (ValueError, UnicodeError):
        raise Rejected("led to an address that is none", step="request") from None
    if parts.scheme != "https" or not host or parts.username is not None:
        raise Rejected(f"led to {parts.scheme}://{host}, which is not safe", step="request")
    return _Place(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _get(place: _Place, reach: Reach, home: str) -> tuple[int, str, bytes]:
    """Status, Location and body of one request."""
    addresses = reach.resolver.addresses(place.host)
    if not addresses:
        raise Unavailable(f"no host called {place.host}", step="connect")
    if not is_within(place.host, home) and not all(is_public(address) for address in addresses):
        raise Rejected(f"{place.host} has a private address", step="connect")
    try:
        with connected(addresses[0], place.port, reach.timeout_s) as sock, reach.secured(sock, place.host) as tls:
            client = http.client.HTTPSConnection(place.host, place.port)
            client.sock = tls  # the address that was looked at, not what the name means a moment later
            client.request(
                "GET", place.target, headers={"User-Agent": "Tidings", "Accept": "text/xml, application/xml"}
            )
            response = client.getresponse()
            return response.status, response.getheader("Location", ""), _body(response)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = " ".join(str(error).split())[:200] or "no answer"
        raise Unavailable(f"{place.host}: {reason}", step="request") from None


def _body(response: http.client.HTTPResponse) -> bytes:
    """What was sent. Raises `Rejected` when that is too much, `IncompleteRead` when the connection ended before it was all there."""
    if response.status != 200:
        return b""
    body = response.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Rejected("the document is too large", step="size")
    if response.length:
        raise http.client.IncompleteRead(body, response.length)
    return body
