"""Contacts and the addresses by which they reach us."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.types import BigId, Id, UTCDateTime

__all__ = ["Contact", "ContactIdentity"]


class Contact(db.Model):
    """A person who writes to us."""

    __tablename__ = "contact"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200), default="")
    company: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """As they or an agent wrote it; nobody is recognised by it."""
    about: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(BigId)
    """The contact that this one turned out to be; it has all of the addresses and conversations, and this one's address leads there."""
    identities: Mapped[list["ContactIdentity"]] = relationship(back_populates="contact", cascade="all, delete-orphan")

    __table_args__ = (Index("ix_contact_name", "name", "id"),)


class ContactIdentity(db.Model):
    """An address of a contact on a kind of channel: ("email", "ada@example.com"). Unique, so one address is one person."""

    __tablename__ = "contact_identity"

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    bounced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    bounce_reason: Mapped[str] = mapped_column(String(500), default="")
    bounce_status: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """The status code of RFC 3463 that it came back with ("5.1.1")."""
    soft_bounces: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    picture_sha256: Mapped[str | None] = mapped_column(String(64))
    """How they look there, in the file storage; checked to be a small picture before it was stored."""

    contact: Mapped[Contact] = relationship(back_populates="identities")

    __table_args__ = (Index("uq_contact_identity_kind_value", "kind", "value", unique=True),)
