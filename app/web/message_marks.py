"""What became of a message afterwards, as its card shows it: how far it came, and the signs others put to it."""

from collections.abc import Sequence

from flask_babel import gettext

from app.models import DeliveryState, Direction
from app.queries.timeline import MessageRow, ReactionRow
from app.web.contexts import Delivery, ReactionMark
from app.web.formats import full_time

__all__ = ["delivery_of", "is_from_elsewhere", "reaction_marks"]

_OURS = ("agent", "automatic")
_MOST_NAMES = 20


def delivery_of(row: MessageRow) -> Delivery:
    """How far a message of ours came."""
    state = row.delivery_state or DeliveryState.QUEUED
    is_waiting = state == DeliveryState.QUEUED and row.attempts > 0
    return Delivery(
        state=state,
        error=(row.last_error or None) if state == DeliveryState.FAILED or is_waiting else None,
        next_attempt_at=row.due_at if is_waiting else None,
        attempts=row.attempts,
        can_retry=(state == DeliveryState.FAILED or is_waiting) and not is_from_elsewhere(row),
        reached_at=row.read_at or row.delivered_at,
        told=" · ".join(_reached(row)),
    )


def is_from_elsewhere(row: MessageRow) -> bool:
    """Whether we wrote it in another program: what is written here says so in `joined_by`."""
    return row.direction == Direction.OUTBOUND and row.joined_by not in _OURS


def reaction_marks(rows: Sequence[ReactionRow]) -> tuple[ReactionMark, ...]:
    """Each sign once, with the names of those who put it there."""
    names: dict[str, list[str]] = {}
    for row in rows:
        names.setdefault(row.emoji, []).append(row.name)
    return tuple(ReactionMark(emoji, tuple(who[:_MOST_NAMES])) for emoji, who in names.items())


def _reached(row: MessageRow) -> list[str]:
    told = []
    if row.delivered_at:
        told.append(gettext("Delivered %(time)s", time=full_time(row.delivered_at)))
    if row.read_at:
        told.append(gettext("Read %(time)s", time=full_time(row.read_at)))
    return told
