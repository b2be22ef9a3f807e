"""An IMAP session for reading mail without leaving a trace: UIDs, never flags, tell what is new.

One connection belongs to one thread. Every failure is a connectors.errors.ConnectorError; after Unavailable
or a RateLimited that broke the connection, `is_open` is false and the caller opens a new one. Opening sockets
and logging in is in imap_wire.py, finding and reading messages in imap_messages.py, waiting for mail in
imap_idle.py, reading responses in imap_responses.py.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Self

from connectors.errors import ConnectorError, Rejected, Step, Unavailable
from connectors.imap_smtp import imap_idle, imap_wire
from connectors.imap_smtp.faults import from_exception, imap_refusal, without_secrets
from connectors.imap_smtp.imap_messages import MessageReading
from connectors.imap_smtp.imap_responses import (
    encode_name,
    mailbox_from_list,
)
from connectors.imap_smtp.types import (
    IdleEvent,
    IMAPSettings,
    Mailbox,
    MailboxState,
    PasswordAuth,
)

# Names of Sent folders on servers that do not mark special use (RFC 6154), in the order they are tried.
SENT_NAMES = (
    "Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent", "INBOX/Sent",
    "Gesendet", "Gesendete Objekte", "Gesendete Elemente", "Envoyés", "Éléments envoyés", "Messages envoyés",
    "Enviados", "Elementos enviados", "Posta inviata", "Verzonden", "Verzonden items", "Wysłane",
    "Отправленные", "送信済み", "已发送",
)  # fmt: skip

_LONGEST_NUMBER = 10
"""Digits of a number in IMAP, which has 32 bits (RFC 3501 §9)."""


class IMAPConnection(MessageReading):
    """One session with an IMAP server: `with IMAPConnection(settings) as imap: imap.select("INBOX") …`."""

    def __init__(self, settings: IMAPSettings, *, ssl_context: ssl.SSLContext | None = None) -> None:
        """Nothing is opened yet.

        `ssl_context` replaces the default one, which checks certificate and host name.
        """
        self.settings = settings
        self.selected: MailboxState | None = None
        self._ssl_context = ssl_context or ssl.create_default_context()
        self._session: imap_wire.Session | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect and log in.

        AuthExpired(step "login") means the credentials; Unavailable the network or server.
        """
        self.close()
        with self._step("connect"):
            self._session = imap_wire.connect(self.settings, self._ssl_context)
        try:
            with self._step("login"):
                imap_wire.log_in(self._open_session, self.settings.auth)
                self._read_capabilities()
        except ConnectorError as error:
            self._drop()
            auth = self.settings.auth
            raise without_secrets(error, [auth.password] if isinstance(auth, PasswordAuth) else []) from None

    def close(self) -> None:
        """Log out if that is still possible; never raises."""
        session, self._session, self.selected = self._session, None, None
        if session is None:
            return
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            session.sock.settimeout(min(self.settings.timeout_s, 5.0))
            session.logout()
        imap_wire.hang_up(session)

    @property
    def is_open(self) -> bool:
        """Whether the session was alive when last used."""
        return self._session is not None

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server can do, in capitals, as it said after the login."""
        return frozenset(self._open_session.capabilities)

    @property
    def can_idle(self) -> bool:
        """Whether the server tells of new mail by itself; otherwise `idle` asks it once in a while."""
        return "IDLE" in self.capabilities

    def check(self) -> None:
        """Ask the server for a sign of life."""
        with self._step("connect"):
            self._command("connect", self._open_session.noop)

    def list_mailboxes(self) -> list[Mailbox]:
        """Return all folders in the server's order."""
        with self._step("list"):
            found = self._list("LIST", '""', '"*"')
            if "SPECIAL-USE" in self.capabilities and not any(_special_uses(box) for box in found):
                marked = {box.name: box for box in self._list("LIST", "(SPECIAL-USE)", '""', '"*"')}
                found = [marked.get(box.name, box) for box in found]
        return found

    def find_sent(self) -> str | None:
        """Return the name of the folder for sent mail: the one marked \\Sent, else a well-known name, else
        None.
        """
        boxes = [box for box in self.list_mailboxes() if box.is_selectable]
        marked = [box.name for box in boxes if "\\sent" in _special_uses(box)]
        if marked:
            return marked[0]
        names = {box.name.casefold(): box.name for box in boxes}
        return next((names[name.casefold()] for name in SENT_NAMES if name.casefold() in names), None)

    def select(self, mailbox: str = "INBOX") -> MailboxState:
        """Open a folder read-only (EXAMINE), so that nothing done here changes a flag.

        Raises Rejected(step "select") if the folder does not exist, or if the server has no lasting UIDs.
        """
        with self._step("select"):
            session = self._open_session
            self._command("select", session.select, encode_name(mailbox), True)
            exists = _number(session.untagged_responses.get("EXISTS"))
            uidvalidity = _number(session.untagged_responses.get("UIDVALIDITY"))
            uidnext = _number(session.untagged_responses.get("UIDNEXT")) or self._uidnext_by_status(mailbox)
            session.response("EXISTS")
        if not uidvalidity:
            raise Rejected(f"The server gives no lasting identities to the mail in “{mailbox}”.", step="select")
        self.selected = MailboxState(mailbox, uidvalidity, uidnext, exists)
        return self.selected

    def idle(self, stop: threading.Event, max_s: float, *, poll_s: float = 60.0) -> IdleEvent:
        """Wait until new mail arrives in the selected folder, `stop` is set, or `max_s` seconds have passed.

        Returns at once if the server spoke of new mail since the last `uids_after` or `uids_since`. Without
        the IDLE capability the server is asked every `poll_s` seconds. Reacts to `stop` within half a second.
        """
        with self._step("idle"):
            session = self._open_session
            if _announced(session):
                return IdleEvent.NEW_MAIL
            if self.can_idle:
                event = imap_idle.wait(session, stop, max_s)
            else:
                event = imap_idle.poll(session, stop, max_s, poll_s)
        return event

    def append(self, mailbox: str, raw: bytes, flags: Sequence[str] = ("\\Seen",)) -> int | None:
        """Store a copy of a message, for example in the Sent folder; return its UID if the server tells
        (UIDPLUS).
        """
        with self._step("append"):
            wire_flags = f"({' '.join(flags)})" if flags else None
            data = self._command("append", self._open_session.append, encode_name(mailbox), wire_flags, None, raw)
        match = re.search(
            rb"\[APPENDUID \d+ (\d{1,10})\b", b" ".join(piece for piece in data if isinstance(piece, bytes))
        )
        return int(match[1]) if match else None

    # -- one command -----------------------------------------------------------------------------------------

    @property
    def _open_session(self) -> imap_wire.Session:
        if self._session is None:
            raise Unavailable(f"There is no connection to {self.settings.host}.", step="connect")
        return self._session

    @contextlib.contextmanager
    def _step(self, step: Step) -> Iterator[None]:
        """Translate whatever goes wrong inside; a connection that broke is dropped."""
        try:
            yield
        except ConnectorError:
            raise
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            if not isinstance(error, imaplib.IMAP4.error) or isinstance(error, imaplib.IMAP4.abort):
                self._drop()
            raise from_exception(error, step, self.settings.host) from None

    def _command(self, step: Step, verb: Any, *args: Any) -> list[Any]:
        """Run one imaplib method; an answer other than OK becomes an error."""
        status, data = verb(*args)
        if status != "OK":
            text = b" ".join(piece for piece in data if isinstance(piece, bytes)).decode("utf-8", "replace")
            raise imap_refusal(text, step)
        return list(data)

    def _drop(self) -> None:
        session, self._session, self.selected = self._session, None, None
        if session is not None:
            imap_wire.hang_up(session)

    def _read_capabilities(self) -> None:
        session = self._open_session
        data = self._command("login", session.capability)
        session.capabilities = tuple((data[-1] or b"").decode("ascii", "replace").upper().split())

    # -- folders ------------------------------------------------------------------------

    def _list(self, *arguments: str) -> list[Mailbox]:
        session = self._open_session
        self._command("list", session.xatom, *arguments)
        pieces = session.response("LIST")[1]
        return [box for box in map(mailbox_from_list, pieces) if box is not None]

    def _uidnext_by_status(self, mailbox: str) -> int:
        session = self._open_session
        data = self._command("select", session.status, encode_name(mailbox), "(UIDNEXT)")
        match = re.search(rb"UIDNEXT (\d{1,10})\b", data[0] or b"")
        return int(match[1]) if match else 1


def _special_uses(box: Mailbox) -> set[str]:
    return {flag.lower() for flag in box.flags} & {
        "\\sent",
        "\\drafts",
        "\\junk",
        "\\trash",
        "\\archive",
        "\\all",
    }


def _announced(session: imap_wire.Session) -> bool:
    """Whether an EXISTS came with the answers since the last search, which the server will not repeat in
    IDLE.
    """
    return session.response("EXISTS")[1] != [None]


def _number(data: list[Any] | None) -> int:
    return int(data[-1]) if data and data[-1] and data[-1].isdigit() and len(data[-1]) <= _LONGEST_NUMBER else 0
