"""Short addresses that plugins gave to their pages."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import UTCDateTime

__all__ = ["ShortAddress"]


class ShortAddress(db.Model):
    """`/s/<word>` leads to a path below a plugin's own address while the plugin runs; gone with the plugin."""

    __tablename__ = "short_address"

    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(40), index=True)
    path: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
