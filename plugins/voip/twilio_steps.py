"""What happens at each step of a call at Twilio: one function for each address it posts to, in a table. Each writes down what it learnt and
gives the TwiML of what comes next."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from sqlalchemy import select

from plugins.voip import twilio_twiml as twiml
from plugins.voip.agents import ANSWERED, OVER, change_leg, find_leg, telephone_of
from plugins.voip.call_messages import transcript_event
from plugins.voip.calls import CallState, Direction, Recording, RecordingKind
from plugins.voip.menu import Target, TargetKind, choice_for, read_target
from plugins.voip.numbers import normalised, shown
from plugins.voip.record import KeptCall, find, forget
from plugins.voip.tables import CALL
from plugins.voip.twilio_desk import Asked, Desk
from plugins.voip.twilio_ringing import end_other_legs, is_wait_over, ring_agents
from tidings import UnsupportedEvent

__all__ = ["STEPS"]

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
MP3 = "audio/mpeg"


# ------------------------------------------------------------------------------------ the caller's way ----
def begin(desk: Desk, asked: Asked) -> str:
    """A call comes in."""
    number = normalised(asked["From"], desk.line.region)
    known = desk.host.contact("phone", number) if number else None
    desk.happened(asked, CallState.RINGING, their_name=known.name if known else asked["CallerName"])
    if desk.line.records_calls and desk.line.is_open(asked.now):
        return twiml.consent(desk)
    return twiml.greeting(desk, asked)


def consented(desk: Desk, asked: Asked) -> str:
    """The caller heard that the call may be recorded."""
    if asked["Digits"] == twiml.PRIVATE_KEY:
        desk.happened(asked, is_private=True)
    return twiml.greeting(desk, asked)


def menu(desk: Desk, asked: Asked) -> str:
    """The caller chose, or did not."""
    choice = choice_for(desk.line.menu_at(asked.now), asked["Digits"])
    if choice is None:
        return go(desk, asked)
    desk.happened(asked, menu_choice=choice.label)
    return _go_to(desk, asked, choice.target)


def go(desk: Desk, asked: Asked) -> str:
    """The greeting is over and nothing was chosen."""
    return _go_to(desk, asked, desk.line.target_at(asked.now))


def wait(desk: Desk, asked: Asked) -> str:
    """The caller waits: asked at first and whenever the music is over."""
    kept = desk.found(asked["CallSid"]) or desk.happened(asked, CallState.WAITING)
    if kept.call.is_over:
        return twiml.nothing()
    if is_wait_over(desk, kept, asked.now):
        return twiml.leave_queue()
    ring_agents(desk, kept, asked.now)
    position = asked["QueuePosition"]
    return twiml.hold(desk, int(position) if position.isdecimal() else 0)


def left(desk: Desk, asked: Asked) -> str:
    """The caller is out of the queue: taken, gone, or tired of waiting."""
    result = asked["QueueResult"]
    kept = desk.found(asked["CallSid"])
    if kept is not None:
        end_other_legs(desk, kept.id)
    if result in ("hangup", "bridged", "bridging-in-process", "redirected-from-bridged"):
        return twiml.hang_up(desk)
    return voicemail(desk, asked)


def voicemail(desk: Desk, asked: Asked) -> str:
    """The caller may leave a message."""
    return _go_to(desk, asked, Target(TargetKind.VOICEMAIL))


def recorded(desk: Desk, asked: Asked) -> str:
    """The caller has left a message."""
    recording(desk, asked)
    return twiml.thanks(desk)


def passed(desk: Desk, asked: Asked) -> str:
    """A telephone elsewhere was rung for the caller."""
    if asked["DialCallStatus"] in ("completed", "answered"):
        seconds = asked["DialCallDuration"]
        talked = timedelta(seconds=int(seconds) if seconds.isdecimal() else 0)
        desk.happened(replace(asked, now=asked.now - talked), CallState.ANSWERED)
        return twiml.hang_up(desk)
    return voicemail(desk, asked)


def status(desk: Desk, asked: Asked) -> str:
    """A call is over."""
    if asked["CallStatus"] not in ENDED:
        raise UnsupportedEvent(f"A call is {asked['CallStatus'] or 'somewhere'}.")
    with desk.host.tables.connect() as connection:
        leg = find_leg(connection, desk.account.id, asked["CallSid"])
    if leg is not None:
        return leg_ended(desk, asked)
    seconds = asked["CallDuration"]
    told = int(seconds) if seconds.isdecimal() else None
    kept = desk.happened(replace(asked, now=_told_at(asked)), CallState.ENDED, duration_s=told)
    end_other_legs(desk, kept.id)
    return twiml.nothing()


def recording(desk: Desk, asked: Asked) -> str:
    """A recording is there."""
    if asked["RecordingSid"] and asked["RecordingStatus"] in ("", "completed"):
        seconds = asked["RecordingDuration"]
        is_voicemail = asked["RecordingSource"] in ("", "RecordVerb")
        kind = RecordingKind.VOICEMAIL if is_voicemail else RecordingKind.CALL
        made = Recording(asked["RecordingSid"], kind, int(seconds) if seconds.isdecimal() else 0, content_type=MP3)
        known = desk.found(asked["CallSid"])
        same = next((r for r in known.call.recordings if r.external_id == made.external_id), made) if known else made
        desk.happened(asked, recording=replace(made, duration_s=max(made.duration_s, same.duration_s)))
    return twiml.nothing()


def transcript(desk: Desk, asked: Asked) -> str:
    """Twilio wrote down a message."""
    text = asked["TranscriptionText"].strip()
    if asked["TranscriptionStatus"] == "completed" and text:
        kept = desk.happened(asked, transcript=text)
        if kept.filed_at is not None:
            desk.events.append(transcript_event(kept.call, text, asked.now))
    return twiml.nothing()


# ------------------------------------------------------------------------------------ an agent's way ----
def agent(desk: Desk, asked: Asked) -> str:
    """An agent's telephone was picked up."""
    kept = _by_row(desk, asked.row)
    if kept is None or kept.call.state is not CallState.WAITING:
        return twiml.hang_up(desk, twiml.GONE)
    return twiml.offer(desk, kept.call.their_name or shown(kept.call.their_number), kept.id)


def take(desk: Desk, asked: Asked) -> str:
    """An agent pressed a key, or none."""
    kept = _by_row(desk, asked.row)
    if kept is None or kept.call.state is not CallState.WAITING:
        return twiml.hang_up(desk, twiml.GONE)
    if asked["Digits"] != "1":
        return twiml.hang_up(desk)
    return twiml.bridge_to_caller(desk, kept.call.queue)


def taken(desk: Desk, asked: Asked) -> str:
    """Asked on the caller's side, just before they talk. `DequeingCallSid` (so spelt) is the agent's leg."""
    with desk.host.tables.connect() as connection:
        leg = find_leg(connection, desk.account.id, asked["DequeingCallSid"])
        telephone = telephone_of(connection, leg.agent_id) if leg else None
    who = {"agent_id": telephone.agent_id, "agent_name": telephone.name} if telephone else {}
    kept = desk.happened(asked, CallState.ANSWERED, **who)
    if leg is not None:
        change_leg(desk.host, leg.leg_id, ANSWERED)
    end_other_legs(desk, kept.id, but=leg.leg_id if leg else "")
    if desk.line.records_calls and not kept.call.is_private:
        with desk.going_on("record a call"):
            desk.twilio.record_call(asked["CallSid"], desk.address("recording"))
            desk.happened(asked, expects_recording=True)
    return twiml.nothing()


def leg_ended(desk: Desk, asked: Asked) -> str:
    """An agent's telephone rang in vain, or the talk is over."""
    if asked["CallStatus"] in ENDED:
        change_leg(desk.host, asked["CallSid"], OVER)
        kept = desk.found(asked["CallSid"]) or _by_row(desk, asked.row)
        if kept is not None and kept.call.direction is Direction.OUTBOUND:
            _outbound_ended(desk, kept, asked)
        elif kept is not None and not is_wait_over(desk, kept, asked.now):
            ring_agents(desk, kept, asked.now)
    return twiml.nothing()


# ------------------------------------------------------------------------------------ calls of ours ----
def dial(desk: Desk, asked: Asked) -> str:
    """The agent who wants to call a contact picked up."""
    number = read_target("+" + asked.query.get("to", ""), "").value
    kept = desk.found(asked["CallSid"])
    if kept is None or not number or kept.call.is_over:
        return twiml.hang_up(desk)
    change_leg(desk.host, asked["CallSid"], ANSWERED)
    desk.happened(asked, CallState.WAITING, **_outward(kept))
    return twiml.connect_contact(desk, number, kept.id)


def reached(desk: Desk, asked: Asked) -> str:
    """Asked on the contact's side, when they picked up."""
    kept = _by_row(desk, asked.row)
    if kept is not None:
        desk.happened(_as_call(asked, kept), CallState.ANSWERED, **_outward(kept))
    return twiml.nothing()


def dialled(desk: Desk, asked: Asked) -> str:
    """The contact hung up, or never picked up."""
    kept = _by_row(desk, asked.row)
    if kept is not None:
        desk.happened(_as_call(asked, kept), CallState.ENDED, **_outward(kept))
    return twiml.hang_up(desk)


Step = Callable[[Desk, Asked], str]
STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "": begin,
        "consented": consented,
        "menu": menu,
        "go": go,
        "wait": wait,
        "left": left,
        "voicemail": voicemail,
        "recorded": recorded,
        "passed": passed,
        "status": status,
        "recording": recording,
        "transcript": transcript,
        "agent": agent,
        "take": take,
        "taken": taken,
        "leg": leg_ended,
        "dial": dial,
        "reached": reached,
        "dialled": dialled,
    }
)
"""The word behind `step=` in the address, and what is done then."""


# ------------------------------------------------------------------------------------------ the rest ----
def _go_to(desk: Desk, asked: Asked, target: Target) -> str:
    is_recorded = False
    if target.kind is TargetKind.QUEUE:
        desk.happened(asked, CallState.WAITING, queue=target.value)
    elif target.kind is TargetKind.VOICEMAIL:
        desk.happened(asked, CallState.VOICEMAIL, expects_recording=True)
    elif target.kind is TargetKind.NUMBER:
        kept = desk.happened(asked, agent_name=shown(target.value))
        is_recorded = desk.line.records_calls and not kept.call.is_private
    return twiml.go_to(desk, target, is_recorded=is_recorded)


def _by_row(desk: Desk, row: int) -> KeptCall | None:
    with desk.host.tables.connect() as connection:
        own = select(CALL.c.call_id).where(CALL.c.id == row, CALL.c.account_id == desk.account.id)
        call_id = connection.scalar(own)
        return None if call_id is None else find(connection, desk.account.id, str(call_id))


def _told_at(asked: Asked) -> datetime:
    """When Twilio says it was; now, where it does not or is ahead of us."""
    try:
        return min(parsedate_to_datetime(asked["Timestamp"]), asked.now)
    except (TypeError, ValueError):
        return asked.now


def _outward(kept: KeptCall) -> dict[str, object]:
    """Who is who in a call of ours: Twilio's From and To are of the leg to the agent."""
    call = kept.call
    return {"direction": Direction.OUTBOUND, "our_number": call.our_number, "their_number": call.their_number}


def _as_call(asked: Asked, kept: KeptCall) -> Asked:
    return replace(asked, fields={**asked.fields, "CallSid": kept.call.call_id})


def _outbound_ended(desk: Desk, kept: KeptCall, asked: Asked) -> None:
    """Nothing happened for the contact when the agent never picked up."""
    if kept.call.state is CallState.RINGING:
        forget(desk.host, kept)
    else:
        desk.happened(_as_call(asked, kept), CallState.ENDED, **_outward(kept))
