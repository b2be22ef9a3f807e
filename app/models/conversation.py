"""Conversations, their tags, and the answers agents have begun to write. What a case is stands in `app.domain.cases`."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, db
from app.models.contact import Contact
from app.models.types import BigId, Id, UTCDateTime

__all__ = [
    "PRIORITIES",
    "Conversation",
    "ConversationSeen",
    "Draft",
    "DraftFile",
    "Status",
    "Tag",
    "conversation_tag",
]

PRIORITIES = ("low", "normal", "high", "urgent")
"""Their places are what the database keeps."""


class Status(StrEnum):
    """Where a conversation stands."""

    OPEN = "open"
    PENDING = "pending"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    SPAM = "spam"


conversation_tag = Table(
    "conversation_tag",
    Base.metadata,
    Column("conversation_id", BigId, ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", BigId, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_conversation_tag_tag_id_conversation_id", "tag_id", "conversation_id"),
)


class Tag(db.Model):
    """A word agents put on conversations."""

    __tablename__ = "tag"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60), unique=True)


class Conversation(db.Model):
    """One exchange with a contact. `active_at` is the moment of the newest message and sorts the Inbox; `waiting_since` is the oldest
    inbound message nobody has answered yet. `channel` and `account_id` say where it came in."""

    __tablename__ = "conversation"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(BigId, unique=True)
    subject: Mapped[str] = mapped_column(String(500), default="")
    preview: Mapped[str] = mapped_column(String(240), default="")
    status: Mapped[str] = mapped_column(String(12), default=Status.OPEN)
    priority: Mapped[int] = mapped_column(SmallInteger, default=1)
    """A place in `PRIORITIES`."""
    channel: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("channel_account.id"))
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    assignee_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("agent.id", ondelete="SET NULL"))
    team_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("team.id", ondelete="SET NULL"))
    thread_key: Mapped[str | None] = mapped_column(String(320))
    merged_into_id: Mapped[int | None] = mapped_column(BigId)
    """The conversation that took over all of this one's messages; it is listed no more, and its address leads there."""
    is_apart: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """It belongs to no case: a program wrote it, or an agent took it out."""
    message_count: Mapped[int] = mapped_column(Integer, default=0)
    has_attachments: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    active_at: Mapped[datetime] = mapped_column(UTCDateTime)
    waiting_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    snoozed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    contact: Mapped[Contact] = relationship(lazy="raise")
    tags: Mapped[list[Tag]] = relationship(secondary=conversation_tag, lazy="raise", order_by=Tag.name)

    __table_args__ = (
        Index("ix_conversation_status_active", "status", "active_at", "id"),
        Index("ix_conversation_assignee", "assignee_id", "status", "active_at", "id"),
        Index("ix_conversation_account", "account_id", "status", "active_at", "id"),
        Index("ix_conversation_team", "team_id", "status", "active_at", "id"),
        Index("ix_conversation_contact", "contact_id", "active_at", "id"),
        Index("ix_conversation_waiting", "status", "waiting_since"),
        Index("ix_conversation_snoozed", "snoozed_until"),
        Index("ix_conversation_thread", "account_id", "thread_key"),
        Index("ix_conversation_case", "contact_id", "status", "is_apart", "active_at", "id"),
    )


class Draft(db.Model):
    """What an agent has begun to write in a conversation; kept until sent or thrown away."""

    __tablename__ = "draft"

    agent_id: Mapped[int] = mapped_column(Integer, ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    text: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DraftFile(db.Model):
    """A file that is kept with a draft and goes with it; its bytes stand in the file storage. Without a conversation it belongs to a first
    message that was refused: the page that holds its id can send it. `goes_along`: whether its box is ticked."""

    __tablename__ = "draft_file"

    id: Mapped[Id]
    agent_id: Mapped[int] = mapped_column(Integer, ForeignKey("agent.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(BigId)
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    goes_along: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        ForeignKeyConstraint(
            ["agent_id", "conversation_id"], ["draft.agent_id", "draft.conversation_id"], ondelete="CASCADE"
        ),
        Index("ix_draft_file_agent_id_conversation_id", "agent_id", "conversation_id"),
    )


class ConversationSeen(db.Model):
    """How many messages a conversation had when an agent last looked at it; what came later is new to them."""

    __tablename__ = "conversation_seen"

    agent_id: Mapped[int] = mapped_column(Integer, ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    message_count: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("ix_conversation_seen_conversation_id", "conversation_id"),)
