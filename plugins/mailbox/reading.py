"""Reading folders over an open IMAP connection, in batches that are stored one by one. Where to read on is decided in `cursor`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.imap_smtp import FetchedMail, IMAPConnection, MailboxState
from plugins.mailbox.cursor import FolderPlace, next_place, place_in, with_place
from plugins.mailbox.translate import CONTENT_TYPE
from tidings import FetchBatch, RawEvent

__all__ = ["has_news", "read_folder", "read_folder_since", "read_uids", "source_key", "uids_from"]

MOST_MESSAGES = 25
MOST_BYTES = 10 * 1024 * 1024
_LONGEST_FOLDER = 200


def read_folder(
    imap: IMAPConnection,
    folder: str,
    cursor: Mapping[str, object],
    *,
    start: datetime | None,
    now: datetime,
    max_bytes: int,
) -> Iterator[FetchBatch]:
    """Yield what is new in a folder, oldest first. Yields nothing, not even an empty batch, when the place does not change."""
    state = imap.select(folder)
    stored = place_in(cursor, folder)
    place = next_place(stored, state, start, now)
    uids = [uid for uid in _candidates(imap, place) if uid > place.uid]
    for events, read, progress in _batches(imap, state, uids, place.era, max_bytes):
        for uid, date in read:
            place = place.read_to(uid, date)
        stored = place.finished(state) if place.uid >= uids[-1] else place
        yield FetchBatch(events, with_place(cursor, folder, stored), progress)
    if stored is None or stored.since or (stored.uidvalidity, stored.era) != (place.uidvalidity, place.era):
        yield FetchBatch((), with_place(cursor, folder, place.finished(state)))


def read_folder_since(
    imap: IMAPConnection, folder: str, cursor: Mapping[str, object], since: datetime, max_bytes: int
) -> Iterator[FetchBatch]:
    """Yield all mail of a folder that reached the server from `since` on; the cursor stays as it is."""
    state = imap.select(folder)
    place = place_in(cursor, folder)
    era = place.era if place and place.uidvalidity == state.uidvalidity else 0
    for events, progress in read_uids(imap, state, uids_from(imap, since), era, max_bytes):
        yield FetchBatch(events, dict(cursor), progress)


def read_uids(
    imap: IMAPConnection, state: MailboxState, uids: Sequence[int], era: int, max_bytes: int
) -> Iterator[tuple[tuple[RawEvent, ...], str]]:
    """Yield the events of certain messages of the open folder in groups, each with how far that is; those that are gone are left out."""
    for events, _, progress in _batches(imap, state, uids, era, max_bytes):
        yield events, progress


def uids_from(imap: IMAPConnection, since: datetime) -> list[int]:
    """The UIDs of all mail of the open folder that reached the server from a moment on, ascending.

    Servers search by days of their own time zone: what came within a day of the moment is looked at here, by its exact date.
    """
    found = imap.uids_since(since - timedelta(days=1))
    certain = set(imap.uids_since(since + timedelta(days=2))) if found else set()
    doubtful = imap.summaries(uid for uid in found if uid not in certain)
    late = {one.uid for one in doubtful if one.internal_date is None or one.internal_date >= since}
    return [uid for uid in found if uid in certain or uid in late]


def has_news(imap: IMAPConnection, state: MailboxState, place: FolderPlace | None) -> bool:
    """Whether the open folder holds what was not read yet. Without a place, only what arrives from now on is news."""
    if place is None:
        return bool(imap.uids_after(state.uidnext - 1))
    return place.uidvalidity != state.uidvalidity or bool(imap.uids_after(place.uid))


def source_key(folder: str, uidvalidity: int, uid: int, era: int = 0) -> str:
    """ "INBOX:17:4093", in a later era "INBOX:17.1:4093"; a name too long for the journal's column is replaced by a digest."""
    name = folder if len(folder) <= _LONGEST_FOLDER else hashlib.sha256(folder.encode()).hexdigest()
    return f"{name}:{uidvalidity}.{era}:{uid}" if era else f"{name}:{uidvalidity}:{uid}"


def _candidates(imap: IMAPConnection, place: FolderPlace) -> list[int]:
    return uids_from(imap, place.since) if place.since else imap.uids_after(place.uid)


def _batches(
    imap: IMAPConnection, state: MailboxState, uids: Sequence[int], era: int, max_bytes: int
) -> Iterator[tuple[tuple[RawEvent, ...], list[tuple[int, datetime | None]], str]]:
    """Group the messages into (events, their UIDs and dates, progress), each group small enough to be stored in one go."""
    events: list[RawEvent] = []
    read: list[tuple[int, datetime | None]] = []
    size = done = 0
    for mail in imap.fetch(uids, max_bytes=max_bytes):
        events.append(_event(imap, state, mail, era))
        read.append((mail.uid, mail.internal_date))
        size += len(events[-1].payload)
        if len(events) >= MOST_MESSAGES or size >= MOST_BYTES:
            done += len(events)
            yield tuple(events), read, f"{state.name}: {done} of {len(uids)} messages"
            events, read, size = [], [], 0
    if events:
        yield tuple(events), read, ""


def _event(imap: IMAPConnection, state: MailboxState, mail: FetchedMail, era: int) -> RawEvent:
    """The event of a message. One that was withheld comes as its header alone, with the reason: nothing is left out silently."""
    meta: dict[str, object] = {}
    if mail.internal_date:
        meta["received_at"] = mail.internal_date.isoformat()
    payload = mail.raw
    if payload is None:
        payload = imap.header(mail.uid) or b""
        meta["withheld"] = {"why": mail.withheld, "size": mail.size, "folder": state.name, "detail": mail.detail[:300]}
    return RawEvent(payload, source_key(state.name, state.uidvalidity, mail.uid, era), CONTENT_TYPE, meta)
