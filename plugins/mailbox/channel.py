"""The mailbox channel: what the host calls, passed on to the modules that do it, with their errors in the host's words."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from plugins.mailbox import arrivals, checks, sending
from plugins.mailbox.connection import imap_connection
from plugins.mailbox.cursor import place_in
from plugins.mailbox.faults import translated
from plugins.mailbox.forms import MailboxSettingsForm
from plugins.mailbox.limits import max_bytes
from plugins.mailbox.reading import has_news, read_folder, read_folder_since
from plugins.mailbox.settings import DELIVERED, MailboxSettings
from plugins.mailbox.translate import message_from_event
from tidings import (
    MAIL,
    Account,
    Capability,
    Channel,
    ConnectionReport,
    FetchBatch,
    Host,
    InboundMessage,
    OutboundMessage,
    Permanent,
    RawEvent,
    SendReceipt,
)

__all__ = ["MailboxChannel"]

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
            Capability.SEND,
            Capability.SUBJECT,
            Capability.HTML,
            Capability.ATTACHMENTS,
            Capability.COPY,
        }
    )
    settings_form = MailboxSettingsForm
    address_kind = MAIL
    poll_interval_s = 60

    def __init__(self, host: Host) -> None:
        self._host = host

    def test_connection(self, account: Account) -> ConnectionReport:
        return checks.connection_report(self._host, account)

    def account_address(self, settings: Mapping[str, object]) -> str:
        return MailboxSettings.read(settings).address

    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage]:
        return [message_from_event(event, account.address)]

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        """Each folder in turn. One that cannot be opened does not keep the others from being read; it is told at the end."""
        settings = MailboxSettings.of(account)
        if settings.receive_by == DELIVERED:
            return
        start = arrivals.start_of(self._host, account.id)
        cursor: Mapping[str, object] = {folder: account.cursor[folder] for folder in settings.folders if folder in account.cursor}
        problems: list[Permanent] = []
        with translated(self._host.now), imap_connection(self._host, account) as imap:
            for folder in settings.folders:
                try:
                    with translated(self._host.now):
                        for batch in read_folder(
                            imap, folder, cursor, start=start, now=self._host.now(), max_bytes=max_bytes(self._host)
                        ):
                            cursor = batch.cursor
                            yield batch
                except Permanent as problem:
                    problems.append(problem)
        if problems:
            raise problems[0]

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
            imap.idle(stop, longest_s, poll_s=self.poll_interval_s)
        return not stop.is_set()

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        settings = MailboxSettings.of(account)
        if settings.receive_by == DELIVERED:
            return
        with translated(self._host.now), imap_connection(self._host, account) as imap:
            for folder in settings.folders:
                yield from read_folder_since(imap, folder, account.cursor, since, max_bytes(self._host))

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        with translated(self._host.now):
            return sending.send_message(self._host, account, message)

    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None:
        with translated(self._host.now):
            return sending.was_sent(self._host, account, message)
