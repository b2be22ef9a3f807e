"""The other conversations of a case, and who is at them. One statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased, scoped_session

from app.domain.cases import ANSWERED_LATELY, BEING_WRITTEN
from app.models import Conversation, Direction, Draft, Message, Status
from app.queries.case_conditions import is_live

__all__ = ["CaseMember", "answered_by_others", "has_others", "others_of_case"]

_MOST = 6


@dataclass(frozen=True, slots=True)
class CaseMember:
    """Another conversation of the case. `answer_id`: the newest message that somebody here wrote in it, by whom (None: in another program)
    and when. `writer_id`: another agent whose draft there has just been changed."""

    id: int
    number: int
    subject: str
    status: str
    account_id: int
    assignee_id: int | None
    created_at: datetime
    resolved_at: datetime | None
    answer_id: int | None
    answered_by: int | None
    answered_at: datetime | None
    writer_id: int | None


def others_of_case(
    session: Session | scoped_session, *, contact_id: int, but: int, agent_id: int, now: datetime
) -> tuple[CaseMember, ...]:
    """The others of a conversation's case as an agent sees them, the newest first, six at most; those too that were resolved a moment ago,
    because their answer is on its way. One query."""
    values = {
        "contact_id": contact_id,
        "but": but,
        "agent_id": agent_id,
        "now": now,
        "resolved_since": now - ANSWERED_LATELY,
        "written_since": now - BEING_WRITTEN,
        "most": _MOST,
    }
    return tuple(CaseMember(*row) for row in session.connection().execute(_OTHERS, values))


def answered_by_others(members: Sequence[CaseMember], agent_id: int, now: datetime) -> tuple[CaseMember, ...]:
    """Those in which another agent has answered lately."""
    since = now - ANSWERED_LATELY
    return tuple(
        one
        for one in members
        if one.answered_by not in (None, agent_id) and one.answered_at is not None and one.answered_at >= since
    )


def has_others() -> ColumnElement[bool]:
    """Whether there is anything for `others_of_case`: an expression for statements that read `conversation` and know `resolved_since`."""
    other = aliased(Conversation)
    return (
        select(other.id)
        .where(_is_other(other), other.contact_id == Conversation.contact_id, other.id != Conversation.id)
        .correlate(Conversation)
        .exists()
    )


def _is_other(row: type[Conversation]) -> ColumnElement[bool]:
    since: BindParameter[datetime] = bindparam("resolved_since")
    is_just_over = and_(row.status == Status.RESOLVED, row.resolved_at >= since, row.merged_into_id.is_(None))
    return and_(~row.is_apart, or_(is_live(row), is_just_over))


def _others() -> Select:
    answer = aliased(Message)
    agent_id: BindParameter[int] = bindparam("agent_id")
    newest = (
        select(func.max(Message.id))
        .where(
            Message.conversation_id == Conversation.id,
            Message.direction == Direction.OUTBOUND,
            ~Message.is_automatic,
            or_(Message.scheduled_at.is_(None), Message.scheduled_at <= bindparam("now")),
        )
        .correlate(Conversation)
        .scalar_subquery()
    )
    writer = (
        select(Draft.agent_id)
        .where(
            Draft.conversation_id == Conversation.id,
            Draft.agent_id != agent_id,
            Draft.updated_at >= bindparam("written_since"),
        )
        .order_by(Draft.updated_at.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    own = [getattr(Conversation, name) for name in list(CaseMember.__dataclass_fields__)[:8]]
    return (
        select(*own, answer.id, answer.agent_id, answer.created_at, writer)
        .outerjoin(answer, answer.id == newest)
        .where(
            Conversation.contact_id == bindparam("contact_id"),
            Conversation.id != bindparam("but"),
            _is_other(Conversation),
        )
        .order_by(Conversation.active_at.desc(), Conversation.id.desc())
        .limit(bindparam("most"))
    )


_OTHERS = _others()
"""Prepared once: putting it together costs more than running it."""
