"""An SMTP server in a thread: STARTTLS or TLS, logins with passwords and tokens, and faults to order.

What it takes over is kept in memory and, where a DovecotServer has the recipient, delivered into that mailbox.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import tempfile
import threading
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from app.testing.servers.certificates import TestCertificate
from app.testing.servers.dovecot import DovecotServer
from app.testing.servers.process import remove_directory
from app.testing.servers.tokens import TokenAuthority

ANYONE = "*"


@dataclass(frozen=True)
class ReceivedMail:
    """One message the server took over, with what the client said around it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)
    username: str | None
    is_encrypted: bool
    mail_options: tuple[str, ...]


@dataclass
class _Fault:
    """An answer given instead of the usual one, `times` times (None: always)."""

    answer: str
    times: int | None = None

    def take(self) -> str | None:
        if self.times == 0:
            return None
        if self.times is not None:
            self.times -= 1
        return self.answer


class SMTPServer:
    """A mail server under the test's command. Starts in milliseconds: give every test its own.

    `security` is "none", "starttls" (offered, and demanded before a login) or "tls". With `users`, a login is
    demanded. `mailboxes` receives mail for its users. `size_limit` in bytes is announced and kept. With `keeps_sent`
    the sender's Sent folder gets a copy of what was taken over, as large providers do. `rewrites` gives what becomes of the bytes of a mail
    on its way, as careless relays change them.
    """

    def __init__(
        self,
        *,
        security: str = "none",
        users: dict[str, str] | None = None,
        tokens: TokenAuthority | None = None,
        mailboxes: DovecotServer | None = None,
        certificate: TestCertificate | None = None,
        size_limit: int = 33554432,
        keeps_sent: bool = False,
        hidden_extensions: Collection[str] = (),
        rewrites: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self.users = users or {}
        self.tokens = tokens
        self.messages: list[ReceivedMail] = []
        self.delay_s = 0.0
        self.port = 0
        self.login_count = 0
        self._security = security
        self._mailboxes = mailboxes
        self._certificate = certificate
        self._directory: Path | None = None
        self._size_limit = size_limit
        self._keeps_sent = keeps_sent
        self._rewrites = rewrites
        self._wants_login = bool(self.users or self.tokens)
        self._hidden = {name.upper() for name in hidden_extensions} | (set() if self._wants_login else {"AUTH"})
        self._faults: dict[tuple[str, str], _Fault] = {}
        self._arrived = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp-server", daemon=True)
        self._server: asyncio.Server | None = None
        self._transports: set[asyncio.BaseTransport] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- life -------------------------------------------------------------------------------------------

    @property
    def certificate(self) -> TestCertificate:
        """The certificate shown in TLS; made when first needed."""
        if self._certificate is None:
            self._directory = Path(tempfile.mkdtemp(prefix="tidings-smtp-"))
            self._certificate = TestCertificate.create(self._directory)
        return self._certificate

    def start(self) -> None:
        """Listen on `port`, or on a free one if it is 0; also starts again after `stop`."""
        if not self._thread.is_alive():
            self._thread.start()
        self._run(self._listen())

    def stop(self) -> None:
        """Close the port and every connection; messages stay."""
        if self._server is not None:
            self._run(self._hang_up())

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        if self._directory is not None:
            remove_directory(self._directory)

    def wait_for(self, count: int, *, timeout_s: float = 10.0) -> list[ReceivedMail]:
        """Return all messages once there are `count`; raise AssertionError if they do not come in time."""
        with self._arrived:
            has_come = self._arrived.wait_for(lambda: len(self.messages) >= count, timeout_s)
            assert has_come, f"{len(self.messages)} of {count} messages came in {timeout_s} s"
            return list(self.messages)

    # -- faults -----------------------------------------------------------------------------------------

    def refuse_recipient(
        self, address: str = ANYONE, *, code: int = 550, text: str = "5.1.1 No such user", times: int | None = None
    ) -> None:
        """Answer RCPT for an address, or for everybody, with this reply."""
        self._faults["RCPT", address.lower()] = _Fault(f"{code} {text}", times)

    def refuse_sender(
        self, address: str = ANYONE, *, code: int = 550, text: str = "5.7.1 Not allowed", times: int | None = None
    ) -> None:
        """Answer MAIL from an address ("" is the empty one), or from everybody, with this reply."""
        self._faults["MAIL", address.lower()] = _Fault(f"{code} {text}", times)

    def refuse_data(self, *, code: int = 554, text: str = "5.6.0 Not wanted", times: int | None = None) -> None:
        """Answer the complete message with this reply and forget it."""
        self._faults["DATA", ANYONE] = _Fault(f"{code} {text}", times)

    def refuse_login(self, *, code: int = 454, text: str = "4.7.0 Try again later", times: int | None = None) -> None:
        """Answer every login with this reply."""
        self._faults["AUTH", ANYONE] = _Fault(f"{code} {text}", times)

    def cut_after_data(self, *, times: int | None = 1) -> None:
        """Keep the complete message, then break the connection instead of confirming it."""
        self._faults["CUT", ANYONE] = _Fault("", times)

    def behave(self) -> None:
        """Forget all faults and delays."""
        self._faults.clear()
        self.delay_s = 0.0

    # -- inside -----------------------------------------------------------------------------------------

    def _fault(self, verb: str, address: str = ANYONE) -> str | None:
        for key in ((verb, address.lower()), (verb, ANYONE)):
            if key in self._faults and (answer := self._faults[key].take()) is not None:
                return answer
        return None

    def _keep(self, mail: ReceivedMail) -> None:
        raw = self._rewrites(mail.raw)
        if self._keeps_sent and self._mailboxes is not None and self._mailboxes.has_user(mail.sender):
            self._mailboxes.deliver(mail.sender, mail.raw, mailbox="Sent")
        for address in mail.recipients:
            if self._mailboxes is not None and self._mailboxes.has_user(address):
                self._mailboxes.deliver(address, raw)
        with self._arrived:
            self.messages.append(mail)
            self._arrived.notify_all()

    def _authenticate(self, login: str, password: str) -> bool:
        return self.users.get(login) == password

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self.port))
        self.port = sock.getsockname()[1]
        context = self.certificate.server_context() if self._security == "tls" else None
        self._server = await self._loop.create_server(self._protocol, sock=sock, ssl=context)

    async def _hang_up(self) -> None:
        assert self._server is not None
        self._server.close()
        for transport in list(self._transports):
            _abort(transport)
        self._transports.clear()
        self._server = None
        await asyncio.sleep(0)

    def _protocol(self) -> SMTP:
        tls = self.certificate.server_context() if self._security == "starttls" else None
        return _Protocol(
            _Handler(self),
            hostname="mail.example.test",
            data_size_limit=self._size_limit,
            enable_SMTPUTF8="SMTPUTF8" not in self._hidden,
            tls_context=tls,
            auth_require_tls=self._security == "starttls",
            auth_exclude_mechanism=() if self.tokens else ("XOAUTH2",),
            authenticator=lambda *args: _check_password(self, args[-1]),
            loop=self._loop,
        )


class _Protocol(SMTP):
    """aiosmtpd's protocol, made to remember its connections."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.event_handler.server_of_tests._transports.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.server_of_tests._transports.discard(self.transport)
        super().connection_lost(error)


class _Handler:
    """The hooks that aiosmtpd calls, answering for one SMTPServer."""

    def __init__(self, server: SMTPServer) -> None:
        self.server_of_tests = server

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        await asyncio.sleep(self.server_of_tests.delay_s)
        hidden = self.server_of_tests._hidden
        return [line for line in responses if not hidden & {line[4:].split()[0].upper()}]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        if self.server_of_tests._wants_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if refusal := self.server_of_tests._fault("MAIL", (address or "").strip("<>")):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if refusal := self.server_of_tests._fault("RCPT", address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        tests = self.server_of_tests
        await asyncio.sleep(tests.delay_s)
        if refusal := tests._fault("DATA"):
            return refusal
        tests._keep(_received(server, session, envelope))
        if tests._fault("CUT") is not None:
            _abort(server.transport)
            await asyncio.sleep(0.1)
        return f"250 2.0.0 OK queued as {len(tests.messages)}"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """Google's and Microsoft's mechanism: a refusal is explained in a challenge before it is spoken."""
        blob = args[1] if len(args) > 1 else await server.challenge_auth("")
        username, token = _xoauth2(blob)
        tokens = self.server_of_tests.tokens
        if tokens is not None and tokens.owner(token) == username:
            return AuthResult(success=True, auth_data=LoginPassword(username.encode(), b""))
        await server.challenge_auth(json.dumps({"status": "400", "schemes": "Bearer"}))
        return AuthResult(success=False, handled=False, message="535 5.7.8 Username and token not accepted")


def _check_password(server: SMTPServer, auth_data: Any) -> AuthResult:
    if refusal := server._fault("AUTH"):
        return AuthResult(success=False, handled=False, message=refusal)
    server.login_count += 1
    is_right = isinstance(auth_data, LoginPassword) and server._authenticate(
        auth_data.login.decode(), auth_data.password.decode()
    )
    return AuthResult(success=is_right, handled=False, auth_data=auth_data)


def _received(server: SMTP, session: Session, envelope: Envelope) -> ReceivedMail:
    login = session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else None
    content = envelope.original_content or b""
    return ReceivedMail(
        (envelope.mail_from or "").removeprefix("<>"),
        tuple(envelope.rcpt_tos),
        bytes(content),
        login,
        server.transport is not None and server.transport.get_extra_info("sslcontext") is not None,
        tuple(envelope.mail_options),
    )


def _abort(transport: asyncio.BaseTransport | None) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def _xoauth2(blob: Any) -> tuple[str, str]:
    raw = base64.b64decode(blob) if isinstance(blob, str) else bytes(blob)
    fields = dict(part.partition("=")[::2] for part in raw.decode().split("\1") if part)
    return fields.get("user", ""), fields.get("auth", "").removeprefix("Bearer ")
