"""Rows of the Inbox and of every other list of conversations: filtered, folded by case, keyset-paged, on indexes made for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, scoped_session

from app.domain.cases import LIVE
from app.models import (
    Contact,
    Conversation,
    ConversationSeen,
    Counter,
    DeliveryState,
    Draft,
    Message,
    Status,
    conversation_tag,
)
from app.queries.case_conditions import is_live
from app.queries.contact_names import shown_name, shown_picture
from app.queries.paging import Position, Slice, cut, moment_cursor, place, placed_at
from app.queries.tags import tags_of

__all__ = [
    "NOBODY",
    "ConversationFilter",
    "ConversationRow",
    "conversations",
    "ids_of_numbers",
    "neighbours",
    "rows_of",
]

NOBODY = 0
"""As a filter's assignee: conversations nobody has."""

_RARE_TAG = 3000
_NOT_THERE = (DeliveryState.FAILED, DeliveryState.RETURNED)


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """What a list shows; None means any. `order` is newest, oldest or waiting (longest without an answer first). `folds`: of the
    conversations of a case only one is listed: the newest, or the one that waits longest where the list is ordered so."""

    status: str | None = None
    assignee_id: int | None = None
    team_id: int | None = None
    account_id: int | None = None
    tag_id: int | None = None
    contact_id: int | None = None
    order: str = "newest"
    folds: bool = False


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One conversation in a list, as one agent sees it. Unread: the contact waits, and this agent has not looked since they wrote.
    `case_others`: how many more conversations of the same status its case has."""

    id: int
    number: int
    subject: str
    preview: str
    status: str
    priority: int
    account_id: int
    contact_id: int
    contact_name: str
    assignee_id: int | None
    team_id: int | None
    message_count: int
    has_attachments: bool
    active_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None
    has_draft: bool
    trouble: str | None
    is_unread: bool
    contact_picture: str | None
    case_others: int
    tags: tuple[str, ...] = ()


def conversations(
    session: Session | scoped_session,
    wanted: ConversationFilter,
    *,
    agent_id: int,
    position: Position = Position(),
    size: int = 50,
) -> Slice[ConversationRow]:
    """One page of a list. Three queries, whatever its size (four with a tag)."""
    ids = _column_of(session, "id", wanted, position, size + 1)
    by_id = {row.id: row for row in rows_of(session, ids, agent_id=agent_id)}

    def cursor(row: ConversationRow) -> str:
        at = row.waiting_since if wanted.order == "waiting" else row.active_at
        return moment_cursor(at or row.active_at, row.id)

    return cut([by_id[i] for i in ids if i in by_id], size, position, cursor)


def rows_of(session: Session | scoped_session, ids: Sequence[int], *, agent_id: int) -> list[ConversationRow]:
    """The rows of some conversations, in the order of `ids`. Two queries."""
    if not ids:
        return []
    found = {row.id: row for row in session.connection().execute(_ROWS, {"ids": list(ids), "agent_id": agent_id})}
    tags = tags_of(session, ids)
    return [_row(found[i], tags) for i in ids if i in found]


def neighbours(
    session: Session | scoped_session, wanted: ConversationFilter, active_at: datetime, conversation_id: int
) -> tuple[int | None, int | None]:
    """The numbers of the conversations before and after one in a list ordered by activity. Two queries."""
    here = moment_cursor(active_at, conversation_id)
    before = _column_of(session, "number", wanted, Position(before=here), 1)
    after = _column_of(session, "number", wanted, Position(after=here), 1)
    return next(iter(before), None), next(iter(after), None)


def ids_of_numbers(session: Session | scoped_session, numbers: Sequence[int]) -> list[int]:
    """The ids of conversations by their human numbers; unknown ones are left out."""
    if not numbers:
        return []
    return list(session.execute(select(Conversation.id).where(Conversation.number.in_(list(numbers)))).scalars())


def _column_of(
    session: Session | scoped_session, column: str, wanted: ConversationFilter, position: Position, most: int
) -> list[int]:
    """One column of the first conversations of a list behind a position."""
    is_tagged = wanted.tag_id is not None
    untagged = replace(wanted, tag_id=None, folds=wanted.folds and not is_tagged)
    statement = _listed(column, untagged, position.is_backwards, bool(position.text))
    if wanted.tag_id is not None:
        has_tag = _tag_condition(session, wanted.tag_id)
        statement = statement.where(has_tag(Conversation))
        if _is_folded(wanted):
            statement = statement.where(_leads_its_case(wanted, has_tag))
    values = {"most": most, **placed_at(position)}
    return list(session.connection().execute(statement, values).scalars())


@lru_cache(maxsize=1_000)
def _listed(column: str, wanted: ConversationFilter, is_backwards: bool, begins_behind_a_row: bool) -> Select:
    """The statement of a list, put together once for each combination of filters that is used."""
    columns = Conversation.__table__.c
    statement = select(columns[column]).where(*_conditions(wanted, Conversation)).limit(bindparam("most"))
    if _is_folded(wanted):
        statement = statement.where(_leads_its_case(wanted))
    moment = columns.waiting_since if wanted.order == "waiting" else columns.active_at
    descends = (wanted.order == "newest") is not is_backwards
    return place(statement, moment, columns.id, descends=descends, begins_behind_a_row=begins_behind_a_row)


def _conditions(wanted: ConversationFilter, row: type[Conversation]) -> list[ColumnElement[bool]]:
    """What a filter asks of a row, its tag left out."""
    values = {
        row.status: wanted.status,
        row.team_id: wanted.team_id,
        row.account_id: wanted.account_id,
        row.contact_id: wanted.contact_id,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in values.items() if value is not None]
    if wanted.status in (None, Status.RESOLVED):  # what was merged into another one is resolved
        found.append(row.merged_into_id.is_(None))
    if wanted.assignee_id is not None:
        found.append(row.assignee_id == (wanted.assignee_id or None))
    if wanted.order == "waiting":
        found.append(row.waiting_since.is_not(None))
    return found


# ---- folding
def _is_folded(wanted: ConversationFilter) -> bool:
    return wanted.folds and wanted.status in LIVE


def _leads_its_case(wanted: ConversationFilter, has_tag: Callable | None = None) -> ColumnElement[bool]:
    """Whether no other conversation of the case that the filter shows, too, stands for it."""
    other = aliased(Conversation)
    conditions = [*_conditions(wanted, other), *([has_tag(other)] if has_tag else [])]
    further, level = other.active_at > Conversation.active_at, other.active_at >= Conversation.active_at
    if wanted.order == "waiting":
        waits = (other.waiting_since, Conversation.waiting_since)
        further, level = waits[0] < waits[1], waits[0] <= waits[1]
    is_before = and_(level, or_(further, other.id > Conversation.id))
    stands_for_it = exists().where(other.contact_id == Conversation.contact_id, ~other.is_apart, *conditions, is_before)
    return or_(Conversation.is_apart, ~stands_for_it)


def _tag_condition(
    session: Session | scoped_session, tag_id: int
) -> Callable[[type[Conversation]], ColumnElement[bool]]:
    """A rare tag leads to its conversations; for a common one the list is walked in its order until the page is full."""
    count = session.scalar(select(Counter.value).where(Counter.name == f"tag:{tag_id}")) or 0
    tagged = conversation_tag.c.tag_id == tag_id
    if count < _RARE_TAG:
        ids = list(session.execute(select(conversation_tag.c.conversation_id).where(tagged)).scalars())
        return lambda row: row.id.in_(ids)
    link = conversation_tag.alias()
    return lambda row: exists().where(link.c.tag_id == tag_id, link.c.conversation_id == row.id)


def _case_others() -> ColumnElement[int]:
    """How many other conversations of the same status a case has; 0 for what belongs to none."""
    other = aliased(Conversation)
    belongs = and_(~Conversation.is_apart, is_live())
    is_other = and_(other.contact_id == Conversation.contact_id, other.status == Conversation.status, ~other.is_apart)
    found = select(func.count()).select_from(other).where(is_other).correlate(Conversation).scalar_subquery()
    return case((belongs, found - 1), else_=0)


def _row_statement() -> Select:
    agent_id: BindParameter[int] = bindparam("agent_id")
    has_draft = exists().where(Draft.agent_id == agent_id, Draft.conversation_id == Conversation.id)
    trouble = (
        select(func.max(Message.delivery_state))  # in the order of the alphabet "returned" outweighs "failed"
        .where(Message.conversation_id == Conversation.id, Message.delivery_state.in_(_NOT_THERE))
        .correlate(Conversation)
        .scalar_subquery()
    )
    seen = exists().where(
        ConversationSeen.agent_id == agent_id,
        ConversationSeen.conversation_id == Conversation.id,
        ConversationSeen.message_count >= Conversation.message_count,
    )
    statement = select(
        Conversation.id,
        Conversation.number,
        Conversation.subject,
        Conversation.preview,
        Conversation.status,
        Conversation.priority,
        Conversation.account_id,
        Conversation.contact_id,
        shown_name().label("contact_name"),
        Conversation.assignee_id,
        Conversation.team_id,
        Conversation.message_count,
        Conversation.has_attachments,
        Conversation.active_at,
        Conversation.waiting_since,
        Conversation.snoozed_until,
        has_draft.label("has_draft"),
        trouble.label("trouble"),
        and_(Conversation.waiting_since.is_not(None), ~seen).label("is_unread"),
        shown_picture().label("contact_picture"),
        _case_others().label("case_others"),
    ).join(Contact, Contact.id == Conversation.contact_id)
    return statement.where(Conversation.id.in_(bindparam("ids", expanding=True)))


_ROWS = _row_statement()
"""Prepared once: putting it together costs more than running it."""


def _row(row: Any, tags: Mapping[int, tuple[str, ...]]) -> ConversationRow:
    return ConversationRow(*row, tags=tags.get(row.id, ()))  # type: ignore[misc]  # mypy cannot count the columns
