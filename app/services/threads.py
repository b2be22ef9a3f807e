"""Bringing together what the store knows about a message's ancestors, for `app.domain.threading` to decide on."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Connection,
    Row,
    Select,
    bindparam,
    cast,
    exists,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)

from app.domain.authenticity import is_doubtful, is_proven
from app.domain.exchanges import Mail, answers
from app.domain.reply_tokens import token_in_addresses, token_in_ids, without_token
from app.domain.subjects import bare_subject, is_answer_subject
from app.domain.threading import Joined, KnownMail, Learnt, choose_conversation
from app.models import Conversation, Direction, Message, MessageReference, Status, ThreadRule
from app.plugin_api.messages import InboundMessage, MessageKind, Participant
from app.services.core import Core
from app.services.echoes import counterpart
from app.services.own_addresses import addressed
from app.services.returned import find_returned
from app.services.value_check import LONGEST_ADDRESS, short_key

__all__ = ["join_conversation", "living_conversation", "name_thread"]

_MOST_REFERENCES = 50
_MOST_KIN = 60
_RECENT = timedelta(days=14)
_MOST_MERGES = 10
"""How often a conversation may have been merged into another that was merged itself."""

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)


def _kin() -> Select:
    """The newest stored messages that have one of the ids or name one of them, the oldest of them first; and what agents taught of these
    ids: then `rule_for` is set and the message's columns are empty."""
    no_id, no_flag = cast(null(), BigInteger), cast(null(), Boolean)
    no_rule = (no_id.label("rule_for"), no_flag.label("is_apart"))
    reference = MessageReference.reference
    named = select(Message.id.label("id"), literal("").label("reference"), *no_rule)
    naming = select(MessageReference.message_id.label("id"), reference.label("reference"), *no_rule)
    rules = select(
        no_id.label("id"),
        ThreadRule.external_id.label("reference"),
        ThreadRule.conversation_id.label("rule_for"),
        ThreadRule.is_apart.label("is_apart"),
    )
    arms = (
        named.where(Message.external_id.in_(_IDS)).order_by(Message.id.desc()).limit(_MOST_KIN),
        naming.where(reference.in_(_IDS)).order_by(MessageReference.message_id.desc()).limit(_MOST_KIN),
    )
    found = union_all(*(select(arm.subquery()) for arm in arms), rules.where(ThreadRule.external_id.in_(_IDS)))
    kin = found.subquery()
    columns = (
        Message.conversation_id, Message.external_id, Message.direction, Message.kind, Message.contact_id,
        Message.sender_value, Message.recipients, Message.sent_at, Message.content_key,
    )  # fmt: skip
    return select(kin, *columns).outerjoin(Message, Message.id == kin.c.id).order_by(kin.c.id)


_KIN = _kin()
_LIVING = select(Conversation.merged_into_id).where(Conversation.id == bindparam("id"))
_WROTE = exists().where(Message.conversation_id == Conversation.id, Message.contact_id == bindparam("contact_id"))
_OF_CONTACT = select(Conversation.id).where(
    Conversation.id.in_(_IDS), or_(Conversation.contact_id == bindparam("contact_id"), _WROTE)
)

_BEGUN_HERE = (
    select(Message.conversation_id, Message.id)
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
_LATELY = (
    select(Conversation.id, Conversation.subject)
    .where(
        Conversation.contact_id == bindparam("contact_id"),
        Conversation.account_id == bindparam("account_id"),
        Conversation.active_at >= bindparam("since"),
        Conversation.status != Status.SPAM,
        Conversation.merged_into_id.is_(None),
    )
    .order_by(Conversation.active_at.desc(), Conversation.id.desc())
    .limit(50)
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
    mail = _mail_of(message, contact_id)
    if message.thread_key:
        return _by_thread_key(connection, account_id, message.thread_key) or _begun_here(
            connection, account_id, mail.names
        )
    known, learnt = _known(connection, mail)
    named = [one for one in known if one.mail.message_id in mail.names]
    unclear = {one.conversation_id for one in named if not answers(mail, one.mail)}
    joined = choose_conversation(
        mail,
        in_reply_to=message.in_reply_to and message.in_reply_to[:500],
        known=known,
        own_conversations=_with_sender(
            connection, unclear.union(learnt.homes.values()), contact_id, counterpart(message).value
        ),
        token_conversation=_by_token(core, connection, mail, message),
        learnt=learnt,
    )
    if joined is not None or contact_id is None or not _lost_its_ids(mail, message):
        return joined
    return _by_same_person(connection, message, account_id, contact_id, core.clock.now() - _RECENT)


def living_conversation(connection: Connection, conversation_id: int) -> int | None:
    """The conversation itself, or the one that it was merged into; None when there is none."""
    for _ in range(_MOST_MERGES):
        found = connection.execute(_LIVING, {"id": conversation_id}).first()
        if found is None:
            return None
        if found.merged_into_id is None:
            return conversation_id
        conversation_id = found.merged_into_id
    return None


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
        select(Conversation.id, Conversation.merged_into_id)
        .where(Conversation.account_id == account_id, Conversation.thread_key == thread_key)
        .order_by(Conversation.id.desc())
        .limit(1)
    )
    found = connection.execute(statement).first()
    living = _followed(connection, found) if found is not None else None
    return Joined(living, "thread_key") if living is not None else None


def _begun_here(connection: Connection, account_id: int, ids: Sequence[str]) -> Joined | None:
    """The conversation that an agent began and that has no key of the provider yet."""
    values = {"ids": list(ids), "account_id": account_id}
    found = connection.execute(_BEGUN_HERE, values).first() if ids else None
    return Joined(found.conversation_id, "in_reply_to", found.id) if found is not None else None


def _by_token(core: Core, connection: Connection, mail: Mail, message: InboundMessage) -> int | None:
    """The conversation that one of our tokens names: in the ids, or in an address the message was sent to."""
    keys = core.vault.derived("reply token")
    token = token_in_ids(keys, reversed(mail.names))
    if token is None:
        token = token_in_addresses(keys, addressed(message))
    if token is None:
        returned = find_returned(core, connection, message)
        token = returned.conversation_id if returned is not None else None
    return living_conversation(connection, token) if token is not None else None


def _lost_its_ids(mail: Mail, message: InboundMessage) -> bool:
    """Whether it is an answer by its subject alone, as some telephones send them. Where nobody vouches for the sender, it must want its own
    answer there too: who only borrowed an address and a subject would else be answered in somebody's conversation."""
    is_person = message.kind == MessageKind.NORMAL and not message.is_echo and not mail.is_doubtful
    is_credible = is_proven(message.authenticity) or mail.reply_to <= mail.author
    return is_person and is_credible and not mail.names and is_answer_subject(message.subject)


def _by_same_person(
    connection: Connection, message: InboundMessage, account_id: int, contact_id: int, since: datetime
) -> Joined | None:
    """The one conversation of the same person on the same account that was about the same lately; none when there are several."""
    rows = connection.execute(_LATELY, {"account_id": account_id, "contact_id": contact_id, "since": since})
    wanted = bare_subject(message.subject)
    found = [row.id for row in rows if wanted and bare_subject(row.subject) == wanted]
    return Joined(found[0], "same_person") if len(found) == 1 else None


def _followed(connection: Connection, found: Row) -> int | None:
    return found.id if found.merged_into_id is None else living_conversation(connection, found.merged_into_id)


# ---- what is known of a mail
def _mail_of(message: InboundMessage, contact_id: int | None) -> Mail:
    """The new message, cut as it will be stored."""
    own_id = message.external_id[:500]
    names = (message.in_reply_to, *reversed(message.references[-_MOST_REFERENCES:]))
    return Mail(
        message_id=own_id,
        names=tuple(dict.fromkeys(name for i in names if i and (name := i[:500]) != own_id)),
        author=_author(message.sender.value, contact_id),
        people=_values((*message.to, *message.cc)),
        reply_to=_values(message.reply_to),
        sent_at=message.sent_at,
        content=message.content_key,
        is_list=message.kind == MessageKind.LIST,
        is_doubtful=is_doubtful(message.authenticity, is_claimed=message.is_sender_claimed),
    )


def _known(connection: Connection, mail: Mail) -> tuple[list[KnownMail], Learnt]:
    """The stored messages that are related by ids, the oldest first, and what agents taught of the ids."""
    ids = [*mail.names, *([mail.message_id] if mail.message_id else [])]
    rows = connection.execute(_KIN, {"ids": ids}).all() if ids else []
    rules = [row for row in rows if row.rule_for is not None]
    names: dict[int, list[str]] = {}
    for row in rows:
        if row.id is not None:
            names.setdefault(row.id, []).append(row.reference)
    messages = {row.id: row for row in rows if row.id is not None}
    known = [KnownMail(i, row.conversation_id, _stored_mail(row, names[i])) for i, row in messages.items()]
    return known, Learnt(
        homes={rule.reference: rule.rule_for for rule in rules if not rule.is_apart},
        apart=frozenset(rule.rule_for for rule in rules if rule.is_apart),
    )


def _stored_mail(row: Row, names: Iterable[str]) -> Mail:
    """A report takes nobody in: it may be shown in a conversation because it names its contact and subject, which strangers can know."""
    is_report = row.kind == MessageKind.BOUNCE
    recipients = {} if is_report else row.recipients or {}
    people = [person.get("value", "") for key in ("to", "cc", "bcc") for person in recipients.get(key, ())]
    return Mail(
        message_id=row.external_id,
        names=tuple(name for name in names if name),
        author=frozenset()
        if is_report
        else _author(row.sender_value, row.contact_id if row.direction == Direction.INBOUND else None),
        people=frozenset(without_token(person) for person in people if person),
        reply_to=frozenset(person["value"] for person in recipients.get("reply_to", ()) if person.get("value")),
        sent_at=row.sent_at,
        content=row.content_key,
        is_ours=row.direction == Direction.OUTBOUND,
        is_list=row.kind == MessageKind.LIST,
    )


def _author(address: str, contact_id: int | None) -> frozenset[str]:
    """Whoever wrote, by their address and, since a contact may have several, by the contact's id."""
    return frozenset((address, *([f"contact {contact_id}"] if contact_id is not None else [])))


def _values(people: Iterable[Participant]) -> frozenset[str]:
    return frozenset(without_token(person.value) for person in people if person.value)


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
    statement = (
        select(Message.recipients)
        .where(Message.conversation_id == conversation_id, Message.kind != MessageKind.BOUNCE)
        .order_by(Message.id.desc())
        .limit(100)
    )
    return any(
        person.get("value") == address
        for recipients in connection.execute(statement).scalars()
        for key in ("to", "cc", "reply_to")
        for person in (recipients or {}).get(key, [])
    )
