"""The numbers of the dashboard, from counters only, and who waits longest."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, scoped_session

from app.models import Conversation, DeliveryState, Direction, Message, Status
from app.queries.conversation_list import ConversationFilter, ConversationRow, conversations
from app.queries.counters import read_counters

__all__ = ["DashboardNumbers", "Day", "dashboard_numbers", "longest_waiting"]

_NEWEST_MESSAGES = 20_000
_LEFT = (DeliveryState.SENT, DeliveryState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Day:
    """Messages that came on a day (UTC), and answers of agents that left on it: messages a provider took, in conversations in which the
    contact had written before. What waits, failed or came back undelivered is none, nor is what only follows an agent's own beginning."""

    day: date
    arrived: int
    answered: int


@dataclass(frozen=True, slots=True)
class DashboardNumbers:
    """`longest_wait_since` is None when nobody waits."""

    open: int
    unassigned: int
    mine: int
    longest_wait_since: datetime | None
    days: tuple[Day, ...]


def dashboard_numbers(
    session: Session | scoped_session, *, agent_id: int, today: date, days: int = 14
) -> DashboardNumbers:
    """Everything that is counted, with the last `days` days, oldest first. Three queries."""
    shown = [today - timedelta(days=back) for back in reversed(range(days))]
    names = {day: f"arrived:{day:%Y-%m-%d}" for day in shown}
    counts = read_counters(session, ["status:open", "open:unassigned", f"open:agent:{agent_id}", *names.values()])
    answered = _answered(session, shown[0])
    waiting = select(func.min(Conversation.waiting_since)).where(Conversation.status == Status.OPEN)
    return DashboardNumbers(
        open=counts["status:open"],
        unassigned=counts["open:unassigned"],
        mine=counts[f"open:agent:{agent_id}"],
        longest_wait_since=session.scalar(waiting),
        days=tuple(Day(day, counts[names[day]], answered.get(f"{day:%Y-%m-%d}", 0)) for day in shown),
    )


def longest_waiting(session: Session | scoped_session, *, agent_id: int, limit: int = 8) -> tuple[ConversationRow, ...]:
    """Open conversations whose contact has waited longest for an answer."""
    wanted = ConversationFilter(status=Status.OPEN, order="waiting")
    return conversations(session, wanted, agent_id=agent_id, size=limit).rows


def _answered(session: Session | scoped_session, since: date) -> dict[str, int]:
    """Answers of agents by the day they left, among the newest twenty thousand messages."""
    columns = (Message.id, Message.conversation_id, Message.sent_at, Message.delivery_state, Message.agent_id)
    newest = select(*columns).order_by(Message.id.desc()).limit(_NEWEST_MESSAGES).subquery()
    day = (
        func.substr(newest.c.sent_at, 1, 10)
        if _is_sqlite(session)
        else func.to_char(func.timezone("UTC", newest.c.sent_at), "YYYY-MM-DD")
    )
    had_written = exists().where(
        Message.conversation_id == newest.c.conversation_id,
        Message.id < newest.c.id,
        Message.direction == Direction.INBOUND,
        Message.kind != "bounce",
    )
    statement = (
        select(day, func.count())
        .where(newest.c.delivery_state.in_(_LEFT), newest.c.agent_id.is_not(None), had_written)
        .group_by(day)
    )
    return {text: count for text, count in session.execute(statement) if text >= f"{since:%Y-%m-%d}"}


def _is_sqlite(session: Session | scoped_session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
