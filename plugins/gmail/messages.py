"""Which messages of Gmail are which of ours: their threads, the ids that mails name them by, and the conversations they stand in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Integer, MetaData, Select, String, Table, delete, insert, select, update

from tidings import Host
from tidings.tables import BigId

__all__ = [
    "Seen",
    "external_id_in",
    "forget_messages",
    "ids_in_conversations",
    "ids_sent_by_us",
    "note_conversation",
    "note_messages",
    "thread_of",
    "threads_of_conversation",
    "was_sent_as",
]

MESSAGES = Table(
    "plugin_gmail_message",
    MetaData(),
    Column("id", BigId, primary_key=True),
    Column("account_id", BigId),
    Column("gmail_id", String(40)),
    Column("thread_id", String(40)),
    Column("external_id", String(500)),
    Column("sent_as", String(500)),
    Column("conversation_id", Integer),
)
_LONGEST_ID = 500
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of one mailbox. `external_id` is its Message-ID without brackets; `sent_as` the id that Tidings had given it, empty for
    what somebody else wrote."""

    gmail_id: str
    thread_id: str
    external_id: str
    sent_as: str = ""


def note_messages(host: Host, account_id: int, seen: Sequence[Seen]) -> None:
    """Remember messages; those that are known already stay as they are."""
    known = _gmail_ids(host, _of(account_id, [one.gmail_id for one in seen]))
    rows = [
        {
            "account_id": account_id,
            "gmail_id": one.gmail_id,
            "thread_id": one.thread_id,
            "external_id": one.external_id[:_LONGEST_ID],
            "sent_as": one.sent_as[:_LONGEST_ID],
        }
        for one in seen
        if one.gmail_id not in known
    ]
    if rows:
        with host.tables.begin() as connection:
            connection.execute(insert(MESSAGES), rows)


def ids_sent_by_us(host: Host, account_id: int, gmail_ids: Collection[str]) -> set[str]:
    """Those of some messages that Tidings sent."""
    return _gmail_ids(host, *(part.where(MESSAGES.c.sent_as != "") for part in _parts(account_id, gmail_ids)))


def ids_in_conversations(host: Host, account_id: int, gmail_ids: Collection[str]) -> set[str]:
    """Those of some messages that stand in a conversation already."""
    parts = _parts(account_id, gmail_ids)
    return _gmail_ids(host, *(part.where(MESSAGES.c.conversation_id.is_not(None)) for part in parts))


def was_sent_as(host: Host, account_id: int, sent_as: str) -> bool:
    """Whether Gmail took the message that Tidings had given this id."""
    is_it = (MESSAGES.c.account_id == account_id) & (MESSAGES.c.sent_as == sent_as[:_LONGEST_ID])
    with host.tables.connect() as connection:
        return connection.scalar(select(MESSAGES.c.id).where(is_it).limit(1)) is not None


def thread_of(host: Host, account_id: int, external_ids: Sequence[str]) -> str | None:
    """The thread of the newest of these messages (nearest last) that the mailbox has, or None."""
    wanted = [one[:_LONGEST_ID] for one in external_ids if one]
    statement = select(MESSAGES.c.external_id, MESSAGES.c.sent_as, MESSAGES.c.thread_id).where(
        MESSAGES.c.account_id == account_id, MESSAGES.c.external_id.in_(wanted) | MESSAGES.c.sent_as.in_(wanted)
    )
    with host.tables.connect() as connection:
        rows = connection.execute(statement).all() if wanted else []
    found = {name: row.thread_id for row in rows for name in (row.external_id, row.sent_as) if name}
    return next((found[one] for one in reversed(wanted) if one in found), None)


def external_id_in(host: Host, account_id: int, thread_id: str) -> str:
    """The id of a message of a thread that the inbox has, the newest one; empty when there is none."""
    statement = (
        select(MESSAGES.c.external_id)
        .where(
            MESSAGES.c.account_id == account_id,
            MESSAGES.c.thread_id == thread_id,
            MESSAGES.c.conversation_id.is_not(None),
            MESSAGES.c.external_id != "",
        )
        .order_by(MESSAGES.c.id.desc())
        .limit(1)
    )
    with host.tables.connect() as connection:
        return connection.scalar(statement) or ""


def note_conversation(host: Host, account_id: int, external_id: str, conversation_id: int) -> None:
    """Remember in which conversation a message stands. Nothing happens for messages of other channels."""
    is_it = (MESSAGES.c.account_id == account_id) & (MESSAGES.c.external_id == external_id[:_LONGEST_ID])
    with host.tables.connect() as connection:
        is_known = connection.scalar(select(MESSAGES.c.id).where(is_it).limit(1)) is not None
    if is_known:
        with host.tables.begin() as connection:
            connection.execute(update(MESSAGES).where(is_it).values(conversation_id=conversation_id))


def threads_of_conversation(host: Host, conversation_id: int) -> list[tuple[int, str]]:
    """(account id, thread id) of all threads that a conversation is made of."""
    columns = (MESSAGES.c.account_id, MESSAGES.c.thread_id)
    statement = select(*columns).where(MESSAGES.c.conversation_id == conversation_id).distinct()
    with host.tables.connect() as connection:
        return sorted((row.account_id, row.thread_id) for row in connection.execute(statement))


def forget_messages(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone."""
    with host.tables.begin() as connection:
        connection.execute(delete(MESSAGES).where(MESSAGES.c.account_id == account_id))


def _parts(account_id: int, gmail_ids: Collection[str]) -> list[Select]:
    ids = list(gmail_ids)
    return [_of(account_id, ids[start : start + _AT_ONCE]) for start in range(0, len(ids), _AT_ONCE)]


def _of(account_id: int, gmail_ids: Sequence[str]) -> Select:
    return select(MESSAGES.c.gmail_id).where(MESSAGES.c.account_id == account_id, MESSAGES.c.gmail_id.in_(gmail_ids))


def _gmail_ids(host: Host, *statements: Select) -> set[str]:
    with host.tables.connect() as connection:
        return {gmail_id for statement in statements for gmail_id in connection.scalars(statement)}
