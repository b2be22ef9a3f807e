"""Copies of what was sent, put into the Sent folder where the settings ask for it. Each at most once; what failed is tried again later, and
what the server keeps refusing, as a full mailbox does, is let go after some days and counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.errors import ConnectorError, Rejected
from connectors.imap_smtp import IMAPConnection
from plugins.mailbox.connection import imap_connection
from plugins.mailbox.sending import is_in_sent, sent_folder
from plugins.mailbox.settings import APPEND, DELIVERED, MailboxSettings
from tidings import Account, Host, MessageSummary

__all__ = ["CopyTrouble", "copy_trouble", "forget_copies", "keep_copy", "retry_copies"]

KEY = "copies_to_keep"
MOST_WAITING = 200
"""Copies are a convenience: when a server stays away for long, the oldest ones are let go."""
LET_GO_AFTER = timedelta(days=3)
REFUSED_FOR = timedelta(hours=1)
"""What was refused is tried again after this long."""

Copy = dict[str, object]
"""A copy that waits: account, external_id, sha256, since when, and, once it was refused, why and when."""


@dataclass(frozen=True, slots=True)
class CopyTrouble:
    """How many copies of an account the server refuses so far, how many were let go, and what it said last."""

    refused: int = 0
    lost: int = 0
    reason: str = ""


def keep_copy(host: Host, message: MessageSummary) -> None:
    """Put a sent message into the Sent folder of the account it left through, when that account wants copies."""
    account = host.account(message.account_id)
    if account is None or not message.raw_sha256 or not _wants_copies(account):
        return
    since = host.now().isoformat()
    copy: Copy = {
        "account": account.id, "external_id": message.external_id, "sha256": message.raw_sha256, "since": since,
    }  # fmt: skip
    waiting = _tried(host, account, [copy])
    if waiting:
        host.store.set(KEY, [*host.store.get(KEY, []), *waiting][-MOST_WAITING:])


def retry_copies(host: Host) -> None:
    """Try the copies again that could not be kept, over one connection for each account."""
    known: list[Copy] = host.store.get(KEY, [])
    due = [copy for copy in known if _is_due(host, copy)]
    if not due:
        return
    left: list[Copy] = []
    for account_id in dict.fromkeys(int(str(copy["account"])) for copy in due):
        account = host.account(account_id)
        if account is not None and _wants_copies(account):
            left += _tried(host, account, [copy for copy in due if copy["account"] == account_id])
    others = [copy for copy in host.store.get(KEY, []) if copy not in due]
    host.store.set(KEY, [*left, *others][-MOST_WAITING:])


def copy_trouble(host: Host, account_id: int) -> CopyTrouble:
    """What the page of an account says of copies."""
    refused = [copy for copy in host.store.get(KEY, []) if copy["account"] == account_id and copy.get("refused")]
    lost = host.store.get(f"copies_lost_{account_id}", 0)
    reason = str(refused[-1]["refused"]) if refused else host.store.get(f"copies_lost_why_{account_id}", "")
    return CopyTrouble(len(refused), lost, reason)


def forget_copies(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone."""
    for key in ("copies_lost", "copies_lost_why"):
        host.store.delete(f"{key}_{account_id}")


def _tried(host: Host, account: Account, copies: list[Copy]) -> list[Copy]:
    """Put copies into the Sent folder; gives those that still wait."""
    left = list(copies)
    try:
        with imap_connection(host, account) as imap:
            folder = sent_folder(imap, MailboxSettings.of(account))
            for copy in copies:
                refused = _append(host, imap, folder, copy)
                left.remove(copy)
                if refused is not None:
                    left += _refused(host, account.id, copy, refused)
    except ConnectorError as error:
        host.log.warning("%s copies of account %s could not be kept yet: %s", len(left), account.id, error.reason)
    return left


def _append(host: Host, imap: IMAPConnection, folder: str | None, copy: Mapping[str, object]) -> str | None:
    """Look first: an append whose answer was lost may have worked. Gives the server's reason when it refuses this copy."""
    if not folder or is_in_sent(imap, folder, str(copy["external_id"])):
        return None
    try:
        imap.append(folder, host.raw_message(str(copy["sha256"])))
    except Rejected as error:
        return error.reason
    return None


def _refused(host: Host, account_id: int, copy: Copy, reason: str) -> list[Copy]:
    """The copy as it waits on, or nothing when it has waited long enough."""
    now = host.now()
    since = str(copy.get("since") or now.isoformat())
    if now - datetime.fromisoformat(since) < LET_GO_AFTER:
        return [{**copy, "since": since, "refused": reason[:300], "tried_at": now.isoformat()}]
    host.log.warning("a copy for the Sent folder of account %s was let go: %s", account_id, reason)
    host.store.increment(f"copies_lost_{account_id}")
    host.store.set(f"copies_lost_why_{account_id}", reason[:300])
    return []


def _is_due(host: Host, copy: Mapping[str, object]) -> bool:
    tried_at = copy.get("tried_at")
    return tried_at is None or host.now() - datetime.fromisoformat(str(tried_at)) >= REFUSED_FOR


def _wants_copies(account: Account) -> bool:
    settings = MailboxSettings.of(account)
    return settings.sent_copy == APPEND and settings.receive_by != DELIVERED
