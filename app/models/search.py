"""The full-text index: FTS5 on SQLite, a tsvector on PostgreSQL, both keyed by `search_entry.id` so that newest comes first."""

from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Id

__all__ = ["SearchEntry"]


class SearchEntry(db.Model):
    """One searchable item. `document` is used on PostgreSQL only; on SQLite the words stand in the contentless FTS5 table `search_fts`
    under the same id."""

    __tablename__ = "search_entry"

    id: Mapped[Id]
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"), index=True)
    note_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("note.id", ondelete="CASCADE"), index=True)
    document: Mapped[Any] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), nullable=True)

    __table_args__ = (
        Index("ix_search_entry_document", "document", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )
