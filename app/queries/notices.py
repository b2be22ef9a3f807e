"""Notices to admins: those that are open, the most urgent first, and those that were closed lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session, scoped_session

from app.models import Notice

__all__ = ["NoticeFacts", "closed_notices", "open_notices"]

MOST = 200


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A notice as it was told: `text` is to be translated and filled with `data`, `path` is below our address."""

    id: int
    subject: str
    level: str
    text: str
    data: Mapping[str, Any]
    path: str
    times: int
    created_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    closed_by: str
    mail_state: str
    mail_due_at: datetime | None
    mail_error: str


_FACTS = select(*(getattr(Notice, name) for name in NoticeFacts.__dataclass_fields__))
_URGENCY = case((Notice.level == "error", 0), (Notice.level == "warning", 1), else_=2)
_OPEN = _FACTS.where(Notice.closed_at.is_(None)).order_by(_URGENCY, Notice.seen_at.desc(), Notice.id.desc()).limit(MOST)


def open_notices(session: Session | scoped_session[Session]) -> list[NoticeFacts]:
    """At most 200. One query."""
    return [NoticeFacts(*row) for row in session.execute(_OPEN)]


def closed_notices(session: Session | scoped_session[Session], since: datetime) -> list[NoticeFacts]:
    """Those that were closed since then, the latest first; at most 200. One query."""
    statement = _FACTS.where(Notice.closed_at >= since).order_by(Notice.closed_at.desc(), Notice.id.desc())
    return [NoticeFacts(*row) for row in session.execute(statement.limit(MOST))]
