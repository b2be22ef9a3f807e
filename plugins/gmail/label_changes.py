"""Labels that are still to be changed at Gmail because of what was done here: kept in a table until Gmail has taken them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Column, Integer, MetaData, String, Table, delete, func, insert, select, update

from connectors.errors import Rejected
from connectors.gmail import GmailClient
from plugins.gmail.known_labels import KnownLabels
from plugins.gmail.labels import LabelsChange, change_for
from plugins.gmail.mailbox import Mailbox, open_mailbox
from plugins.gmail.messages import threads_of_conversation
from plugins.gmail.settings import GmailSettings
from tidings import Account, ConversationChanged, Host, NeedsReauth, Permanent, Temporary
from tidings.tables import BigId, Json, UTCDateTime

__all__ = ["carry_out", "forget_changes", "note_change", "retry_soon", "threads_waiting", "waiting_changes"]

CHANGES = Table(
    "plugin_gmail_label_change",
    MetaData(),
    Column("id", BigId, primary_key=True),
    Column("account_id", BigId),
    Column("thread_id", String(40)),
    Column("add_labels", Json),
    Column("remove_labels", Json),
    Column("attempts", Integer),
    Column("due_at", UTCDateTime),
)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One row."""

    id: int
    account_id: int
    thread_id: str
    change: LabelsChange
    attempts: int


def note_change(host: Host, change: ConversationChanged) -> None:
    """Remember what a change of a conversation means for labels, for each thread whose mailbox wants to know."""
    if change.is_from_provider:
        return
    for account_id, thread_id in threads_of_conversation(host, change.conversation.id):
        account = host.account(account_id)
        meaning = GmailSettings.of(account).meaning if account else None
        if meaning is None:
            continue
        status = change.conversation.status
        wanted = change_for(meaning, change.status_before, status, change.tags_added, change.tags_removed)
        if wanted:
            _put(host, account_id, thread_id, wanted)


def carry_out(host: Host) -> None:
    """Change what is due at Gmail. A mailbox that cannot be reached keeps its changes for later; the others go on."""
    for account_id, waiting in groupby(_due(host), key=lambda one: one.account_id):
        account = host.account(account_id)
        if account is not None:
            _carry_out_for(host, account, list(waiting))


def threads_waiting(host: Host, account_id: int, thread_ids: Collection[str]) -> set[str]:
    """Those of some threads that wait for a change."""
    is_one = (CHANGES.c.account_id == account_id) & CHANGES.c.thread_id.in_(list(thread_ids))
    with host.tables.connect() as connection:
        return set(connection.scalars(select(CHANGES.c.thread_id).where(is_one)))


def waiting_changes(host: Host, account_id: int) -> int:
    """How many changes of a mailbox wait."""
    statement = select(func.count()).select_from(CHANGES).where(CHANGES.c.account_id == account_id)
    with host.tables.connect() as connection:
        return int(connection.scalar(statement) or 0)


def retry_soon(host: Host, account_id: int) -> None:
    """The mailbox can be reached again: what waits for it is due."""
    with host.tables.begin() as connection:
        connection.execute(update(CHANGES).where(CHANGES.c.account_id == account_id).values(due_at=host.now()))


def forget_changes(host: Host, account_id: int) -> None:
    """Drop what waits for an account that is gone."""
    with host.tables.begin() as connection:
        connection.execute(delete(CHANGES).where(CHANGES.c.account_id == account_id))


def _put(host: Host, account_id: int, thread_id: str, change: LabelsChange) -> None:
    values = {
        "account_id": account_id,
        "thread_id": thread_id,
        "add_labels": sorted(change.add),
        "remove_labels": sorted(change.remove),
        "attempts": 0,
        "due_at": host.now(),
    }
    with host.tables.begin() as connection:
        connection.execute(insert(CHANGES), values)


def _due(host: Host) -> list[_Waiting]:
    """The oldest of them, none of a mailbox that has to wait: a later change must not overtake an earlier one."""
    waits = select(CHANGES.c.account_id).where(CHANGES.c.due_at > host.now())
    order = (CHANGES.c.account_id, CHANGES.c.id)
    statement = select(CHANGES).where(CHANGES.c.account_id.not_in(waits)).order_by(*order).limit(_AT_ONCE)
    with host.tables.connect() as connection:
        return [
            _Waiting(
                row.id,
                row.account_id,
                row.thread_id,
                LabelsChange(frozenset(row.add_labels), frozenset(row.remove_labels)),
                row.attempts,
            )
            for row in connection.execute(statement)
        ]


def _carry_out_for(host: Host, account: Account, waiting: list[_Waiting]) -> None:
    done: list[int] = []
    try:
        with open_mailbox(host, account) as mailbox:
            for ids in _changed(host, mailbox, waiting):
                done += ids
    except (Temporary, NeedsReauth, Permanent) as error:
        host.log.warning("labels of account %s wait: %s", account.id, error)
        left = [one for one in waiting if one.id not in done]
        _postpone(host, left, getattr(error, "retry_at", None))
    with host.tables.begin() as connection:
        connection.execute(delete(CHANGES).where(CHANGES.c.id.in_(done)))


def _changed(host: Host, mailbox: Mailbox, waiting: list[_Waiting]) -> Iterator[list[int]]:
    """Change one thread after another, several changes of one as one; yields the rows that are done with. A thread that is gone needs
    nothing, and what Gmail refuses for good would be refused again."""
    known = KnownLabels(mailbox)
    by_thread: dict[str, list[_Waiting]] = {}
    for one in waiting:
        by_thread.setdefault(one.thread_id, []).append(one)
    for thread_id, changes in by_thread.items():
        wanted = LabelsChange()
        for one in changes:
            wanted = wanted.followed_by(one.change)
        try:
            add, remove = [known.made(name) for name in sorted(wanted.add)], known.ids(wanted.remove)
            mailbox.ask(GmailClient.modify_thread, thread_id, add=add, remove=sorted(remove))
        except Rejected as error:
            host.log.error("Gmail refuses to change labels of thread %s: %s", thread_id, error.reason)
        yield [one.id for one in changes]


def _postpone(host: Host, waiting: list[_Waiting], retry_at: datetime | None) -> None:
    if not waiting:
        return
    attempts = max(one.attempts for one in waiting)
    pause = min(_FIRST_PAUSE * 2 ** min(attempts, 10), _LONGEST_PAUSE)
    due_at = max(retry_at, host.now()) if retry_at else host.now() + pause
    with host.tables.begin() as connection:
        connection.execute(
            update(CHANGES)
            .where(CHANGES.c.id.in_([one.id for one in waiting]))
            .values(due_at=due_at, attempts=CHANGES.c.attempts + 1)
        )
