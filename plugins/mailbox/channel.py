"""The mailbox channel: what the host calls, passed on to the modules that do it, with their errors in the host's words."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connectors.errors import Unavailable
from connectors.imap_smtp import IMAPConnection
from connectors.mail_oauth import PROVIDERS
from plugins.mailbox import arrivals, checks, finding, health, inventory, sending, troubles
from plugins.mailbox.connection import imap_connection
from plugins.mailbox.cursor import place_in
from plugins.mailbox.faults import translated
from plugins.mailbox.forms import MailboxSettingsForm
from plugins.mailbox.limits import largest_message, max_bytes
from plugins.mailbox.reading import has_news, read_folder, read_folder_since
from plugins.mailbox.settings import DELIVERED, MailboxSettings
from plugins.mailbox.translate import message_from_event
from tidings import (
    MAIL,
    Account,
    AccountHealth,
    Capability,
    Channel,
    ConnectionReport,
    FetchBatch,
    Found,
    Host,
    InboundMessage,
    Listed,
    ListedMail,
    OutboundMessage,
    Permanent,
    RawEvent,
    SendReceipt,
)

__all__ = ["MailboxChannel"]

SOON_S = 30.0
"""A connection that breaks sooner than this while it waits is in trouble; looking again at once would only hurt the server."""
LONGEST_WAIT_S = 15 * 60.0
"""A watch ends after this long for a look of its own: not every server keeps the promise of IDLE."""


class MailboxChannel(Channel):
    """Any IMAP and SMTP account. Reading leaves no trace on the server: folders are opened read-only and flags are never looked at."""

    title = "Mailbox"
    icon = "mail"
    capabilities = frozenset(
        {
            Capability.FETCH,
            Capability.WATCH,
            Capability.BACKFILL,
            Capability.INVENTORY,
            Capability.SEND,
            Capability.BEGIN,
            Capability.SUBJECT,
            Capability.HTML,
            Capability.ATTACHMENTS,
            Capability.COPY,
            Capability.ALIASES,
        }
    )
    settings_form = MailboxSettingsForm
    address_kind = MAIL
    poll_interval_s = 60

    def __init__(self, host: Host) -> None:
        self._host = host

    def test_connection(self, account: Account) -> ConnectionReport:
        return checks.connection_report(self._host, account)

    def find_settings(self, settings: Mapping[str, object]) -> Found:
        return finding.find_settings(self._host, settings)

    def sign_in_path(self, account: Account) -> str:
        """Empty for accounts whose password or token is typed into the settings."""
        return f"/sign-in/{account.id}" if MailboxSettings.of(account).auth in PROVIDERS else ""

    def health(self, account: Account) -> AccountHealth:
        return health.account_health(self._host, account)

    def account_address(self, settings: Mapping[str, object]) -> str:
        return MailboxSettings.read(settings).address

    def account_addresses(self, settings: Mapping[str, object]) -> Sequence[str]:
        return MailboxSettings.read(settings).addresses

    def answers_all(self, settings: Mapping[str, object]) -> bool:
        return MailboxSettings.read(settings).answers_all

    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage]:
        return [message_from_event(event, MailboxSettings.of(account))]

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        """Each folder in turn. One that cannot be opened does not keep the others from being read; it is named on the account's page.

        Raises `Permanent` at the end when it is the first folder, without which there is nothing to watch.
        """
        settings = MailboxSettings.of(account)
        if settings.receive_by == DELIVERED:
            return
        start = None if account.cursor else arrivals.start_of(self._host, account.id)
        cursor = {folder: account.cursor[folder] for folder in settings.folders if folder in account.cursor}
        problems: dict[str, Permanent] = {}
        with translated(self._host.now), imap_connection(self._host, account) as imap:
            for folder in settings.folders:
                try:
                    for batch in self._read(imap, folder, cursor, start):
                        cursor = dict(batch.cursor)
                        yield batch
                except Permanent as problem:
                    problems[folder] = problem
        troubles.note_folders(self._host, account.id, {folder: str(problem) for folder, problem in problems.items()})
        if settings.folders[0] in problems:
            raise problems[settings.folders[0]]

    def watch(self, account: Account, stop: threading.Event) -> bool:
        """IDLE on the first folder, or a question every `poll_interval_s`. Further folders are looked at in each such interval."""
        settings = MailboxSettings.of(account)
        if settings.receive_by == DELIVERED:
            stop.wait()
            return False
        longest_s = LONGEST_WAIT_S if len(settings.folders) == 1 else float(self.poll_interval_s)
        with translated(self._host.now), imap_connection(self._host, account) as imap:
            state = imap.select(settings.folders[0])
            if has_news(imap, state, place_in(account.cursor, settings.folders[0])):
                return True
            self._idle(imap, stop, longest_s)
        return not stop.is_set()

    def _idle(self, imap: IMAPConnection, stop: threading.Event, longest_s: float) -> None:
        """Wait. Servers and routers end connections that were quiet for long: then it is time for a look, not for trouble."""
        began = time.monotonic()
        try:
            imap.idle(stop, longest_s, poll_s=self.poll_interval_s)
        except Unavailable:
            if time.monotonic() - began < SOON_S:
                raise

    def _read(
        self, imap: IMAPConnection, folder: str, cursor: Mapping[str, object], start: datetime | None
    ) -> Iterator[FetchBatch]:
        with translated(self._host.now):
            now, largest = self._host.now(), max_bytes(self._host)
            yield from read_folder(imap, folder, cursor, start=start, now=now, max_bytes=largest)

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        settings = MailboxSettings.of(account)
        if settings.receive_by == DELIVERED:
            return
        with translated(self._host.now), imap_connection(self._host, account) as imap:
            for folder in settings.folders:
                yield from read_folder_since(imap, folder, account.cursor, since, max_bytes(self._host))
                arrivals.note_reached(self._host, account.id, folder, since)

    def inventory(self, account: Account) -> Iterator[Sequence[Listed]]:
        """The mail of the folders that are read, from their beginning on. Of one that cannot be opened nothing is said; it is named on the
        account's page. Raises `Permanent` when that is the first one."""
        folders = _folders(account)
        with translated(self._host.now), imap_connection(self._host, account) as imap:
            for folder in folders:
                try:
                    with translated(self._host.now):
                        yield from inventory.listed(self._host, imap, account, folder)
                except Permanent:
                    if folder == folders[0]:
                        raise

    def describe(self, account: Account, source_keys: Sequence[str]) -> Iterator[ListedMail]:
        with translated(self._host.now), imap_connection(self._host, account) as imap:
            for folder in _folders(account):
                yield from inventory.described(self._host, imap, account, folder, source_keys)

    def fetch_listed(self, account: Account, source_keys: Sequence[str]) -> Iterator[FetchBatch]:
        with translated(self._host.now), imap_connection(self._host, account) as imap:
            for folder in _folders(account):
                yield from inventory.fetched(self._host, imap, account, folder, source_keys)

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        with translated(self._host.now):
            return sending.send_message(self._host, account, message)

    def largest_message(self, account: Account) -> int | None:
        return largest_message(self._host, account.id)

    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None:
        with translated(self._host.now):
            return sending.was_sent(self._host, account, message)


def _folders(account: Account) -> Sequence[str]:
    """The folders that were read so far; none where mail is delivered to us."""
    settings = MailboxSettings.of(account)
    return (
        () if settings.receive_by == DELIVERED else [one for one in settings.folders if place_in(account.cursor, one)]
    )
