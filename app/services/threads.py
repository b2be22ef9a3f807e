"""Bringing together what the store knows about a message's ancestors, for `app.domain.threading` to decide on."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    String,
    bindparam,
    case,
    exists,
    literal,
    or_,
    select,
    union_all,
    update,
)

from app.domain.reply_tokens import token_in_addresses, token_in_ids
from app.domain.threading import Joined, KnownMessage, choose_conversation
from app.models import Conversation, Direction, Message, MessageReference
from app.plugin_api.messages import InboundMessage
from app.services.core import Core
from app.services.echoes import counterpart
from app.services.value_check import LONGEST_ADDRESS, short_key

__all__ = ["join_conversation", "name_thread"]

_MOST_REFERENCES = 50

_IS_OURS = case((Message.direction == Direction.OUTBOUND, 1), else_=0)
_NAMING = select(MessageReference.reference, Message.conversation_id, literal(0)).join(
    Message, Message.id == MessageReference.message_id
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_CHILDREN = (
    _NAMING.add_columns(literal("child"))
    .where(MessageReference.reference == bindparam("own_id", type_=String))
    .limit(200)
)
_KIN = union_all(
    select(Message.external_id, Message.conversation_id, _IS_OURS, literal("direct")).where(
        Message.external_id.in_(_IDS)
    ),
    _NAMING.add_columns(literal("ancestor")).where(MessageReference.reference.in_(_IDS)),
    _NAMING.add_columns(literal("child")).where(MessageReference.reference == bindparam("own_id", type_=String)),
).limit(200)
"""Stored messages that the new one names, that name one of the same ancestors, or that name the new one."""

_EXISTS = select(Conversation.id).where(Conversation.id == bindparam("id"))
_WROTE = exists().where(Message.conversation_id == Conversation.id, Message.contact_id == bindparam("contact_id"))
_OF_CONTACT = select(Conversation.id).where(
    Conversation.id.in_(_IDS), or_(Conversation.contact_id == bindparam("contact_id"), _WROTE)
)

_BEGUN_HERE = (
    select(Message.conversation_id)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(
        Message.external_id.in_(_IDS),
        Message.direction == Direction.OUTBOUND,
        Conversation.account_id == bindparam("account_id"),
        Conversation.thread_key.is_(None),
    )
    .order_by(Message.id.desc())
    .limit(1)
)
_NAME_THREAD = (
    update(Conversation)
    .where(
        Conversation.id == bindparam("conversation_id"),
        Conversation.account_id == bindparam("of_account"),
        Conversation.thread_key.is_(None),
    )
    .values(thread_key=bindparam("key"))
)


def join_conversation(
    core: Core, connection: Connection, message: InboundMessage, *, account_id: int, contact_id: int | None
) -> Joined | None:
    """The conversation a message belongs to and why, or None when it opens a new one. `contact_id`: None for an unknown sender."""
    references = tuple(message.references[-_MOST_REFERENCES:])
    ids = [i[:500] for i in dict.fromkeys([*references, message.in_reply_to]) if i]
    if message.thread_key:
        return _by_thread_key(connection, account_id, message.thread_key) or _begun_here(connection, account_id, ids)
    known = _known_messages(connection, ids, message.external_id)
    keys = core.vault.derived("reply token")
    token = token_in_ids(keys, ids)
    if token is None:
        token = token_in_addresses(keys, [p.value for p in (*message.to, *message.cc)])
    if token is not None and connection.execute(_EXISTS, {"id": token}).first() is None:
        token = None
    conversation_ids = {m.conversation_id for m in known}
    return choose_conversation(
        in_reply_to=message.in_reply_to,
        references=references,
        known=known,
        token_conversation=token,
        own_conversations=_with_sender(connection, conversation_ids, contact_id, counterpart(message).value),
    )


def name_thread(connection: Connection, conversation_id: int, account_id: int, thread_key: str) -> None:
    """Keep the provider's key of an exchange that an agent began, so that what comes in under it finds the conversation. Nothing happens
    where the conversation has one already or belongs to another account."""
    values = {
        "conversation_id": conversation_id,
        "of_account": account_id,
        "key": short_key(thread_key, LONGEST_ADDRESS),
    }
    connection.execute(_NAME_THREAD, values)


def _by_thread_key(connection: Connection, account_id: int, thread_key: str) -> Joined | None:
    statement = (
        select(Conversation.id)
        .where(Conversation.account_id == account_id, Conversation.thread_key == thread_key)
        .order_by(Conversation.id.desc())
        .limit(1)
    )
    found = connection.execute(statement).scalar_one_or_none()
    return Joined(found, "thread_key") if found is not None else None


def _begun_here(connection: Connection, account_id: int, ids: list[str]) -> Joined | None:
    """The conversation that an agent began and that has no key of the provider yet."""
    found = (
        connection.execute(_BEGUN_HERE, {"ids": ids, "account_id": account_id}).scalar_one_or_none() if ids else None
    )
    return Joined(found, "in_reply_to") if found is not None else None


def _known_messages(connection: Connection, ids: list[str], own_id: str) -> list[KnownMessage]:
    if not ids and not own_id:
        return []
    rows = connection.execute(_KIN if ids else _CHILDREN, {"ids": ids, "own_id": own_id[:500]})
    return [
        KnownMessage(
            external_id=external_id,
            conversation_id=conversation_id,
            is_ours=bool(ours),
            shares_ancestor=how == "ancestor",
            names_new=how == "child",
        )
        for external_id, conversation_id, ours, how in rows
    ]


def _with_sender(connection: Connection, conversation_ids: set[int], contact_id: int | None, address: str) -> set[int]:
    """Those conversations in which the sender takes part: as its contact, as an author, or as a named recipient."""
    if not conversation_ids:
        return set()
    rows = connection.execute(_OF_CONTACT, {"ids": list(conversation_ids), "contact_id": contact_id})
    found = set(rows.scalars())
    for conversation_id in conversation_ids - found:
        if _is_recipient(connection, conversation_id, address):
            found.add(conversation_id)
    return found


def _is_recipient(connection: Connection, conversation_id: int, address: str) -> bool:
    statement = select(Message.recipients).where(Message.conversation_id == conversation_id).limit(100)
    return any(
        person.get("value") == address
        for recipients in connection.execute(statement).scalars()
        for key in ("to", "cc", "reply_to")
        for person in (recipients or {}).get(key, [])
    )
