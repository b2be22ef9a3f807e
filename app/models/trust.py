"""What the installation remembers of senders: domains that are known, and mailboxes that were answered automatically."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import UTCDateTime

__all__ = ["AutomaticAnswer", "KnownDomain"]


class KnownDomain(db.Model):
    """The registered part of domains that proved themselves. `messages` counts the days on which it did."""

    __tablename__ = "known_domain"

    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    messages: Mapped[int] = mapped_column(Integer, default=0)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AutomaticAnswer(db.Model):
    """When a mailbox ("email:ada@example.com", without plus tags) was last answered automatically, and how often since a person wrote."""

    __tablename__ = "automatic_answer"

    mailbox: Mapped[str] = mapped_column(String(340), primary_key=True)
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    count: Mapped[int] = mapped_column(Integer, default=0)
