"""Opening and entering an IMAP session: sockets, TLS, login. What is said afterwards is in imap.py.

imaplib does the talking. Its buffered file cannot be read on after a time-out, which a wait in slices needs,
so the sessions here keep a read buffer of their own.
"""

from __future__ import annotations

import contextlib
import imaplib
import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

from connectors.errors import Rejected, Unavailable
from connectors.imap_smtp.types import Auth, IMAPSettings, PasswordAuth, XOAuth2

MOST_BYTES = 32 * 1024 * 1024
"""So much of one answer is kept in memory, where nobody asked for more: literals beyond it are passed over, lines end the session. Sizes
that servers tell beforehand are not to be relied on."""
MOST_PASSED_OVER = 1 << 30
"""A literal of more bytes is not waited for: it ends the session."""
_CHUNK = 1 << 18
# A SEARCH answers in one line: 2 MB is room for 180,000 UIDs, and at most 50,000 messages are asked about at once.
_LONGEST_LINE = 2 * 1024 * 1024


class PassedOver(bytes):
    """Stands, empty, for a literal that was too large to be kept. `size` is in bytes."""

    size: int

    @classmethod
    def of(cls, size: int) -> PassedOver:
        literal = cls()
        literal.size = size
        return literal


class _ResumableReads:
    """Reading that loses nothing when a time-out interrupts it in the middle of a line or literal, and that keeps no answer of a server
    beyond a limit. `most_bytes`: so much of the literals of each later answer is kept."""

    sock: socket.socket
    most_bytes = MOST_BYTES
    _buffer: bytearray
    _room = MOST_BYTES
    _lines = 0

    def open(self, *args: Any, **kwargs: Any) -> None:
        self._buffer = bytearray()
        super().open(*args, **kwargs)  # type: ignore[misc]
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def send(self, data: Any) -> None:
        self._room, self._lines = self.most_bytes, 0
        super().send(data)  # type: ignore[misc]

    def read(self, size: int) -> bytes:
        """A literal; a `PassedOver` where it is larger than what may still be kept of the answer."""
        if size > self._room:
            return self._pass_over(size)
        self._room -= size
        while len(self._buffer) < size:
            self._fill()
        return self._take(size)

    def readline(self) -> bytes:
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > _LONGEST_LINE:
                raise imaplib.IMAP4.abort("the server sent a line without end")
            self._fill()
        self._lines += end + 1
        if self._lines > MOST_BYTES:
            raise imaplib.IMAP4.abort("the server sent an answer without end")
        return self._take(end + 1)

    def upgrade(self, context: ssl.SSLContext, host: str) -> None:
        """Go on over TLS. What arrived before the handshake could be forged, so there must be nothing."""
        if self._buffer:
            raise imaplib.IMAP4.abort("the server sent data ahead of the TLS handshake")
        self.sock = context.wrap_socket(self.sock, server_hostname=host)

    def _pass_over(self, size: int) -> PassedOver:
        if size > MOST_PASSED_OVER:
            raise imaplib.IMAP4.abort(f"the server sent {size} bytes at once")
        left = size
        while left:
            if not self._buffer:
                self._fill()
            passed = min(left, len(self._buffer))
            del self._buffer[:passed]
            left -= passed
        return PassedOver.of(size)

    def _fill(self) -> None:
        data = self.sock.recv(_CHUNK)
        if not data:
            raise imaplib.IMAP4.abort("the server closed the connection")
        self._buffer += data

    def _take(self, size: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return taken


class PlainSession(_ResumableReads, imaplib.IMAP4):
    """A session that starts in clear."""


class TLSSession(_ResumableReads, imaplib.IMAP4_SSL):
    """A session that is encrypted from the first byte."""


Session = PlainSession | TLSSession


def connect(settings: IMAPSettings, context: ssl.SSLContext) -> Session:
    """Open the connection and, for STARTTLS, encrypt it.

    Raises what imaplib, socket and ssl raise; Unavailable(step "tls") when the server offers no STARTTLS.
    """
    if settings.security == "tls":
        return TLSSession(settings.host, settings.port, ssl_context=context, timeout=settings.timeout_s)
    session = PlainSession(settings.host, settings.port, timeout=settings.timeout_s)
    if settings.security == "starttls":
        try:
            _start_tls(session, settings.host, context)
        except BaseException:
            hang_up(session)
            raise
    return session


def log_in(session: Session, auth: Auth) -> None:
    """Authenticate.

    Raises imaplib's error with the server's words on refusal, or what the token provider raises.
    """
    if isinstance(auth, XOAuth2):
        _log_in_with_token(session, auth.username, auth.token())
    else:
        _log_in_with_password(session, auth)


def hang_up(session: Session) -> None:
    """Close the socket without a word; never raises."""
    with contextlib.suppress(OSError, AttributeError):
        session.shutdown()


def _start_tls(session: PlainSession, host: str, context: ssl.SSLContext) -> None:
    if "STARTTLS" not in session.capabilities:
        raise Unavailable("The server offers no STARTTLS on this port.", step="tls")
    status, data = session.xatom("STARTTLS")
    if status != "OK":
        raise Unavailable(f"The server refused STARTTLS: {data[0]!r}", step="tls")
    session.upgrade(context, host)
    status, data = session.capability()
    session.capabilities = tuple((data[-1] or b"").decode("ascii", "replace").upper().split())


def _log_in_with_password(session: Session, auth: PasswordAuth) -> None:
    is_ascii = auth.username.isascii() and auth.password.isascii()
    if is_ascii and "LOGINDISABLED" not in session.capabilities:
        session.login(auth.username, auth.password)
        return
    if "AUTH=PLAIN" not in session.capabilities:
        why = "refuses passwords on an unencrypted connection" if is_ascii else "accepts only ASCII passwords"
        raise Rejected(f"The server {why}.", step="login", code="PRIVACYREQUIRED" if is_ascii else None)
    secret = f"\0{auth.username}\0{auth.password}".encode()
    session.authenticate("PLAIN", lambda _challenge: secret)


def _log_in_with_token(session: Session, username: str, token: str) -> None:
    """XOAUTH2 by Google's and Microsoft's pages: an error is a challenge that wants an empty answer."""
    answers = iter([f"user={username}\1auth=Bearer {token}\1\1".encode()])
    complaints: list[str] = []

    def respond(challenge: bytes) -> bytes:
        if challenge:
            complaints.append(_complaint(challenge))
        return next(answers, b"")

    _authenticate(session, respond, complaints)


def _authenticate(session: Session, respond: Callable[[bytes], bytes], complaints: list[str]) -> None:
    try:
        session.authenticate("XOAUTH2", respond)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise imaplib.IMAP4.error(" ".join([str(error), *complaints])) from None


def _complaint(challenge: bytes) -> str:
    try:
        status = json.loads(challenge).get("status", "")
    except (ValueError, AttributeError):
        return ""
    return f"(OAuth status {status})"
