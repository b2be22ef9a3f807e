"""What became of a message afterwards, as its card shows it: how far it came, and the signs others put to it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from flask_babel import gettext

from app.domain.local_times import on_wall
from app.models import DeliveryState, Direction
from app.queries.timeline import MessageRow, ReactionRow
from app.services.outgoing.drafts import LATEST
from app.web.contexts import Delivery, ReactionMark, Scheduled
from app.web.formats import full_time
from app.web.moments import zone

__all__ = ["delivery_of", "is_from_elsewhere", "reaction_marks", "scheduled_of"]

_OURS = ("agent", "automatic")
_MOST_NAMES = 20


def delivery_of(row: MessageRow, dead: Collection[str] = ()) -> Delivery:
    """How far a message of ours came. What has left has an error when some of its recipients did not get it; what came back may be tried
    again unless it went to one of the addresses that are known as `dead`."""
    state = "scheduled" if row.scheduled_at else row.delivery_state or DeliveryState.QUEUED
    is_waiting = state == DeliveryState.QUEUED and row.attempts > 0
    is_on_its_way = state in (DeliveryState.QUEUED, DeliveryState.SENDING)
    may_return = state == DeliveryState.RETURNED and not _addresses(row) & set(dead)
    return Delivery(
        state=state,
        error=(row.last_error or None) if is_waiting or not is_on_its_way else None,
        next_attempt_at=row.due_at if is_waiting else None,
        attempts=row.attempts,
        can_retry=(state == DeliveryState.FAILED or is_waiting or may_return) and not is_from_elsewhere(row),
        reached_at=row.read_at or row.delivered_at,
        told=" · ".join(_reached(row)),
    )


def scheduled_of(row: MessageRow, now: datetime) -> Scheduled | None:
    """When a message of ours will leave that has not left yet."""
    if row.scheduled_at is None:
        return None
    here = zone()
    return Scheduled(
        at=row.scheduled_at,
        local=on_wall(row.scheduled_at, here),
        earliest=on_wall(now, here),
        latest=on_wall(now + LATEST, here),
        cancels_on_reply=row.cancels_on_reply,
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


def _addresses(row: MessageRow) -> set[str]:
    return {person["value"] for key in ("to", "cc", "bcc") for person in (row.recipients or {}).get(key, ())}


def _reached(row: MessageRow) -> list[str]:
    told = []
    if row.delivered_at:
        told.append(gettext("Delivered %(time)s", time=full_time(row.delivered_at)))
    if row.read_at:
        told.append(gettext("Read %(time)s", time=full_time(row.read_at)))
    return told
