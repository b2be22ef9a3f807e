"""Copies of what was sent, put into the Sent folder where the settings ask for it. Each at most once; what failed is tried again later."""

from connectors.errors import ConnectorError
from plugins.mailbox.connection import imap_connection
from plugins.mailbox.sending import is_in_sent, sent_folder
from plugins.mailbox.settings import APPEND, DELIVERED, MailboxSettings
from tidings import Account, Host, MessageSummary

__all__ = ["keep_copy", "retry_copies"]

KEY = "copies_to_keep"
MOST_WAITING = 200
"""Copies are a convenience: when a server stays away for long, the oldest ones are let go."""


def keep_copy(host: Host, message: MessageSummary) -> None:
    """Put a sent message into the Sent folder of the account it left through, when that account wants copies."""
    account = host.account(message.account_id)
    if account is None or not message.raw_sha256 or not _wants_copies(account):
        return
    try:
        _append(host, account, message.external_id, message.raw_sha256)
    except ConnectorError as error:
        host.log.warning("no copy of message %s could be kept yet: %s", message.id, error.reason)
        _remember(host, {"account": account.id, "external_id": message.external_id, "sha256": message.raw_sha256})


def retry_copies(host: Host) -> None:
    """Try the copies again that could not be kept."""
    done = [copy for copy in host.store.get(KEY, []) if _retry(host, copy)]
    if done:
        host.store.set(KEY, [copy for copy in host.store.get(KEY, []) if copy not in done])


def _retry(host: Host, copy: dict[str, object]) -> bool:
    """Whether this copy needs no more tries."""
    account = host.account(int(str(copy["account"])))
    if account is None or not _wants_copies(account):
        return True
    try:
        _append(host, account, str(copy["external_id"]), str(copy["sha256"]))
    except ConnectorError:
        return False
    return True


def _wants_copies(account: Account) -> bool:
    settings = MailboxSettings.of(account)
    return settings.sent_copy == APPEND and settings.receive_by != DELIVERED


def _append(host: Host, account: Account, external_id: str, sha256: str) -> None:
    """Look first: an append whose answer was lost may have worked."""
    with imap_connection(host, account) as imap:
        folder = sent_folder(imap, MailboxSettings.of(account))
        if folder and not is_in_sent(imap, folder, external_id):
            imap.append(folder, host.raw_message(sha256))


def _remember(host: Host, copy: dict[str, object]) -> None:
    host.store.set(KEY, [*host.store.get(KEY, []), copy][-MOST_WAITING:])
