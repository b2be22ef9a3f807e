"""Messages, their deliveries, notes and attachments."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Id, Json, UTCDateTime

__all__ = [
    "Attachment",
    "DeliveryState",
    "Direction",
    "Message",
    "MessageDelivery",
    "MessageReaction",
    "MessageReference",
    "Note",
]


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class DeliveryState(StrEnum):
    """Where an outbound message stands; inbound ones have none."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    RETURNED = "returned"
    """It left, and the servers of all its recipients sent it back."""


class Message(db.Model):
    """One message of a conversation, in or out. Large texts stand last so that rows are read cheaply without them.

    `recipients` maps to, cc, bcc, reply_to to lists of {kind, value, name}. `joined_by` says why it is in this conversation.
    `raw_sha256` names the bytes as they came or left. `due_at`: when the worker may try (next) to send it.
    `lease_owner` names the process that sends it; it stays after an attempt whose outcome nobody knows, until that is found out.
    """

    __tablename__ = "message"

    id: Mapped[Id]
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("channel_account.id"))
    direction: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16), default="normal")
    contact_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contact.id"))
    agent_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("agent.id", ondelete="SET NULL"))
    sender_kind: Mapped[str] = mapped_column(String(40), default="email")
    sender_value: Mapped[str] = mapped_column(String(320), default="")
    sender_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    external_id: Mapped[str] = mapped_column(String(500), default="")
    content_key: Mapped[str] = mapped_column(String(64), default="")
    in_reply_to: Mapped[str | None] = mapped_column(String(500))
    joined_by: Mapped[str] = mapped_column(String(40), default="")
    joined_by_id: Mapped[int | None] = mapped_column(BigId)
    """The message it was joined by; that may be gone."""
    is_automatic: Mapped[bool] = mapped_column(Boolean, default=False)
    accepts_auto_reply: Mapped[bool] = mapped_column(Boolean, default=True)
    raw_sha256: Mapped[str | None] = mapped_column(String(64))

    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its author took it back at the provider; its text and files are gone since."""

    delivery_state: Mapped[str | None] = mapped_column(String(12))
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    choice: Mapped[str] = mapped_column(String(120), default="")
    """The key of the `ReplyChoice` it is sent by."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_owner: Mapped[str] = mapped_column(String(80), default="")
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(String(1000), default="")

    recipients: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    fields: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    answers: Mapped[dict[str, str] | None] = mapped_column(Json)
    """What was answered to the questions of a form, question to answer."""
    undo: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What taking back a queued reply restores: the conversation's status, assignee and waiting_since."""
    defects: Mapped[list[str]] = mapped_column(Json, default=list)
    authenticity: Mapped[dict[str, str] | None] = mapped_column(Json)
    """Who vouches for the sender, as `tidings.Authenticity` has it; None where nobody looked."""
    warnings: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    """What agents should know before they trust it: kind, text and data of each."""
    traits: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What else was seen in it, where there was something: signed, encrypted, tracking pictures, invitations."""
    scheduled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The moment an agent chose for it to leave; None for what leaves as soon as it can."""
    cancels_on_reply: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """It stays here when the contact writes before its moment."""
    plan: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What is done with the conversation when it leaves: then, until. `is_prepared`: the channel wrote it. `read_to`: the newest message
    when `cancels_on_reply` was set later."""
    subject: Mapped[str] = mapped_column(String(500), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    reply_text: Mapped[str | None] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_message_conversation", "conversation_id", "id"),
        Index("ix_message_contact", "contact_id"),
        Index("ix_message_external_id", "external_id"),
        Index("ix_message_in_reply_to", "in_reply_to"),
        Index("ix_message_outbox", "delivery_state", "due_at"),
        Index(
            "ix_message_scheduled",
            "conversation_id",
            sqlite_where=scheduled_at.is_not(None),
            postgresql_where=scheduled_at.is_not(None),
        ),
    )


class MessageReference(db.Model):
    """An external id that a message names as its ancestor; finds the exchange when a parent comes late or never."""

    __tablename__ = "message_reference"

    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    reference: Mapped[str] = mapped_column(String(500), primary_key=True)

    __table_args__ = (Index("ix_message_reference_reference", "reference"),)


class MessageDelivery(db.Model):
    """One arrival of a message on an account. The same mail reaching two accounts is one message with two deliveries.

    `dedupe_key` is a digest of external id and content: the same key on one account is a duplicate.
    """

    __tablename__ = "message_delivery"

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("channel_account.id", ondelete="CASCADE"))
    dedupe_key: Mapped[str] = mapped_column(String(64))
    event_id: Mapped[int | None] = mapped_column(BigId)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("uq_message_delivery_dedupe_key_account_id", "dedupe_key", "account_id", unique=True),)


class MessageReaction(db.Model):
    """The sign somebody put to a message: one of each person on each message."""

    __tablename__ = "message_reaction"

    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    sender_kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    sender_value: Mapped[str] = mapped_column(String(320), primary_key=True)
    sender_name: Mapped[str] = mapped_column(String(200), default="")
    emoji: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Note(db.Model):
    """What agents tell each other beside a conversation; contacts never see it."""

    __tablename__ = "note"

    id: Mapped[Id]
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("agent.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attachment(db.Model):
    """A file of a message. The bytes stand in the file storage under their sha256, once however often they came."""

    __tablename__ = "attachment"

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    is_inline: Mapped[bool] = mapped_column(Boolean, default=False)
    content_id: Mapped[str | None] = mapped_column(String(255))
    danger: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """Why opening it may harm, in a word; empty for most."""
