"""Real calls: SIPp through Kamailio to the agent, with sound both ways."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from connectors.sip import (
    Answered,
    Chosen,
    Consent,
    Dial,
    Digit,
    Ended,
    MenuLine,
    Private,
    Recorded,
    Registered,
    Ringing,
    Statistics,
    Transferred,
    TransferRefused,
    Voicemail,
    leftovers,
    read_wav,
)
from connectors.sip.sound import loudness
from connectors.sip.tests.conftest import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]

SHORT = Voicemail(longest_s=20, silence_s=1.2, shortest_s=0.3)
LOUD = 0.1


def test_caller_is_greeted_and_their_message_recorded(create_registrar, create_desk, phones, create_voice, prompt):
    registrar, voice = create_registrar({"support": "secret"}), create_voice()
    desk = create_desk(registrar, greeting=prompt, voicemail=SHORT)
    desk.wait_for(Registered)
    call = phones.call("support", through=registrar.address, voice=voice, number="+493012345678", stays_s=3.2)
    desk.wait_for(Answered)
    voice.pause(1.2)
    voice.say(3)
    recorded = desk.wait_for(Recorded)
    ended = desk.wait_for(Ended)
    call.wait()

    ringing = desk.all(Ringing)[0]
    assert (ringing.number, ringing.name, ringing.to) == ("+493012345678", "Ada Reader", "support")
    assert voice.heard_loudness(0.3, 1.0) > LOUD, "the caller heard no greeting"
    assert loudness(read_wav(recorded.file)) > LOUD, "what the caller said is not in the recording"
    assert recorded.loudness == pytest.approx(loudness(read_wav(recorded.file)), rel=0.2)
    assert 1.0 < recorded.seconds < 2.6
    assert ended.why == "caller"
    assert ended.seconds == pytest.approx(3.2, abs=0.6)
    statistics = desk.wait_for(Statistics)
    assert statistics.packets_received > 100
    assert statistics.score > 4


def test_keys_of_the_menu_are_followed(create_registrar, create_desk, phones, create_voice, prompt, tmp_path):
    registrar = create_registrar({"support": "secret"})
    menu = {
        "1": MenuLine("say", prompt, "Opening hours"),
        "2": MenuLine("hang_up"),
        "3": MenuLine("voicemail", label="Sales"),
    }
    desk = create_desk(
        registrar, greeting=prompt, menu=menu, menu_wait_s=0.5, default=MenuLine("hang_up"), voicemail=SHORT
    )
    desk.wait_for(Registered)
    voices = [create_voice() for _ in range(4)]
    calls = [
        phones.call("support", through=registrar.address, voice=voice, number=f"10{number}")
        for number, voice in enumerate(voices)
    ]
    desk.wait_for(Answered, count=4)
    for voice, keys in zip(voices, ["1", "2", "73", ""], strict=True):
        voice.pause(0.5)
        voice.press(keys)
    voices[2].pause(0.8)
    voices[2].say(0.8)
    desk.wait_for(Ended, count=4)
    for call in calls:
        call.wait()

    numbers = {ringing.call: ringing.number for ringing in desk.all(Ringing)}
    assert {numbers[one.call]: (one.digit, one.line.label) for one in desk.all(Chosen)} == {
        "100": ("1", "Opening hours"),
        "101": ("2", ""),
        "102": ("3", "Sales"),
    }
    assert [one.digit for one in desk.all(Digit) if numbers[one.call] == "102"] == ["7", "3"]
    assert [numbers[one.call] for one in desk.all(Recorded)] == ["102"]
    assert {numbers[one.call]: one.why for one in desk.all(Ended)} == dict.fromkeys(
        ["100", "101", "102", "103"], "done"
    )
    assert voices[3].heard_seconds() > voices[1].heard_seconds() + 1, "without a key the menu is said again"


def test_who_declines_is_not_recorded(create_registrar, create_desk, phones, create_voice, prompt, tmp_path):
    registrar, voice = create_registrar({"support": "secret"}), create_voice()
    desk = create_desk(registrar, consent=Consent(prompt, "9", 1.5), voicemail=SHORT)
    desk.wait_for(Registered)
    call = phones.call("support", through=registrar.address, voice=voice)
    desk.wait_for(Answered)
    voice.pause(0.6)
    voice.press("9")
    voice.say(2)
    desk.wait_for(Private)
    assert desk.wait_for(Ended).why == "done"
    call.wait()
    assert desk.all(Recorded) == []
    assert list((tmp_path / "recordings").iterdir()) == []


def test_calls_are_transferred_bridged_or_recorded(create_registrar, create_desk, phones, create_voice):
    """One caller's side follows a REFER, the others decline it; the third number is nobody's."""
    registrar = create_registrar({"support": "secret"})
    follower, stayer, unlucky, first_target, second_target = (create_voice() for _ in range(5))
    first, second = phones.phone(voice=first_target), phones.phone(voice=second_target, stays_s=1.8)
    registrar.route("+4930100", f"127.0.0.1:{first.port}")
    registrar.route("200", f"127.0.0.1:{second.port}")
    menu = {"1": MenuLine("transfer", "+49 30 100"), "2": MenuLine("transfer", "200"), "3": MenuLine("transfer", "404")}
    desk = create_desk(registrar, menu=menu, voicemail=SHORT)
    desk.wait_for(Registered)
    for voice, key in ((follower, "1"), (stayer, "2"), (unlucky, "3")):
        voice.pause(0.2)
        voice.press(key)
    unlucky.pause(1.0)
    for voice in (stayer, unlucky, second_target):
        voice.say(5, tone_hz=600)
    calls = [
        phones.call("support", through=registrar.address, voice=follower, number="1"),
        phones.call("support", through=registrar.address, voice=stayer, number="2", follows=False, stays_s=9),
        phones.call("support", through=registrar.address, voice=unlucky, number="3", follows=False, stays_s=3),
    ]
    desk.wait_for(Ended, count=3)
    for one in (*calls, second):
        one.wait()

    numbers = {one.call: one.number for one in desk.all(Ringing)}
    transferred = {numbers[one.call]: (one.to, one.is_bridged) for one in desk.all(Transferred)}
    assert transferred == {"1": ("+49 30 100", False), "2": ("200", True)}
    assert "ACK sip:" in first.messages(), "the target of the transfer was not called"
    assert second_target.heard_loudness(0.8) > LOUD, "the target heard nothing of the caller"
    assert stayer.heard_loudness(1.5) > LOUD, "the caller heard nothing of the target"
    assert [(numbers[one.call], one.to) for one in desk.all(TransferRefused)] == [("3", "404")]
    assert [(numbers[one.call], one.loudness > LOUD) for one in desk.all(Recorded)] == [("3", True)]
    assert {numbers[one.call]: one.why for one in desk.all(Ended)} == {"1": "transferred", "2": "done", "3": "caller"}


def test_our_telephone_is_rung_then_connected_with_the_contact(create_registrar, create_desk, phones, create_voice):
    registrar = create_registrar({"support": "secret"})
    ours, theirs = create_voice(), create_voice()
    extension, contact = phones.phone(voice=ours), phones.phone(voice=theirs)
    registrar.route("101", f"127.0.0.1:{extension.port}")
    registrar.route("+4930777", f"127.0.0.1:{contact.port}")
    desk = create_desk(registrar)
    desk.wait_for(Registered)
    desk.wishes.put(Dial("wish-1", "101", "+49 30 777"))
    desk.wishes.put(Dial("wish-2", "404", "+49 30 777"))
    desk.wait_for(Ended, count=2)
    extension.wait()
    assert "ACK sip:" in contact.messages()
    assert {one.call: one.why for one in desk.all(Ended)} == {"wish-1": "transferred", "wish-2": "unanswered"}
    assert [one.call for one in desk.all(Answered)] == ["wish-1"]
    assert {one.dial: (one.number, one.to) for one in desk.all(Ringing)} == {
        "wish-1": ("+49 30 777", "101"),
        "wish-2": ("+49 30 777", "404"),
    }


def test_caller_who_gives_up_and_one_too_many_are_told(create_registrar, create_desk, phones):
    registrar = create_registrar({"support": "secret"})
    desk = create_desk(registrar, most_calls=1, ring_s=3.0)
    desk.wait_for(Registered)
    patient = phones.call("support", through=registrar.address, number="1", gives_up_s=1.0)
    desk.wait_for(Ringing)
    refused = phones.call("support", through=registrar.address, number="2", expects=486)
    refused.wait()
    patient.wait()
    desk.wait_for(Ended, count=2)
    numbers = {ringing.call: ringing.number for ringing in desk.all(Ringing)}
    assert {numbers[one.call]: one.why for one in desk.all(Ended)} == {"1": "abandoned", "2": "busy"}


def test_ten_calls_at_once_are_all_recorded(create_registrar, create_desk, phones, prompt):
    registrar = create_registrar({"support": "secret"})
    desk = create_desk(registrar, greeting=prompt, voicemail=SHORT)
    desk.wait_for(Registered)
    calls = phones.call("support", through=registrar.address, count=10, stays_s=3)
    desk.wait_for(Answered, count=10)
    rss_mb = _rss_mb(_agent_pid())
    desk.wait_for(Ended, count=10)
    calls.wait()
    recorded = desk.all(Recorded)
    assert len({one.call for one in recorded}) == 10
    assert min(one.loudness for one in recorded) > LOUD
    assert rss_mb < 60, "an agent with ten calls should stay small"


def test_killed_agent_loses_no_sound_and_is_followed_by_another(
    create_registrar, create_desk, phones, create_voice, tmp_path
):
    registrar, voice = create_registrar({"support": "secret"}), create_voice()
    desk = create_desk(registrar, voicemail=SHORT)
    desk.wait_for(Registered)
    voice.pause(1.5)
    voice.say(8)
    phones.call("support", through=registrar.address, voice=voice, number="+4930555")
    call = desk.wait_for(Answered).call
    wait_until(lambda: any(path.stat().st_size > 24000 for path in (tmp_path / "recordings").glob("*.wav")))
    os.kill(_agent_pid(), signal.SIGKILL)
    assert desk.wait_for(Ended) == Ended(desk.all(Ended)[0].at, call, "lost")
    [left] = leftovers(tmp_path / "recordings")
    assert (left.call, left.number) == (call, "+4930555")
    assert left.seconds > 1
    assert loudness(read_wav(left.path)) > LOUD
    desk.wait_for(Registered, count=2)


def _agent_pid() -> int:
    """The agent is the one child of this process that runs our module."""
    mine = [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"connectors.sip.agent" in _read(path)
        and f"PPid:\t{os.getpid()}\n".encode() in _read(path.parent / "status")
    ]
    assert len(mine) == 1
    return mine[0]


def _rss_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
