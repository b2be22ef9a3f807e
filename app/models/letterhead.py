"""Letterheads: what stands below answers, and the looks of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Id, UTCDateTime

__all__ = ["Letterhead"]


class Letterhead(db.Model):
    """Signature, footer and brand of what is sent for a team, an account, both, or (neither named) for everybody.

    `signature` and `footer` are Markdown with placeholders; `colour` is "#rrggbb" or empty; the logo stands in the file storage,
    its width and height are in pixels.
    """

    __tablename__ = "letterhead"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    team_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("team.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("channel_account.id", ondelete="CASCADE"))
    signature: Mapped[str] = mapped_column(Text, default="")
    footer: Mapped[str] = mapped_column(Text, default="")
    logo_sha256: Mapped[str | None] = mapped_column(String(64))
    logo_type: Mapped[str] = mapped_column(String(60), default="")
    logo_bytes: Mapped[int] = mapped_column(Integer, default=0)
    logo_width: Mapped[int] = mapped_column(Integer, default=0)
    logo_height: Mapped[int] = mapped_column(Integer, default=0)
    colour: Mapped[str] = mapped_column(String(7), default="")
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("uq_letterhead_name", "name", unique=True),)
