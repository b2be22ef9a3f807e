"""What Twilio keeps: read again and again, so that nothing is lost of what its posts did not bring. Both ways give the same events."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.errors import ConnectorError
from connectors.twilio_voice import CallRecord, TextMessage
from plugins.voip.calls import CallEvent, CallState, Recording, RecordingKind
from plugins.voip.troubles import trouble_of
from plugins.voip.twilio_desk import Desk
from plugins.voip.twilio_texts import form_of_state, form_of_text, state_event, text_event
from tidings import Account, FetchBatch, Host, RawEvent

__all__ = ["fetched"]

OVERLAP = timedelta(minutes=20)
"""Read again each time: prices and recordings come some minutes after a call, and states after a text."""
FRESH = timedelta(minutes=2)
"""Texts of ours younger than this may be on their way through Tidings itself: its own record of them may not be written yet."""
BATCH = 50
_TOLD_STATES = frozenset({"delivered", "read", "failed", "undelivered"})


def fetched(host: Host, account: Account, since: datetime) -> Iterator[FetchBatch]:
    """All events from `since` on, with cursors; the last one stands at now. Raises what `trouble_of` gives."""
    desk, now = Desk(host, account), host.now()
    try:
        events = [*_texts(desk, since, now), *_calls(desk, since)]
    except ConnectorError as error:
        raise trouble_of(error, now) from error
    for first in range(0, len(events), BATCH):
        yield FetchBatch(tuple(events[first : first + BATCH]), account.cursor or {"until": since.isoformat()})
    yield FetchBatch((), {"until": now.isoformat()})


def begins_at(cursor: Mapping[str, object], now: datetime) -> datetime:
    """From when on to read."""
    try:
        return datetime.fromisoformat(str(cursor["until"])).astimezone(UTC) - OVERLAP
    except (KeyError, ValueError):
        return now


def _texts(desk: Desk, since: datetime, now: datetime) -> Iterator[RawEvent]:
    number = desk.line.number
    came, went = desk.twilio.texts(since, to=number), desk.twilio.texts(since, sender=number)
    gone = [text for text in went if text.sent_at < now - FRESH]
    for text in sorted([*came, *gone], key=lambda one: (one.sent_at, one.sid)):
        yield text_event(form_of_text(text), text.sent_at)
        yield from _states(text)


def _states(text: TextMessage) -> Iterator[RawEvent]:
    if text.direction.startswith("outbound") and text.status in _TOLD_STATES:
        yield state_event(form_of_state(text), text.sent_at)


def _calls(desk: Desk, since: datetime) -> list[RawEvent]:
    """Calls to our number that are over. What is known of them stays; what is not is written down now."""
    calls = sorted(desk.twilio.calls(since, to=desk.line.number), key=lambda one: (one.ended_at or since, one.sid))
    for call in calls:
        if call.direction == "inbound" and not call.parent_sid:
            _note_call(desk, call)
    return desk.events


def _note_call(desk: Desk, call: CallRecord) -> None:
    started, ended = call.started_at or call.ended_at, call.ended_at
    if started is None or ended is None:
        return
    known = desk.found(call.sid)
    people: dict[str, Any] = {"our_number": call.recipient, "their_number": call.sender}
    if known is None or known.call.waits_for_recording:
        for made in desk.twilio.recordings(call.sid):
            kind = RecordingKind.VOICEMAIL if made.source == "RecordVerb" else RecordingKind.CALL
            sound = Recording(made.sid, kind, made.duration_s, content_type="audio/mpeg")
            desk.note(CallEvent(call.sid, started, CallState.RINGING, recording=sound, **people))
    if known is None:
        desk.note(CallEvent(call.sid, started, CallState.RINGING, **people))
    if known is None or not known.call.is_over or known.call.cost != call.price:
        facts: dict[str, Any] = {
            "duration_s": call.duration_s,
            "cost": call.price,
            "currency": call.currency if call.price is not None else "",
        }
        desk.note(CallEvent(call.sid, ended, CallState.ENDED, **facts, **people))
