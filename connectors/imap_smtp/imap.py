"""An IMAP session for reading mail without leaving a trace: UIDs, never flags, tell what is new.

One connection belongs to one thread. Every failure is a connectors.errors.ConnectorError; after Unavailable
or a RateLimited that broke the connection, `is_open` is false and the caller opens a new one. Opening sockets
and logging in is in imap_wire.py, waiting for mail in imap_idle.py, reading responses in imap_responses.py.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Self

from connectors.errors import ConnectorError, Rejected, Step, Unavailable
from connectors.imap_smtp import imap_idle, imap_wire
from connectors.imap_smtp.faults import from_exception, imap_refusal, without_secrets
from connectors.imap_smtp.imap_responses import (
    encode_name,
    fetch_items,
    mailbox_from_list,
    search_date,
    summaries,
    uid_set,
)
from connectors.imap_smtp.types import (
    FetchedMail,
    IdleEvent,
    IMAPSettings,
    Mailbox,
    MailboxState,
    MailSummary,
    PasswordAuth,
)

SUMMARY_BATCH = 200
BODY_BATCH = 50
BODY_BATCH_BYTES = 2 * 1024 * 1024
SEARCH_WINDOW = 50_000

# Names of Sent folders on servers that do not mark special use (RFC 6154), in the order they are tried.
SENT_NAMES = (
    "Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent", "INBOX/Sent",
    "Gesendet", "Gesendete Objekte", "Gesendete Elemente", "Envoyés", "Éléments envoyés", "Messages envoyés",
    "Enviados", "Elementos enviados", "Posta inviata", "Verzonden", "Verzonden items", "Wysłane",
    "Отправленные", "送信済み", "已发送",
)  # fmt: skip


class IMAPConnection:
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

    def uids_after(self, uid: int) -> list[int]:
        """Return the UIDs above `uid`, ascending. 0 lists the whole folder."""
        return [found for found in self._search(f"UID {uid + 1}:*") if found > uid]

    def uids_since(self, day: datetime) -> list[int]:
        """Return, ascending, the UIDs of mail that reached the server on or after the day of `day`.

        The server compares days in its own time zone, so the first day may be cut up to 14 hours off.
        """
        return self._search(f"SINCE {search_date(day)}")

    def uids_with_message_id(self, message_id: str) -> list[int]:
        """Return, ascending, the UIDs of mail whose Message-ID holds `message_id` (without its brackets)."""
        if not message_id or not message_id.isascii() or any(ch in message_id for ch in '"\\\r\n\0'):
            return []
        return self._search(f'HEADER Message-ID "{message_id}"')

    def header(self, uid: int) -> bytes | None:
        """Return the header of one message; None if the message is gone or the server will not hand it out."""
        try:
            with self._step("fetch"):
                pieces = self._fetch_command([uid], "(UID BODY.PEEK[HEADER])")
        except Rejected:
            return None
        return next((piece[1] for piece in pieces if isinstance(piece, tuple)), None)

    def summaries(self, uids: Iterable[int]) -> Iterator[MailSummary]:
        """Yield size, flags and date of each message that still exists, ascending by UID, without its
        content.
        """
        ordered = sorted(set(uids))
        for start in range(0, len(ordered), SUMMARY_BATCH):
            with self._step("fetch"):
                found = self._summaries(ordered[start : start + SUMMARY_BATCH])
            yield from found

    def fetch(self, uids: Iterable[int], *, max_bytes: int | None = None) -> Iterator[FetchedMail]:
        """Yield the messages, ascending by UID, one at a time.

        Small messages travel in groups, so memory holds about 2 MB or one message, whichever is more.
        Messages that no longer exist are left out; those larger than `max_bytes` or refused by the server
        come without `raw`. When the connection breaks, Unavailable is raised after all groups that arrived
        whole; go on with `uids_after` the last UID yielded.
        """
        waiting: list[MailSummary] = []
        for summary in self.summaries(uids):
            if waiting and not _fits(waiting, summary):
                yield from self._bodies(waiting, max_bytes)
                waiting = []
            waiting.append(summary)
        if waiting:
            yield from self._bodies(waiting, max_bytes)

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
        match = re.search(rb"\[APPENDUID \d+ (\d+)", b" ".join(piece for piece in data if isinstance(piece, bytes)))
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
        except (OSError, imaplib.IMAP4.error, UnicodeError) as error:
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

    # -- folders, searching, fetching ------------------------------------------------------------------------

    def _list(self, *arguments: str) -> list[Mailbox]:
        session = self._open_session
        self._command("list", session.xatom, *arguments)
        pieces = session.response("LIST")[1]
        return [box for box in map(mailbox_from_list, pieces) if box is not None]

    def _uidnext_by_status(self, mailbox: str) -> int:
        session = self._open_session
        data = self._command("select", session.status, encode_name(mailbox), "(UIDNEXT)")
        match = re.search(rb"UIDNEXT (\d+)", data[0] or b"")
        return int(match[1]) if match else 1

    def _search(self, criterion: str) -> list[int]:
        """Search in windows of sequence numbers, so that no answer grows without bound.

        The walk goes from the newest window down: an expunge meanwhile moves messages down only, never past
        it.
        """
        session = self._open_session
        session.response("EXISTS")
        exists = self.selected.exists if self.selected else 0
        found: set[int] = set()
        for window in _windows(exists):
            with self._step("search"):
                data = self._command("search", session.uid, "SEARCH", f"{window}{criterion}")
            found.update(int(uid) for uid in (data[0] or b"").split())
        return sorted(found)

    def _summaries(self, uids: Sequence[int]) -> list[MailSummary]:
        pieces = self._fetch_command(uids, "(UID RFC822.SIZE FLAGS INTERNALDATE)")
        found = summaries(pieces)
        return [found[uid] for uid in uids if uid in found]

    def _bodies(self, batch: Sequence[MailSummary], max_bytes: int | None) -> Iterator[FetchedMail]:
        wanted = [summary for summary in batch if max_bytes is None or summary.size <= max_bytes]
        bodies = self._bodies_of(wanted) if wanted else {}
        for summary in batch:
            if summary not in wanted:
                yield _mail(summary, None, "too_big")
            elif summary.uid in bodies:
                yield _mail(summary, bodies.pop(summary.uid))
            else:
                yield from self._body_alone(summary)

    def _bodies_of(self, batch: Sequence[MailSummary]) -> dict[int, bytes]:
        """Return what the server hands out; a refusal for the whole batch is not yet one for each message."""
        try:
            with self._step("fetch"):
                pieces = self._fetch_command([summary.uid for summary in batch], "(UID BODY.PEEK[])")
        except Rejected:
            return {}
        items = (item for item in fetch_items(pieces))
        return {item.uid: item.body for item in items if item.uid is not None and item.body is not None}

    def _body_alone(self, summary: MailSummary) -> Iterator[FetchedMail]:
        """Second chance for a message that a batch did not bring: yields nothing if it is gone by now."""
        with self._step("fetch"):
            if not self._summaries([summary.uid]):
                return
        try:
            with self._step("fetch"):
                pieces = self._fetch_command([summary.uid], "(UID BODY.PEEK[])")
        except Rejected as error:
            yield _mail(summary, None, "refused", error.reason)
            return
        body = next(
            (item.body for item in fetch_items(pieces) if item.uid == summary.uid and item.body is not None),
            None,
        )
        if body is None:
            yield _mail(summary, None, "refused", "The server sent no content.")
        else:
            yield _mail(summary, body)

    def _fetch_command(self, uids: Sequence[int], parts: str) -> list[Any]:
        session = self._open_session
        session.response("FETCH")  # whatever an earlier refused FETCH left behind
        return self._command("fetch", session.uid, "FETCH", uid_set(uids), parts)


def _mail(summary: MailSummary, raw: bytes | None, withheld: Any = None, detail: str = "") -> FetchedMail:
    size = summary.size if raw is None else len(raw)
    return FetchedMail(summary.uid, size, summary.flags, summary.internal_date, raw, withheld, detail)


def _fits(batch: Sequence[MailSummary], summary: MailSummary) -> bool:
    return len(batch) < BODY_BATCH and sum(s.size for s in batch) + summary.size <= BODY_BATCH_BYTES


def _windows(exists: int) -> list[str]:
    """Return search prefixes that cover a folder from its newest message down; one empty prefix if it is
    small.
    """
    if exists <= SEARCH_WINDOW:
        return [""]
    tops = range(exists, 0, -SEARCH_WINDOW)
    return [f"{max(1, top - SEARCH_WINDOW + 1)}:{'*' if top == exists else top} " for top in tops]


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
    return int(data[-1]) if data and data[-1] and data[-1].isdigit() else 0
