"""Handing mail to an SMTP server: one session, typed answers per recipient, and a clear word when the end is
unknown.

The message arrives finished (headers, MIME, signatures) and leaves byte for byte, with line ends as CRLF.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Self

import idna

from connectors.errors import ConnectorError, RecipientRefusal, Rejected, Step, Unavailable
from connectors.imap_smtp.faults import from_exception, smtp_refusal, without_secrets
from connectors.imap_smtp.types import PasswordAuth, SMTPAbilities, SMTPReceipt, SMTPSettings, XOAuth2

# A server may scan the message for minutes before it answers the final dot (RFC 5321 §4.5.3.2.6 says ten).
LONGEST_FINAL_WAIT_S = 300.0
_BARE_LINE_END = re.compile(rb"\r\n|\r|\n")
_SENDABLE = re.compile(r'(?:[^\s<>"\x00-\x1f\x7f]+|"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*")@[^\s<>@"]+')
_CHUNK = 1 << 16


class SMTPConnection:
    """One session with an SMTP server;

    `send` may be called many times. One connection belongs to one thread.
    """

    def __init__(self, settings: SMTPSettings, *, ssl_context: ssl.SSLContext | None = None) -> None:
        """Nothing is opened yet.

        `ssl_context` replaces the default one, which checks certificate and host name.
        """
        self.settings = settings
        self._ssl_context = ssl_context or ssl.create_default_context()
        self._client: smtplib.SMTP | None = None
        self._is_fresh = False

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect, encrypt and log in.

        AuthExpired(step "login") means the credentials, Unavailable the rest.
        """
        self.close()
        try:
            with self._step("connect"):
                self._connect()
            if self.settings.security == "starttls":
                with self._step("tls"):
                    self._start_tls()
            with self._step("login"):
                self._log_in()
        except ConnectorError as error:
            self._drop()
            auth = self.settings.auth
            raise without_secrets(error, [auth.password] if isinstance(auth, PasswordAuth) else []) from None
        self._is_fresh = True

    def close(self) -> None:
        """Say goodbye if that is still possible; never raises."""
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if client.sock is not None:
                client.sock.settimeout(min(self.settings.timeout_s, 5.0))
            client.quit()
        client.close()

    @property
    def size_limit(self) -> int | None:
        """The most bytes a message may have, as the server said when the session was opened (RFC 1870); None when it said nothing."""
        return self._size_limit() if self._client is not None else None

    @property
    def takes_8bit(self) -> bool:
        """Whether the server takes 8-bit messages (8BITMIME, RFC 6152), as it said when the session was opened."""
        return self._client is not None and self._client.has_extn("8bitmime")

    def check(self) -> SMTPAbilities:
        """Test the connection as far as possible without sending: connect, TLS, login, NOOP."""
        if self._client is None:
            self.open()
        with self._step("connect"):
            self._expect("connect", *self._open_client.noop())
        features = self._open_client.esmtp_features
        extensions = frozenset(name.upper() for name in features)
        return SMTPAbilities(extensions, self._size_limit(), self.settings.security != "none")

    def try_sender(self, envelope_from: str) -> None:
        """Ask whether mail may come from an address, without sending any. Raises Rejected (step "sender") when it may not; a server that
        judges a sender together with the recipients says nothing here."""
        if self._client is None:
            self.open()
        try:
            self._name_sender(envelope_from, [])
        finally:
            self._reset()

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> SMTPReceipt:
        """Hand over one message; return once the server took it over for at least one recipient.

        `envelope_from` may be empty (RFC 5321 §4.5.5: for automatic mail that must not bounce). Raises
        Rejected or Unavailable with `recipients` filled when every recipient was refused; Rejected when the
        message is too large (step "size") or the server refuses sender or content; Unavailable with
        `outcome_unknown` when the connection broke between the last byte and the answer: it may be delivered.
        """
        if not recipients:
            raise ValueError("A message needs at least one recipient.")
        if self._client is None or not (self._is_fresh or self._is_alive()):
            self.open()
        self._is_fresh = False
        payload = _BARE_LINE_END.sub(b"\r\n", raw)
        self._check_size(payload)
        options = self._mail_options([_with_ascii_domain(a) for a in (envelope_from, *recipients)], payload)
        try:
            return self._transaction(envelope_from, list(dict.fromkeys(recipients)), payload, options)
        except ConnectorError:
            self._reset()
            raise

    # -- opening --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        settings = self.settings
        kind = (
            functools.partial(smtplib.SMTP_SSL, context=self._ssl_context)
            if settings.security == "tls"
            else smtplib.SMTP
        )
        name = settings.helo_name or _own_name()
        self._client = kind(settings.host, settings.port, local_hostname=name, timeout=settings.timeout_s)
        self._client.ehlo_or_helo_if_needed()

    def _start_tls(self) -> None:
        client = self._open_client
        if not client.has_extn("starttls"):
            raise Unavailable("The server offers no STARTTLS on this port.", step="tls")
        self._expect("tls", *client.starttls(context=self._ssl_context))
        client.ehlo_or_helo_if_needed()

    def _log_in(self) -> None:
        auth = self.settings.auth
        if auth is None:
            return
        offered = self._open_client.esmtp_features.get("auth", "").upper().split()
        if isinstance(auth, XOAuth2):
            self._authenticate_with_token(auth)
            return
        verb = next((verb for name, verb in self._password_verbs().items() if name in offered), None)
        if verb is None:
            why = "no login" if not offered else f"only {', '.join(offered)} to log in"
            raise Rejected(f"The server offers {why} on this port.", step="login", code="no-mechanism")
        verb(auth)

    def _password_verbs(self) -> dict[str, Callable[[PasswordAuth], None]]:
        return {"PLAIN": self._auth_plain, "LOGIN": self._auth_login, "CRAM-MD5": self._auth_cram_md5}

    def _auth_plain(self, auth: PasswordAuth) -> None:
        secret = _base64(f"\0{auth.username}\0{auth.password}")
        self._expect("login", *self._open_client.docmd("AUTH", f"PLAIN {secret}"))

    def _auth_login(self, auth: PasswordAuth) -> None:
        client = self._open_client
        code, text = client.docmd("AUTH", f"LOGIN {_base64(auth.username)}")
        if code == 334:
            code, text = client.docmd(_base64(auth.password))
        self._expect("login", code, text)

    def _auth_cram_md5(self, auth: PasswordAuth) -> None:
        client = self._open_client
        client.user, client.password = auth.username, auth.password  # where smtplib looks for them
        self._expect("login", *client.auth("CRAM-MD5", client.auth_cram_md5))

    def _authenticate_with_token(self, auth: XOAuth2) -> None:
        """XOAUTH2: a 334 here is an error report that wants an empty line before the real refusal comes."""
        client = self._open_client
        blob = _base64(f"user={auth.username}\1auth=Bearer {auth.token()}\1\1")
        code, text = client.docmd("AUTH", f"XOAUTH2 {blob}")
        if code == 334:
            code, text = client.docmd("")
        if code in (504, 502, 500):
            raise Rejected(f"{code} {_text(text)}", step="login", code=code)
        self._expect("login", code, text)

    # -- one message ----------------------------------------------------------------------------------

    def _transaction(
        self, envelope_from: str, recipients: list[str], payload: bytes, options: list[str]
    ) -> SMTPReceipt:
        self._name_sender(envelope_from, options)
        refused = self._offer_recipients(recipients)
        accepted = tuple(address for address in recipients if address not in refused)
        if not accepted:
            raise _all_refused(refused)
        with self._step("data"):
            response = self._hand_over(payload)
        return SMTPReceipt(accepted, refused, response)

    def _name_sender(self, envelope_from: str, options: list[str]) -> None:
        with self._step("sender"):
            address = _with_ascii_domain(envelope_from)
            if address and not _SENDABLE.fullmatch(address):
                raise Rejected(f"“{envelope_from}” is not an address mail can come from.", step="sender", code=553)
            self._expect("sender", *self._open_client.docmd("MAIL", " ".join([f"FROM:<{address}>", *options])))

    def _offer_recipients(self, recipients: list[str]) -> dict[str, RecipientRefusal]:
        refused = {}
        for recipient in recipients:
            code, text = self._offer(_with_ascii_domain(recipient))
            if code == 421:
                raise smtp_refusal(code, text, "recipient")
            if code >= 300 or code < 200:
                refused[recipient] = RecipientRefusal(code, text, permanent=code >= 500)
        return refused

    def _offer(self, address: str) -> tuple[int, str]:
        if not _SENDABLE.fullmatch(address):
            return 553, "This is not an address mail can be sent to."
        if not address.isascii() and not self._open_client.has_extn("smtputf8"):
            return 553, f"{self.settings.host} takes no international addresses (SMTPUTF8)."
        with self._step("recipient"):
            code, text = self._open_client.docmd("RCPT", f"TO:<{address}>")
        return code, _text(text)

    def _hand_over(self, payload: bytes) -> str:
        client = self._open_client
        code, text = client.docmd("DATA")
        if code != 354:
            raise smtp_refusal(code, _text(text), "data")
        self._stream(_dot_stuffed(payload))
        try:
            if client.sock is not None:
                client.sock.settimeout(max(self.settings.timeout_s, LONGEST_FINAL_WAIT_S))
            code, text = client.getreply()
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self._drop()
            reason = f"{self.settings.host} broke off before it confirmed the message ({_brief(error)})."
            raise Unavailable(reason, step="data", outcome_unknown=True) from None
        if client.sock is not None:
            client.sock.settimeout(self.settings.timeout_s)
        self._expect("data", code, text)
        return f"{code} {_text(text)}"

    def _stream(self, data: bytes) -> None:
        """Send in pieces: the time-out of a socket counts for one call, however much it has to send."""
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            self._open_client.send(view[start : start + _CHUNK])

    def _check_size(self, payload: bytes) -> None:
        limit = self._size_limit()
        if limit is not None and len(payload) > limit:
            reason = f"The message has {len(payload)} bytes; {self.settings.host} takes at most {limit}."
            raise Rejected(reason, step="size", code=552)

    def _mail_options(self, addresses: Sequence[str], payload: bytes) -> list[str]:
        client = self._open_client
        options = [f"SIZE={len(payload)}"] if client.has_extn("size") else []
        headers_are_ascii = payload.partition(b"\r\n\r\n")[0].isascii()
        if not headers_are_ascii and not client.has_extn("smtputf8"):
            raise Rejected("The server takes no international headers (SMTPUTF8).", step="data", code="smtputf8")
        if not payload.isascii() and not client.has_extn("8bitmime"):
            raise Rejected("The server takes 7-bit messages only (no 8BITMIME).", step="data", code="8bitmime")
        if not payload.isascii():
            options.append("BODY=8BITMIME")
        is_international = not headers_are_ascii or not all(address.isascii() for address in addresses)
        if is_international and client.has_extn("smtputf8"):
            options.append("SMTPUTF8")
        client.command_encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
        return options

    # -- one command ----------------------------------------------------------------------------------

    @property
    def _open_client(self) -> smtplib.SMTP:
        if self._client is None:
            raise Unavailable(f"There is no connection to {self.settings.host}.", step="connect")
        return self._client

    @contextlib.contextmanager
    def _step(self, step: Step) -> Iterator[None]:
        """Translate whatever goes wrong inside; a connection that broke is dropped."""
        try:
            yield
        except ConnectorError:
            raise
        except smtplib.SMTPResponseException as error:
            raise smtp_refusal(error.smtp_code, _text(error.smtp_error), step) from None
        except (OSError, UnicodeError) as error:  # SMTPException is an OSError
            self._drop()
            raise from_exception(error, step, self.settings.host) from None

    def _expect(self, step: Step, code: int, text: bytes) -> None:
        if not 200 <= code < 300:
            raise smtp_refusal(code, _text(text), step)

    def _size_limit(self) -> int | None:
        value = self._open_client.esmtp_features.get("size", "").strip()
        return int(value) if value.isdigit() and int(value) > 0 else None

    def _is_alive(self) -> bool:
        """Whether a session that may have idled too long still answers."""
        try:
            with self._step("connect"):
                return self._open_client.rset()[0] == 250
        except ConnectorError:
            return False

    def _reset(self) -> None:
        """After a failed transaction, forget it on the server too; a server that will not is left."""
        if self._client is not None and not self._is_alive():
            self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _all_refused(refused: dict[str, RecipientRefusal]) -> ConnectorError:
    """One temporary refusal among them makes the whole failure temporary."""
    decisive = next((r for r in refused.values() if not r.permanent), next(iter(refused.values())))
    return smtp_refusal(decisive.code, decisive.reason, "recipient", refused)


def _with_ascii_domain(address: str) -> str:
    """Return the address with an international domain in its ASCII form, which every server understands."""
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return address


def _dot_stuffed(payload: bytes) -> bytes:
    """Return the message as DATA wants it (RFC 5321 §4.5.2): dots doubled at line starts, final dot added."""
    stuffed = re.sub(rb"(?m)^\.", b"..", payload)
    return stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _own_name() -> str:
    """Return what to say in EHLO: our host name if it is a full one, else the address literal RFC 5321
    allows.
    """
    name = socket.gethostname()
    return name if "." in name.strip(".") and name.isascii() else "[127.0.0.1]"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _text(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return " ".join(text.split())


def _brief(error: Exception) -> str:
    return "no answer in time" if isinstance(error.__context__, TimeoutError) else "connection closed"
