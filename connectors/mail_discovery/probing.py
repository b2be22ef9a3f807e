"""Trying whether a mail server answers at a customary place: greeting and TLS with a right certificate, nothing more."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Literal

from connectors.errors import Unavailable
from connectors.imap_smtp import Endpoint
from connectors.mail_discovery.reach import Reach, connected

__all__ = ["Protocol", "answers"]

Protocol = Literal["imap", "smtp"]
_Stream = IO[bytes] | io.BufferedRWPair | io.BufferedReader
_LONGEST_LINE = 2000
_MOST_LINES = 100
_GREETINGS = {"imap": (b"* OK", b"* PREAUTH"), "smtp": (b"220",)}


def answers(protocol: Protocol, server: Endpoint, reach: Reach) -> bool:
    """Whether a server of this protocol answers there, encrypted and with a certificate for its name."""
    try:
        addresses = reach.resolver.addresses(server.host)
        return bool(addresses) and _greets(protocol, server, addresses[0], reach)
    except (OSError, ValueError, Unavailable):
        return False


def _greets(protocol: Protocol, server: Endpoint, address: str, reach: Reach) -> bool:
    with connected(address, server.port, reach.timeout_s) as sock:
        if server.security == "tls":
            with reach.secured(sock, server.host) as tls, tls.makefile("rb") as lines:
                return _last_line(lines, protocol).startswith(_GREETINGS[protocol])
        with sock.makefile("rwb") as stream:
            if not _last_line(stream, protocol).startswith(_GREETINGS[protocol]):
                return False
            if not _agrees_to_tls(protocol, stream):
                return False
        with reach.secured(sock, server.host):
            return True


def _agrees_to_tls(protocol: Protocol, stream: _Stream) -> bool:
    """STARTTLS of RFC 3501 §6.2.1 or RFC 3207."""
    if protocol == "imap":
        _say(stream, b"a STARTTLS\r\n")
        return next((line for line in _lines(stream) if line.startswith(b"a ")), b"").startswith(b"a OK")
    _say(stream, b"EHLO [127.0.0.1]\r\n")
    if not _last_line(stream, protocol).startswith(b"250"):
        return False
    _say(stream, b"STARTTLS\r\n")
    return _last_line(stream, protocol).startswith(b"220")


def _say(stream: _Stream, command: bytes) -> None:
    stream.write(command)
    stream.flush()


def _last_line(stream: _Stream, protocol: Protocol) -> bytes:
    """The line that ends an answer: in SMTP the first without a dash behind its number (RFC 5321 §4.2.1)."""
    return next((line for line in _lines(stream) if protocol == "imap" or line[3:4] != b"-"), b"")


def _lines(stream: _Stream) -> Iterator[bytes]:
    for _ in range(_MOST_LINES):
        if not (line := stream.readline(_LONGEST_LINE)):
            return
        yield line
