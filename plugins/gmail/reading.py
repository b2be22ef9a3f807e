"""Reading a mailbox in batches that are stored one by one: by its history, and by searching where there is no history."""

from collections.abc import Iterator, Sequence, Set
from datetime import datetime

from connectors.gmail import (
    Change,
    GmailClient,
    HistoryExpired,
    HistoryPage,
    LabelsAdded,
    LabelsRemoved,
    MessageAdded,
    RawMessage,
    dated_query,
)
from plugins.gmail import arrivals, label_news
from plugins.gmail.cursor import Place
from plugins.gmail.events import OWN_HEADER, header_of, message_event
from plugins.gmail.known_labels import KnownLabels
from plugins.gmail.mailbox import Mailbox
from plugins.gmail.messages import Seen, ids_in_conversations, ids_sent_by_us, note_messages
from plugins.gmail.settings import GmailSettings
from tidings import Account, FetchBatch, Host, RawEvent

__all__ = ["read_news", "read_since"]

MOST_MESSAGES = 25
MOST_BYTES = 10 * 1024 * 1024
SENT, DRAFT, CHAT, BIN, SPAM = "SENT", "DRAFT", "CHAT", "TRASH", "SPAM"


class Reader:
    """One look into one mailbox."""

    def __init__(self, host: Host, account: Account, mailbox: Mailbox) -> None:
        self._host = host
        self._account = account
        self._mailbox = mailbox
        self._settings = GmailSettings.of(account)
        self._known = KnownLabels(mailbox)

    # ---- which way
    def news(self) -> Iterator[FetchBatch]:
        """What changed since the place the cursor says; once that is forgotten, what came since then."""
        place = Place.of(self._account.cursor)
        if place is None:
            yield from self._begin()
        else:
            try:
                yield from self._by_history(place)
            except HistoryExpired:
                yield from self._by_search(place)
        arrivals.note_missing_labels(self._host, self._account.id, self._known.missing(self._settings.labels))

    def since(self, moment: datetime) -> Iterator[FetchBatch]:
        """All mail from a moment on. What stands in a conversation already is not fetched again."""
        found = self._found_since(moment)
        known = ids_in_conversations(self._host, self._account.id, found)
        cursor = dict(self._account.cursor)
        for events, progress in self._batches([one for one in found if one not in known]):
            yield FetchBatch(events, cursor, progress)

    def _begin(self) -> Iterator[FetchBatch]:
        """The first look: mail counts from the moment the account was connected."""
        now = self._host.now()
        start = arrivals.start_of(self._host, self._account.id)
        history_id = self._mailbox.ask(GmailClient.profile).history_id
        place = Place(history_id, began_at=start or now, read_at=now)
        for events, progress in self._batches(self._found_since(start) if start else []):
            yield FetchBatch(events, dict(self._account.cursor), progress)
        yield FetchBatch((), place.cursor())

    def _by_search(self, place: Place) -> Iterator[FetchBatch]:
        """Gmail has forgotten what changed since: list what came, bounded by the last look. The place moves when all of it is stored."""
        now = self._host.now()
        history_id = self._mailbox.ask(GmailClient.profile).history_id
        for events, progress in self._batches(self._found_since(place.missed_since)):
            yield FetchBatch(events, place.cursor(), progress)
        yield FetchBatch((), place.moved(history_id, now).cursor())

    def _by_history(self, place: Place) -> Iterator[FetchBatch]:
        page_token: str | None = None
        reached = place
        while True:
            now = self._host.now()
            page = self._mailbox.ask(GmailClient.history, place.history_id, page_token=page_token)
            yield from self._page(page, reached)
            page_token = page.next_page_token
            history_id = _end_of(page) if page_token else page.history_id
            if history_id and history_id != reached.history_id:
                reached = reached.moved(history_id, now)
                yield FetchBatch((), reached.cursor())
            if not page_token:
                return

    def _page(self, page: HistoryPage, reached: Place) -> Iterator[FetchBatch]:
        """The mail of a page, then what its labels say of mail; until all of it is stored the place stays before the page."""
        arrived = self._arrived(page.changes)
        moved_in = self._moved_in(page.changes) - arrived.keys()
        known = ids_in_conversations(self._host, self._account.id, moved_in)
        wanted = [*arrived, *sorted(moved_in - known)]
        for events, progress in self._batches(wanted, oldest=reached.began_at, only_for=moved_in):
            yield FetchBatch(events, reached.cursor(), progress)
        news = label_news.label_events(
            self._host, self._account.id, self._mailbox, self._known, self._settings.meaning, page.changes
        )
        if news:
            yield FetchBatch(tuple(news), reached.cursor())

    # ---- which messages
    def _arrived(self, changes: Sequence[Change]) -> dict[str, None]:
        """Ids of the messages that are new, in order. What was archived before we looked has arrived all the same."""
        had = _labels_lost(changes)
        found: dict[str, None] = {}
        for change in changes:
            if isinstance(change, MessageAdded):
                labels = change.label_ids | had.get(change.message.id, frozenset())
                if labels & self._read_labels() and not self._is_left_alone(labels):
                    found[change.message.id] = None
        return found

    def _moved_in(self, changes: Sequence[Change]) -> set[str]:
        """Ids of the messages that got a label that is read."""
        moved = (one for one in changes if isinstance(one, LabelsAdded))
        return {change.message.id for change in moved if change.label_ids & self._read_labels()}

    def _is_left_alone(self, label_ids: frozenset[str]) -> bool:
        return bool(label_ids & ({DRAFT, CHAT, BIN, SPAM} - self._read_labels()))

    def _read_labels(self) -> frozenset[str]:
        """Ids of the labels whose mail is read."""
        named = self._known.ids(self._settings.labels)
        return named | {SENT} if self._settings.reads_sent else named

    def _found_since(self, moment: datetime) -> list[str]:
        """Ids of all messages with a label that is read, from a moment on, oldest first."""
        query, found = dated_query(after=moment), dict[str, None]()
        for label_id in sorted(self._read_labels()):
            page_token: str | None = None
            while True:
                page = self._mailbox.ask(
                    GmailClient.messages, query, label_ids=[label_id], with_spam_and_bin=True, page_token=page_token
                )
                found |= dict.fromkeys(one.id for one in page.messages)
                page_token = page.next_page_token
                if not page_token:
                    break
        return list(reversed(found))

    # ---- their bytes
    def _batches(
        self, gmail_ids: Sequence[str], *, oldest: datetime | None = None, only_for: Set[str] = frozenset()
    ) -> Iterator[tuple[tuple[RawEvent, ...], str]]:
        """Groups of events, each small enough to be stored in one go, with the progress after it. What Tidings sent itself is left out, and
        of those in `only_for` what is older than `oldest`."""
        ours = ids_sent_by_us(self._host, self._account.id, gmail_ids)
        group: list[RawMessage] = []
        for number, gmail_id in enumerate(gmail_ids, 1):
            message = None if gmail_id in ours else self._mailbox.ask(GmailClient.message, gmail_id)
            if message is None or self._is_left_alone(message.label_ids):
                continue
            if oldest and gmail_id in only_for and message.internal_at < oldest:
                continue
            group.append(message)
            if len(group) >= MOST_MESSAGES or sum(len(one.raw) for one in group) >= MOST_BYTES:
                yield self._events(group), self._progress(number, len(gmail_ids))
                group = []
        if group:
            yield self._events(group), ""

    def _events(self, messages: Sequence[RawMessage]) -> tuple[RawEvent, ...]:
        note_messages(self._host, self._account.id, [_seen(one) for one in messages])
        names = self._known.names() if self._settings.meaning.is_on else {}
        return tuple(message_event(one, names) for one in messages)

    def _progress(self, done: int, total: int) -> str:
        text = self._host.gettext("%(done)s of %(total)s messages")
        return text % {"done": done, "total": total}


def read_news(host: Host, account: Account, mailbox: Mailbox) -> Iterator[FetchBatch]:
    """Yield what is new, oldest first. Yields nothing, not even an empty batch, when nothing changed."""
    yield from Reader(host, account, mailbox).news()


def read_since(host: Host, account: Account, mailbox: Mailbox, moment: datetime) -> Iterator[FetchBatch]:
    """Yield all mail from a moment on; the cursor stays as it is."""
    yield from Reader(host, account, mailbox).since(moment)


def _seen(message: RawMessage) -> Seen:
    external_id = header_of(message.raw, "Message-ID")
    sent_as = header_of(message.raw, OWN_HEADER) if SENT in message.label_ids else ""
    return Seen(message.id, message.thread_id, external_id, sent_as)


def _labels_lost(changes: Sequence[Change]) -> dict[str, frozenset[str]]:
    """Message to the labels that were taken off it."""
    lost: dict[str, frozenset[str]] = {}
    for change in changes:
        if isinstance(change, LabelsRemoved):
            lost[change.message.id] = lost.get(change.message.id, frozenset()) | change.label_ids
    return lost


def _end_of(page: HistoryPage) -> str:
    """The last change of a page that others follow."""
    return page.changes[-1].history_id if page.changes else ""
