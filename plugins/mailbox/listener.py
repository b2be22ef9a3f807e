"""The built-in listener: mail handed straight in over LMTP or SMTP by a mail server. Off unless `TIDINGS_PLUGIN_MAILBOX_LISTEN` is set.

It answers 250 once a mail is stored, never before; 451 when it cannot be stored now, 550 for recipients that nobody here has. It relays
nothing. Protocols: RFC 2033 (LMTP), RFC 5321 (SMTP).
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from plugins.mailbox.addresses import account_for
from plugins.mailbox.arrivals import paused_accounts
from plugins.mailbox.limits import max_bytes
from plugins.mailbox.translate import CONTENT_TYPE
from tidings import Account, Host, RawEvent, Service

__all__ = ["ListenAddress", "listen_address", "listener_services"]

_SCHEMES = {"lmtp": 24, "smtp": 25}
_STORED = "250 2.0.0 Stored"
_UNKNOWN = "550 5.1.1 Nobody here has this address"
_PAUSED = "451 4.2.1 This mailbox is paused"
_NOT_NOW = "451 4.3.0 It cannot be stored now, please try again later"
_MOST_RECIPIENTS = 100
_LONGEST_LINE = 1_000_000
"""Far above RFC 5321's thousand characters: refusing a mail because of a long line helps nobody."""


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where to listen and in which protocol ("lmtp" or "smtp")."""

    scheme: str
    name: str
    port: int


def listener_services(host: Host) -> list[Service]:
    """The listener as a service, when it is switched on."""
    return [Service("listener", lambda stop: run_listener(host, stop))] if host.config.get("listen", "").strip() else []


def listen_address(text: str) -> ListenAddress:
    """ "lmtp://127.0.0.1:2424" and "smtp://:2525" (this machine only). Raises ValueError with a sentence."""
    parts = urlsplit(text.strip())
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in _SCHEMES or port == -1 or parts.path.strip("/"):
        raise ValueError(f"TIDINGS_PLUGIN_MAILBOX_LISTEN must look like lmtp://127.0.0.1:2424, not {text!r}.")
    return ListenAddress(parts.scheme, parts.hostname or "127.0.0.1", port or _SCHEMES[parts.scheme])


def run_listener(host: Host, stop: threading.Event, is_up: Callable[[int], None] = lambda port: None) -> None:
    """Listen until `stop` is set. `is_up` hears the port once connections are taken. Raises OSError when the port is taken."""
    address = listen_address(host.config.get("listen", ""))
    asyncio.run(_listen(host, address, stop, is_up))


async def _listen(host: Host, address: ListenAddress, stop: threading.Event, is_up: Callable[[int], None]) -> None:
    loop = asyncio.get_running_loop()
    protocol = _Deliveries if address.scheme == "lmtp" else _Mails
    limit = max_bytes(host)

    def answer() -> SMTP:
        return protocol(_Handler(host), data_size_limit=limit, enable_SMTPUTF8=True, ident="Tidings", loop=loop)

    server = await loop.create_server(answer, address.name, address.port)
    port = server.sockets[0].getsockname()[1]
    host.log.info("listening for mail on %s://%s:%s", address.scheme, address.name, port)
    is_up(port)
    try:
        await asyncio.to_thread(stop.wait)
    finally:
        server.close()  # what is still being handed over is cut off without a 250, so its sender keeps it


class _Mails(SMTP):
    """aiosmtpd's SMTP with room for long lines."""

    line_length_limit = _LONGEST_LINE


class _Deliveries(LMTP):
    """aiosmtpd's LMTP; what it refuses by itself after the data is answered once for each recipient, as RFC 2033 §4.2 asks."""

    line_length_limit = _LONGEST_LINE

    async def push(self, status: str | bytes) -> None:
        text = status if isinstance(status, str) else status.decode("utf-8", "replace")
        if text.startswith(("552 Error: Too much", "500 Line too long")) and self.envelope is not None:
            text = "\r\n".join([text] * len(self.envelope.rcpt_tos))
        await super().push(text)


class _Handler:
    """What aiosmtpd asks about each recipient and each mail. Everything that reads or writes runs in a thread."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        refusal = await asyncio.to_thread(self._refusal, address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        recipients = list(envelope.rcpt_tos)
        payload = _with_return_path(envelope)
        answers = await asyncio.to_thread(self._store, payload, recipients)
        if isinstance(server, LMTP):
            return "\r\n".join(answers[recipient] for recipient in recipients)
        return max(
            answers.values()
        )  # one answer for all: a single failure has the client try again, copies are recognised

    async def handle_exception(self, error: Exception) -> str:
        """Trouble of ours is never the sender's fault: they may try again."""
        self._host.log.error("the listener failed", exc_info=error)
        return _NOT_NOW

    def _refusal(self, recipient: str) -> str:
        if account_for(recipient, self._host.accounts()):
            return ""
        return _PAUSED if account_for(recipient, paused_accounts(self._host)) else _UNKNOWN

    def _store(self, payload: bytes, recipients: list[str]) -> dict[str, str]:
        """Hand the mail to each account it is for, once. Returns the answer for each recipient."""
        accounts = self._host.accounts()
        known = {account.id: account for account in accounts}
        answers = dict.fromkeys(
            recipients, _NOT_NOW
        )  # such as for one that was paused since the recipient was accepted
        by_account: dict[int, list[str]] = {}
        for recipient in answers:
            account = account_for(recipient, accounts)
            if account is not None:
                by_account.setdefault(account.id, []).append(recipient)
        for account_id, own in by_account.items():
            answers |= dict.fromkeys(own, self._store_one(known[account_id], payload, own))
        return answers

    def _store_one(self, account: Account, payload: bytes, recipients: list[str]) -> str:
        meta = {"received_at": self._host.now().isoformat(), "recipients": recipients}
        try:
            self._host.receive(account.id, RawEvent(payload, content_type=CONTENT_TYPE, meta=meta))
        except Exception:  # noqa: BLE001 - whatever kept it from being stored (disk, database), the sender must keep the mail
            self._host.log.exception("a mail for account %s could not be stored", account.id)
            return _NOT_NOW
        return _STORED


def _with_return_path(envelope: Envelope) -> bytes:
    """The mail with the envelope's sender on top, as final delivery writes it (RFC 5321 §4.4)."""
    sender = (envelope.mail_from or "").strip("<>")
    content = envelope.original_content or b""
    return b"Return-Path: <" + sender.encode("utf-8", "replace") + b">\r\n" + content
