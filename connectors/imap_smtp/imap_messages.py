"""Finding and reading messages in the folder that is open: searches, summaries, headers, contents. Part of `IMAPConnection`.

Nothing here changes the mailbox, and no answer grows without bound.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.errors import Rejected, Step
from connectors.imap_smtp import imap_wire
from connectors.imap_smtp.imap_responses import fetch_items, headers, search_date, summaries, uid_set
from connectors.imap_smtp.imap_wire import PassedOver
from connectors.imap_smtp.types import FetchedMail, MailboxState, MailHeader, MailSummary

SUMMARY_BATCH = 200
BODY_BATCH = 50
BODY_BATCH_BYTES = 2 * 1024 * 1024
SEARCH_WINDOW = 50_000
MOST_UIDS = 1_000_000
"""More messages are not found at once: their numbers alone would take 100 MB."""
LARGEST_MAIL = 256 * 1024 * 1024
"""Bytes of a message that is fetched where nobody says how large one may be."""
LARGEST_HEADER = 1024 * 1024
"""Bytes of the header of one message; a longer one is left out."""
_UID = re.compile(rb"(?<!\S)\d{1,10}(?!\S)")


class MessageReading:
    """What `IMAPConnection` can do with the messages of the selected folder."""

    selected: MailboxState | None

    @property
    def _open_session(self) -> imap_wire.Session:
        raise NotImplementedError

    def _step(self, step: Step) -> contextlib.AbstractContextManager[None]:
        raise NotImplementedError

    def _command(self, step: Step, verb: Any, *args: Any) -> list[Any]:
        raise NotImplementedError

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
                pieces = self._fetch_command([uid], "(UID BODY.PEEK[HEADER])", LARGEST_HEADER)
        except Rejected:
            return None
        return next((piece[1] or b"" for piece in pieces if isinstance(piece, tuple)), None)

    def summaries(self, uids: Iterable[int]) -> Iterator[MailSummary]:
        """Yield size, flags and date of each message that still exists, ascending by UID, without its
        content.
        """
        ordered = sorted(set(uids))
        for start in range(0, len(ordered), SUMMARY_BATCH):
            with self._step("fetch"):
                found = self._summaries(ordered[start : start + SUMMARY_BATCH])
            yield from found

    def headers(self, uids: Iterable[int], fields: Sequence[str]) -> Iterator[MailHeader]:
        """Yield size, date and some header fields of each message that still exists, ascending by UID, without its content."""
        ordered = sorted(set(uids))
        parts = f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS ({' '.join(fields)})])"
        for start in range(0, len(ordered), SUMMARY_BATCH):
            batch = ordered[start : start + SUMMARY_BATCH]
            with self._step("fetch"):
                found = headers(self._fetch_command(batch, parts))
            yield from (found[uid] for uid in batch if uid in found)

    def fetch(self, uids: Iterable[int], *, max_bytes: int | None = None) -> Iterator[FetchedMail]:
        """Yield the messages, ascending by UID, one at a time.

        Small messages travel in groups, so memory holds about 2 MB or one message, whichever is more.
        Messages that no longer exist are left out; those larger than `max_bytes` (`LARGEST_MAIL` without it),
        whatever size the server told, or refused by the server come without `raw`. When the connection breaks,
        Unavailable is raised after all groups that arrived whole; go on with `uids_after` the last UID yielded.
        """
        largest = LARGEST_MAIL if max_bytes is None else max_bytes
        waiting: list[MailSummary] = []
        for summary in self.summaries(uids):
            if waiting and not _fits(waiting, summary):
                yield from self._bodies(waiting, largest)
                waiting = []
            waiting.append(summary)
        if waiting:
            yield from self._bodies(waiting, largest)

    # -- one command after another

    def _search(self, criterion: str) -> list[int]:
        """Search in windows of sequence numbers, so that no answer grows without bound.

        The walk goes from the newest window down: an expunge meanwhile moves messages down only, never past
        it. Raises Rejected when more than `MOST_UIDS` are found.
        """
        session = self._open_session
        session.response("EXISTS")
        exists = self.selected.exists if self.selected else 0
        found: set[int] = set()
        for window in _windows(exists):
            with self._step("search"):
                data = self._command("search", session.uid, "SEARCH", f"{window}{criterion}")
            found.update(int(uid[0]) for uid in _UID.finditer(data[0] or b""))
            if len(found) > MOST_UIDS:
                raise Rejected(
                    f"The server lists more than {MOST_UIDS:,} messages: so many cannot be read.", step="search"
                )
        return sorted(found)

    def _summaries(self, uids: Sequence[int]) -> list[MailSummary]:
        pieces = self._fetch_command(uids, "(UID RFC822.SIZE FLAGS INTERNALDATE)")
        found = summaries(pieces)
        return [found[uid] for uid in uids if uid in found]

    def _bodies(self, batch: Sequence[MailSummary], largest: int) -> Iterator[FetchedMail]:
        wanted = [summary for summary in batch if summary.size <= largest]
        bodies = self._bodies_of(wanted, largest) if wanted else {}
        for summary in batch:
            body = bodies.pop(summary.uid, None)
            if summary not in wanted:
                yield _mail(summary, None, "too_big")
            elif body is None or (isinstance(body, PassedOver) and body.size <= largest):
                yield from self._body_alone(summary, largest)
            else:
                yield _brought(summary, body, largest)

    def _bodies_of(self, batch: Sequence[MailSummary], largest: int) -> dict[int, bytes]:
        """Return what the server hands out; a refusal for the whole batch is not yet one for each message."""
        most_bytes = max(largest, BODY_BATCH_BYTES)
        try:
            with self._step("fetch"):
                pieces = self._fetch_command([summary.uid for summary in batch], "(UID BODY.PEEK[])", most_bytes)
        except Rejected:
            return {}
        items = (item for item in fetch_items(pieces))
        return {item.uid: item.body for item in items if item.uid is not None and item.body is not None}

    def _body_alone(self, summary: MailSummary, largest: int) -> Iterator[FetchedMail]:
        """Second chance for a message that a batch did not bring: yields nothing if it is gone by now."""
        with self._step("fetch"):
            if not self._summaries([summary.uid]):
                return
        try:
            with self._step("fetch"):
                pieces = self._fetch_command([summary.uid], "(UID BODY.PEEK[])", largest)
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
            yield _brought(summary, body, largest)

    def _fetch_command(self, uids: Sequence[int], parts: str, most_bytes: int = imap_wire.MOST_BYTES) -> list[Any]:
        """Ask for parts of messages. Literals come as `PassedOver` once there are more than `most_bytes` of them."""
        session = self._open_session
        session.response("FETCH")  # whatever an earlier refused FETCH left behind
        session.most_bytes = most_bytes
        try:
            return self._command("fetch", session.uid, "FETCH", uid_set(uids), parts)
        finally:
            session.most_bytes = imap_wire.MOST_BYTES


def _brought(summary: MailSummary, body: bytes, largest: int) -> FetchedMail:
    """The message as it came, without its content when that is larger than the server had told and than it may be."""
    size = body.size if isinstance(body, PassedOver) else len(body)
    if isinstance(body, PassedOver) or size > largest:
        return _mail(replace(summary, size=size), None, "too_big")
    return _mail(summary, body)


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
