"""The one model of a call, whichever driver carries it: what is known of a call, what can happen to it, and how the one changes the other.

Pure. Keeping calls is `plugins.voip.record`, telling the inbox about them is `plugins.voip.call_messages`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

__all__ = ["Call", "CallEvent", "CallState", "Direction", "Outcome", "Recording", "RecordingKind", "applied", "begun"]


class Direction(StrEnum):
    """Who called: the contact (INBOUND) or one of us (OUTBOUND)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallState(StrEnum):
    """Where a call stands. ANSWERED means by a person: a greeting, a menu and music are no answer. MISSED and ENDED are the ends."""

    RINGING = "ringing"
    WAITING = "waiting"
    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    MISSED = "missed"
    ENDED = "ended"

    @property
    def is_final(self) -> bool:
        return self in (CallState.MISSED, CallState.ENDED)


class Outcome(StrEnum):
    """What came of a call that is over."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    MISSED = "missed"


class RecordingKind(StrEnum):
    """What a recording holds: a message left, or the talk itself."""

    VOICEMAIL = "voicemail"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound that belongs to a call. `external_id`: the driver's name of it, unique within the call. `file`: name of a file below
    `host.data_folder()`, for drivers that record by themselves; empty where it is fetched from the provider."""

    external_id: str
    kind: RecordingKind
    duration_s: int = 0
    file: str = ""
    content_type: str = "audio/wav"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Something a driver saw. `call_id` is the driver's own id of the call, unique within the account; `state` is what the call now is,
    None when only facts are added (a recording, a cost, a choice). Facts left empty change nothing.

    Numbers are E.164 ("+4930123456"); `their_number` is empty when it was withheld. `menu_choice`: what the caller chose, in words or
    digits. `expects_recording`: one is on its way and the inbox should wait for it a little. `is_private`: the caller wants no recording.
    """

    call_id: str
    at: datetime
    state: CallState | None = None
    direction: Direction = Direction.INBOUND
    our_number: str = ""
    their_number: str = ""
    their_name: str = ""
    queue: str = ""
    menu_choice: str = ""
    agent_id: int | None = None
    agent_name: str = ""
    recording: Recording | None = None
    expects_recording: bool = False
    duration_s: int | None = None
    cost: Decimal | None = None
    currency: str = ""
    transcript: str = ""
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a call. `started_at` is when it began to ring, `ended_at` None while it goes on. `duration_s` is as the driver
    counts it, None when only the times tell. `cost` is what the provider took, None when it does not tell."""

    driver: str
    call_id: str
    started_at: datetime
    state: CallState = CallState.RINGING
    direction: Direction = Direction.INBOUND
    our_number: str = ""
    their_number: str = ""
    their_name: str = ""
    queue: str = ""
    menu_choice: str = ""
    agent_id: int | None = None
    agent_name: str = ""
    waiting_since: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    told_duration_s: int | None = None
    recordings: tuple[Recording, ...] = field(default=())
    expects_recording: bool = False
    cost: Decimal | None = None
    currency: str = ""
    transcript: str = ""
    is_private: bool = False

    @property
    def is_over(self) -> bool:
        return self.state.is_final

    @property
    def outcome(self) -> Outcome | None:
        """What came of it; None while it goes on."""
        if not self.is_over:
            return None
        if self.answered_at is not None:
            return Outcome.ANSWERED
        left = any(one.kind is RecordingKind.VOICEMAIL for one in self.recordings)
        return Outcome.VOICEMAIL if left else Outcome.MISSED

    @property
    def talk_s(self) -> int:
        """Seconds of talk; 0 for a call that nobody took."""
        if self.answered_at is None:
            return 0
        if self.ended_at is None:
            return self.told_duration_s or 0
        return max(0, int((self.ended_at - self.answered_at).total_seconds()))

    @property
    def waits_for_recording(self) -> bool:
        """Whether a recording was announced that has not come yet."""
        return self.expects_recording and not self.recordings

    def waited(self, now: datetime) -> timedelta:
        """How long the caller has been waiting for a person, or did."""
        return max(timedelta(0), (self.answered_at or self.ended_at or now) - (self.waiting_since or self.started_at))


_S = CallState
TRANSITIONS: Mapping[CallState, frozenset[CallState]] = {
    _S.RINGING: frozenset({_S.WAITING, _S.ANSWERED, _S.VOICEMAIL, _S.MISSED, _S.ENDED}),
    _S.WAITING: frozenset({_S.ANSWERED, _S.VOICEMAIL, _S.MISSED, _S.ENDED}),
    _S.ANSWERED: frozenset({_S.WAITING, _S.VOICEMAIL, _S.ENDED}),
    _S.VOICEMAIL: frozenset({_S.ANSWERED, _S.ENDED}),
    _S.MISSED: frozenset({_S.ENDED}),
    _S.ENDED: frozenset(),
}
"""From where to where a call goes. What comes late (ANSWERED after ENDED) adds its facts and leaves the state."""


def begun(driver: str, event: CallEvent) -> Call:
    """The call whose first news is this event, whatever the event says: news come in any order."""
    return applied(Call(driver, event.call_id, event.at, direction=event.direction), event)


def applied(call: Call, event: CallEvent) -> Call:
    """The call after an event. The same event again changes nothing; events in another order give the same facts."""
    known = replace(_with_facts(call, event), **_moments(call, event))
    state = event.state if event.state in TRANSITIONS[call.state] else call.state
    if state.is_final:
        state = CallState.MISSED if replace(known, state=_S.ENDED).outcome is Outcome.MISSED else CallState.ENDED
    return replace(known, state=state)


def _with_facts(call: Call, event: CallEvent) -> Call:
    recordings = call.recordings
    if event.recording is not None:
        recordings = (*(r for r in recordings if r.external_id != event.recording.external_id), event.recording)
    facts = {
        name: getattr(event, name) or getattr(call, name)
        for name in (
            "our_number",
            "their_number",
            "their_name",
            "queue",
            "menu_choice",
            "agent_name",
            "currency",
            "transcript",
        )
    }
    return replace(
        call,
        **facts,
        agent_id=call.agent_id if event.agent_id is None else event.agent_id,
        recordings=tuple(sorted(recordings, key=lambda one: one.external_id)),
        expects_recording=call.expects_recording or event.expects_recording,
        told_duration_s=call.told_duration_s if event.duration_s is None else event.duration_s,
        cost=call.cost if event.cost is None else event.cost,
        is_private=call.is_private or event.is_private,
    )


def _moments(call: Call, event: CallEvent) -> dict[str, Any]:
    moments: dict[str, Any] = {"started_at": min(call.started_at, event.at), "waiting_since": call.waiting_since}
    moments |= {"answered_at": call.answered_at, "ended_at": call.ended_at}
    if event.state is _S.WAITING:
        moments["waiting_since"] = min(call.waiting_since or event.at, event.at)
    if event.state is _S.ANSWERED:
        moments["answered_at"] = min(call.answered_at or event.at, event.at)
    if event.state is not None and event.state.is_final:
        moments["ended_at"] = max(call.ended_at or event.at, event.at)
    return moments
