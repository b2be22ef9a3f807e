"""The model of a call: what is known of it does not depend on the order of the news."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from plugins.voip.call_messages import call_from_json, call_to_json, duration
from plugins.voip.calls import (
    TRANSITIONS,
    Call,
    CallEvent,
    CallState,
    Outcome,
    Recording,
    RecordingKind,
    applied,
    begun,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
VOICEMAIL = Recording("RE1", RecordingKind.VOICEMAIL, 7)


def event(seconds: int, state: CallState | None = None, **facts: object) -> CallEvent:
    return CallEvent("CA1", START + timedelta(seconds=seconds), state, **facts)  # type: ignore[arg-type]


def after(*events: CallEvent) -> Call:
    call = begun("twilio", events[0])
    for one in events:
        call = applied(call, one)
    return call


NEWS = (
    event(0, CallState.RINGING, their_number="+491715550001"),
    event(5, CallState.WAITING, queue="Sales", menu_choice="1 Sales"),
    event(30, CallState.ANSWERED, agent_id=4, agent_name="Eve"),
    event(95, CallState.ENDED, duration_s=95),
    event(200, recording=Recording("RE2", RecordingKind.CALL, 65), cost=Decimal("0.02"), currency="USD"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(NEWS))))[::7])
def test_news_in_any_order_and_twice_give_the_same_call(order: tuple[int, ...]) -> None:
    call = after(*(NEWS[n] for n in order), *(NEWS[n] for n in order))
    assert replace(call, started_at=START) == replace(after(*NEWS), started_at=START)
    assert (call.state, call.outcome, call.talk_s) == (CallState.ENDED, Outcome.ANSWERED, 65)
    assert call.started_at == START


def test_a_call_that_nobody_took_is_missed_until_its_message_comes() -> None:
    missed = after(event(0, CallState.RINGING), event(20, CallState.ENDED))
    assert (missed.state, missed.outcome) == (CallState.MISSED, Outcome.MISSED)
    heard = applied(missed, event(30, recording=VOICEMAIL))
    assert (heard.state, heard.outcome) == (CallState.ENDED, Outcome.VOICEMAIL)


def test_only_an_announced_recording_is_waited_for() -> None:
    call = after(event(0, CallState.VOICEMAIL, expects_recording=True), event(9, CallState.ENDED))
    assert call.waits_for_recording
    assert not applied(call, event(10, recording=VOICEMAIL)).waits_for_recording
    assert not after(event(0, CallState.RINGING), event(9, CallState.ENDED)).waits_for_recording


def test_no_state_is_left_out_of_the_table_and_the_ends_are_ends() -> None:
    assert set(TRANSITIONS) == set(CallState)
    assert TRANSITIONS[CallState.ENDED] == frozenset()
    assert all(CallState.ENDED in ways for state, ways in TRANSITIONS.items() if state is not CallState.ENDED)


def test_a_call_survives_being_stored() -> None:
    call = after(*NEWS)
    assert call_from_json(call_to_json(call)) == call


def test_durations_are_written_for_people() -> None:
    assert [duration(one) for one in (-3, 7, 185, 3609)] == ["0:00", "0:07", "3:05", "1:00:09"]
