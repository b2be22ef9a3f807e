"""One conversation with what stands beside its timeline: the contact, their other conversations, the agent's draft."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import Session, scoped_session

from app.domain.cases import ANSWERED_LATELY
from app.models import Attachment, Contact, ContactIdentity, Conversation, ConversationSeen, Draft, Message
from app.queries.cases import has_others
from app.queries.contact_names import shown_name, shown_picture

__all__ = [
    "ConversationFacts",
    "FrameFacts",
    "IdentityFacts",
    "LastInbound",
    "OtherConversation",
    "conversation_facts",
    "frame_facts",
    "identities_of",
    "last_inbound",
    "other_conversations",
    "number_of_message",
]

_MOST_MERGES = 10


@dataclass(frozen=True, slots=True)
class ConversationFacts:
    """A conversation with its contact, and what the looking agent left in it. `seen_count`: messages they have seen. `merged_into_id`: the
    one that took its place. `has_others`: its contact has more that is not resolved, or was resolved a moment ago."""

    id: int
    number: int
    subject: str
    status: str
    priority: int
    channel: str
    account_id: int
    contact_id: int
    assignee_id: int | None
    team_id: int | None
    message_count: int
    created_at: datetime
    active_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None
    contact_name: str
    contact_about: str
    contact_company: str
    contact_phone: str
    contact_picture: str | None
    contact_since: datetime
    contact_conversations: int
    draft_text: str | None
    draft_at: datetime | None
    seen_count: int
    merged_into_id: int | None
    is_apart: bool
    has_others: bool


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """An address of a contact, and since when and why it takes no messages, if so."""

    kind: str
    value: str
    name: str
    bounced_at: datetime | None
    bounce_status: str
    bounce_reason: str
    picture_sha256: str | None


@dataclass(frozen=True, slots=True)
class OtherConversation:
    """Another conversation of the same contact."""

    number: int
    subject: str
    status: str
    channel: str
    active_at: datetime


@dataclass(frozen=True, slots=True)
class LastInbound:
    """Who wrote last, where their answer goes, and through which account they wrote."""

    sender_kind: str
    sender_value: str
    sender_name: str
    recipients: dict
    account_id: int


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What the frame with a message's own formatting needs. `files` maps a content id to the attachment's id."""

    html: str
    subject: str
    files: dict[str, int]


def conversation_facts(
    session: Session | scoped_session, number: int, agent_id: int, now: datetime
) -> ConversationFacts | None:
    """The conversation of a human number, or None; the one that took its place where it was merged. One query, and two more for each
    merge."""
    for _ in range(_MOST_MERGES):
        values = {"number": number, "agent_id": agent_id, "resolved_since": now - ANSWERED_LATELY}
        row = session.connection().execute(_FACTS, values).first()
        if row is None or row.merged_into_id is None:
            return ConversationFacts(*row) if row else None
        number = session.connection().execute(_NUMBER, {"id": row.merged_into_id}).scalar_one()
    return None


def identities_of(session: Session | scoped_session, contact_id: int) -> tuple[IdentityFacts, ...]:
    """The addresses of a contact, the first known first."""
    return tuple(IdentityFacts(*row) for row in session.connection().execute(_IDENTITIES, {"contact_id": contact_id}))


def other_conversations(
    session: Session | scoped_session, contact_id: int, but: int, limit: int = 6
) -> tuple[OtherConversation, ...]:
    """The newest conversations of a contact except one."""
    rows = session.connection().execute(_OTHERS, {"contact_id": contact_id, "but": but, "most": limit})
    return tuple(OtherConversation(*row) for row in rows)


def last_inbound(session: Session | scoped_session, conversation_id: int) -> LastInbound | None:
    """The newest inbound message an answer would go to, or None."""
    row = session.connection().execute(_LAST_INBOUND, {"conversation_id": conversation_id}).first()
    return LastInbound(*row) if row else None


def frame_facts(session: Session | scoped_session, message_id: int) -> FrameFacts | None:
    """The HTML of a message and its inline files; None when it has no HTML. Two queries."""
    row = session.execute(select(Message.html, Message.subject).where(Message.id == message_id)).first()
    if row is None or row.html is None:
        return None
    files = session.execute(
        select(Attachment.content_id, Attachment.id).where(
            Attachment.message_id == message_id, Attachment.content_id.is_not(None)
        )
    )
    return FrameFacts(row.html, row.subject, {content_id: file_id for content_id, file_id in files if content_id})


def number_of_message(session: Session | scoped_session, message_id: int) -> int:
    """The number of the conversation that a message stands in."""
    statement = select(Conversation.number).join(Message, Message.conversation_id == Conversation.id)
    return session.execute(statement.where(Message.id == message_id)).scalar_one()


# ---- statements, prepared once: putting them together costs more than running them
def _facts() -> Select:
    count = (
        select(func.count())
        .select_from(Conversation)
        .where(Conversation.contact_id == Contact.id, Conversation.merged_into_id.is_(None))
        .correlate(Contact)
        .scalar_subquery()
    )
    own = [getattr(Conversation, name) for name in list(ConversationFacts.__dataclass_fields__)[:15]]
    written = (Contact.about, Contact.company, Contact.phone)
    contact = (shown_name(), *written, shown_picture(), Contact.created_at, count)
    mine = (Draft.text, Draft.updated_at, func.coalesce(ConversationSeen.message_count, 0))
    case = (Conversation.merged_into_id, Conversation.is_apart, has_others())
    agent_id: BindParameter[int] = bindparam("agent_id")
    return (
        select(*own, *contact, *mine, *case)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(Draft, (Draft.conversation_id == Conversation.id) & (Draft.agent_id == agent_id))
        .outerjoin(
            ConversationSeen,
            (ConversationSeen.conversation_id == Conversation.id) & (ConversationSeen.agent_id == agent_id),
        )
        .where(Conversation.number == bindparam("number"))
    )


_FACTS = _facts()
_NUMBER = select(Conversation.number).where(Conversation.id == bindparam("id"))
_IDENTITIES = (
    select(*(getattr(ContactIdentity, name) for name in IdentityFacts.__dataclass_fields__))
    .where(ContactIdentity.contact_id == bindparam("contact_id"))
    .order_by(ContactIdentity.id)
    .limit(50)
)
_OTHERS = (
    select(*(getattr(Conversation, name) for name in OtherConversation.__dataclass_fields__))
    .where(
        Conversation.contact_id == bindparam("contact_id"),
        Conversation.id != bindparam("but"),
        Conversation.merged_into_id.is_(None),
    )
    .order_by(Conversation.active_at.desc(), Conversation.id.desc())
    .limit(bindparam("most"))
)
_LAST_INBOUND = (
    select(Message.sender_kind, Message.sender_value, Message.sender_name, Message.recipients, Message.account_id)
    .where(
        Message.conversation_id == bindparam("conversation_id"),
        Message.direction == "inbound",
        Message.kind != "bounce",
    )
    .order_by(Message.id.desc())
    .limit(1)
)
