"""Completing events: their channel fetches what they only name, once, and the journal keeps the result in the place of what came.

Only the worker does this, outside of any transaction. What cannot be completed within a day is taken as it is.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from app.domain.backoff import next_attempt, retry_pause
from app.models import ChannelAccount, EventState, InboundEvent
from app.plugin_api.channel import Channel
from app.plugin_api.errors import NeedsReauth, PayloadError, Permanent, Temporary
from app.plugin_api.messages import RawEvent
from app.redaction import masked
from app.services.account_failures import note_trouble
from app.services.core import Core, writing
from app.services.journal import LONGEST_WAIT, put_files
from app.services.stored_events import StoredEvent, raw_event_of

__all__ = ["accounts_to_complete", "claim_event", "complete_event", "events_to_complete"]

log = logging.getLogger(__name__)

TIME_LIMIT_S = 60.0
_LEASE = timedelta(seconds=TIME_LIMIT_S + 30)
_LONGEST_PAUSE = timedelta(minutes=15)
_SOON = timedelta(seconds=2)
_MOST_FAULTS = 5
"""So often a plugin may fail on an event before the event is taken as it is."""


def accounts_to_complete(core: Core) -> set[int]:
    """The accounts with events that may be completed now."""
    statement = select(InboundEvent.account_id).join(ChannelAccount).where(_is_due(core.clock.now())).distinct()
    found = set(core.session.scalars(statement))
    core.session.rollback()
    return found


def events_to_complete(core: Core, account_id: int, limit: int = 20) -> list[int]:
    """Ids of an account's events that may be completed now, oldest first."""
    is_due = _is_due(core.clock.now()) & (InboundEvent.account_id == account_id)
    statement = select(InboundEvent.id).join(ChannelAccount).where(is_due).order_by(InboundEvent.id).limit(limit)
    found = list(core.session.scalars(statement))
    core.session.rollback()
    return found


def claim_event(core: Core, event_id: int) -> bool:
    """Take an event for this thread, longer than completing may take. False when somebody else has it."""
    with writing(core) as unit:
        is_free = or_(InboundEvent.next_attempt_at.is_(None), InboundEvent.next_attempt_at <= unit.now)
        statement = update(InboundEvent).where(InboundEvent.id == event_id, _is_incomplete(), is_free)
        return bool(unit.connection.execute(statement.values(next_attempt_at=unit.now + _LEASE)).rowcount)


def complete_event(core: Core, event: StoredEvent) -> None:
    """Let the channel complete an event and store what it gives. Afterwards the event is complete, or waits for another attempt. The
    plugin must be active."""
    channel: Channel = core.plugins.channels[event.account.plugin]
    guarded = core.plugins.dispatcher.guarded(event.account.plugin, "complete", limit_s=TIME_LIMIT_S)
    try:
        raw = raw_event_of(core, event)
        completed = guarded(channel.complete, event.account, raw)
    except (PayloadError, Permanent, FileNotFoundError) as error:
        log.info("event %s is taken as it is: %s", event.id, error)
        _store(core, event, None)
    except Temporary as error:
        pause = min(retry_pause(event.attempts + 1), _LONGEST_PAUSE)
        _wait(core, event, next_attempt(core.clock.now(), pause, error.retry_at), str(error))
    except NeedsReauth as error:
        _wait(core, event, core.clock.now() + _SOON, str(error))
        note_trouble(core, event.account.id, error)
    except (Exception, SystemExit) as error:  # plugin code: the journal keeps the event whatever it does
        log.exception("plugin %s failed to complete event %s", event.account.plugin, event.id)
        if event.attempts + 1 >= _MOST_FAULTS:
            _store(core, event, None)
        else:
            reason = f"The plugin failed ({type(error).__name__})."
            _wait(core, event, core.clock.now() + retry_pause(event.attempts + 1), reason)
    else:
        _store(core, event, _sound(event, completed))


def _wait(core: Core, event: StoredEvent, until: datetime, reason: str) -> None:
    """Try again then, unless a day has passed: it is taken as it is then."""
    now = core.clock.now()
    if now - event.received_at >= LONGEST_WAIT:
        log.warning("event %s is taken as it is, for a day it could not be completed: %s", event.id, masked(reason))
        _store(core, event, None)
        return
    until = min(until, max(event.received_at + LONGEST_WAIT, now + _SOON))
    values = {"next_attempt_at": until, "attempts": event.attempts + 1, "reason": masked(reason)[:1000]}
    with writing(core) as unit:
        statement = update(InboundEvent).where(InboundEvent.id == event.id, _is_incomplete())
        unit.connection.execute(statement.values(**values))


def _store(core: Core, event: StoredEvent, completed: RawEvent | None) -> None:
    """The event is complete: with what its channel gave, or (None) as it came."""
    values: dict[str, object] = {"is_complete": True, "attempts": 0, "next_attempt_at": None, "reason": ""}
    if completed is not None:
        values |= {
            "payload_sha256": core.files.put(completed.payload),
            "payload": None,
            "size": len(completed.payload),
            "content_type": completed.content_type[:120],
            "meta": dict(completed.meta),
            "files": put_files(core, completed),
        }
    with writing(core) as unit:
        statement = update(InboundEvent).where(InboundEvent.id == event.id, _is_incomplete())
        unit.connection.execute(statement.values(**values))


def _sound(event: StoredEvent, completed: object) -> RawEvent | None:
    """What the channel gave, None when it is nothing that could be stored."""
    is_sound = (
        isinstance(completed, RawEvent)
        and isinstance(completed.payload, bytes)
        and isinstance(completed.content_type, str)
        and isinstance(completed.meta, Mapping)
        and isinstance(completed.files, Mapping)
        and all(isinstance(name, str) and isinstance(data, bytes) for name, data in completed.files.items())
        and _is_json(completed.meta)
    )
    if not is_sound:
        log.error("plugin %s completed event %s with nothing sound: %r", event.account.plugin, event.id, completed)
    return completed if is_sound else None  # type: ignore[return-value]  # is_sound says so


def _is_json(value: Mapping[str, object]) -> bool:
    try:
        json.dumps(dict(value))
    except (TypeError, ValueError):
        return False
    return True


def _is_incomplete() -> ColumnElement[bool]:
    return and_(InboundEvent.state == EventState.RECEIVED, InboundEvent.is_complete.is_(False))


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Nothing is fetched for an account that is paused or must be signed in again; its events wait for it, a day at most."""
    return and_(
        _is_incomplete(),
        or_(InboundEvent.next_attempt_at.is_(None), InboundEvent.next_attempt_at <= now),
        or_(ChannelAccount.state == "active", InboundEvent.received_at <= now - LONGEST_WAIT),
    )
