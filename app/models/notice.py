"""What admins must hear of although they asked for nothing: a plugin was quarantined, an account waits for its owner."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Id, Json, UTCDateTime

__all__ = ["Notice"]


class Notice(db.Model):
    """One notice to all admins. `subject` tells notices about the same thing apart from others ("plugin:weather:quarantined"): while one
    is open, a second is counted in `times` instead. `text` is an English sentence with `%(name)s` places that `data` fills.

    `level` is info, warning or error. It is open until somebody dismisses it (`closed_by` has the name) or what it told of is over
    (`closed_at` alone); there is one open notice of a subject at most. `mail_state` is queued, sent, failed or none; `mail_due_at` says
    when the mail is due, once it is sent, when that was.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_open", "closed_at", "id"),
        Index(
            "uq_notice_open_subject",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(160), index=True)
    level: Mapped[str] = mapped_column(String(12), default="warning")
    text: Mapped[str] = mapped_column(String(500))
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    path: Mapped[str] = mapped_column(String(200), default="")
    times: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[str] = mapped_column(String(120), default="")
    mail_state: Mapped[str] = mapped_column(String(12), default="none")
    mail_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    mail_attempts: Mapped[int] = mapped_column(Integer, default=0)
    mail_error: Mapped[str] = mapped_column(String(500), default="")
