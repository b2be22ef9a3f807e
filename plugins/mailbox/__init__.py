"""Mailbox: any mail account by IMAP and SMTP. One account is one mailbox."""

from collections.abc import Sequence

from plugins.mailbox import arrivals
from plugins.mailbox.channel import MailboxChannel
from tidings import AccountSaved, Channel, Host, hookimpl


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [MailboxChannel(host)]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    arrivals.note_saved(host, saved.account_id, saved.is_new)
