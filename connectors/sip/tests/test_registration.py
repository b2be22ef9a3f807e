"""Registering with a real registrar: right and wrong passwords, its loss and return, the end of whoever started the agent."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.errors import AuthExpired, Rejected, Unavailable
from connectors.sip import (
    Answered,
    Ended,
    Recorded,
    Registered,
    RegistrationLost,
    Setup,
    SIPAccount,
    SIPAgent,
    Stop,
    Voicemail,
    check_registration,
    leftovers,
)
from connectors.sip.tests.conftest import wait_until
from connectors.sip.wire import to_line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]

PASSWORD = "tell-nobody-4711"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_check_registers_and_leaves_nothing_behind(create_registrar, transport):
    registrar = create_registrar({"support": PASSWORD})
    check_registration(SIPAccount("support", registrar.address, PASSWORD, transport=transport), interface="127.0.0.1")
    wait_until(lambda: not registrar.is_registered("support"))


def test_check_goes_through_the_outbound_proxy_with_a_login_of_its_own(create_registrar):
    registrar = create_registrar({"4930123": PASSWORD})
    account = SIPAccount("4930123", "pbx.example.test", PASSWORD, login="4930123", proxy=registrar.address)
    check_registration(account, interface="127.0.0.1")
    with pytest.raises(AuthExpired):
        check_registration(
            SIPAccount("4930123", "pbx.example.test", PASSWORD, login="other", proxy=registrar.address),
            interface="127.0.0.1",
        )


def test_check_says_what_is_wrong(create_registrar):
    registrar = create_registrar({"support": PASSWORD})
    with pytest.raises(AuthExpired) as wrong:
        check_registration(SIPAccount("support", registrar.address, "guess"), interface="127.0.0.1")
    assert wrong.value.code == 401
    assert "password" in wrong.value.reason
    assert "guess" not in str(wrong.value)
    registrar.stop()
    with pytest.raises(Unavailable, match="cannot be reached"):
        check_registration(SIPAccount("support", registrar.address, PASSWORD, transport="tcp"), interface="127.0.0.1")
    with pytest.raises(Unavailable, match="its name cannot be found"):
        check_registration(SIPAccount("support", "nobody.invalid", PASSWORD))
    with pytest.raises(Rejected, match="cannot be used"):
        check_registration(SIPAccount("sup port", registrar.address, PASSWORD))


def test_missing_library_is_said_clearly(tmp_path, monkeypatch):
    (tmp_path / "baresip.py").write_text("raise ModuleNotFoundError(\"No module named 'baresip'\")")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(Rejected, match=r"pip install tidings\[voip\]"):
        check_registration(SIPAccount("support", "127.0.0.1:9", PASSWORD))


def test_registration_is_lost_and_comes_back_while_calls_go_on(create_registrar, create_desk, phones, create_voice):
    registrar, voice = create_registrar({"support": PASSWORD}, longest_registration_s=2), create_voice()
    desk = create_desk(registrar, transport="tcp", voicemail=Voicemail(longest_s=30, silence_s=30))
    desk.wait_for(Registered)
    wait_until(lambda: registrar.is_registered("support"))
    voice.say(20)
    phones.call("support", through=registrar.address, voice=voice, stays_s=20)
    desk.wait_for(Answered)
    registrar.stop()
    lost = desk.wait_for(RegistrationLost)
    assert not lost.is_refused
    assert lost.retry_in_s == 1
    registrar.start()
    assert desk.wait_for(Registered, count=2)
    wait_until(lambda: registrar.is_registered("support"))
    assert desk.all(Ended) == [], "the call was ended by the loss of the registrar"


def test_silent_registrar_is_noticed(create_registrar, create_desk):
    registrar = create_registrar({"support": PASSWORD}, longest_registration_s=1)
    desk = create_desk(registrar)
    desk.wait_for(Registered)
    time.sleep(1.2)  # how often it really is refreshed is known after the first time
    registrar.stop()
    assert desk.wait_for(RegistrationLost).reason == "no answer"
    registrar.start()
    desk.wait_for(Registered, count=2)


def test_changed_password_is_told_as_refused(create_registrar, create_desk):
    registrar = create_registrar({"support": PASSWORD}, longest_registration_s=2)
    desk = create_desk(registrar)
    desk.wait_for(Registered)
    registrar.set_password("support", "changed")
    lost = desk.wait_for(RegistrationLost)
    assert (lost.code, lost.is_refused) == (401, True)


def test_agent_ends_with_its_parent_and_keeps_what_was_recorded(create_registrar, phones, create_voice, tmp_path):
    registrar, voice = create_registrar({"support": PASSWORD}), create_voice()
    setup = Setup(SIPAccount("support", registrar.address, PASSWORD), folder=str(tmp_path), interface="127.0.0.1")
    line = to_line(setup).replace('"ring_s": 10.0', '"ring_s": 0.1')
    parent_program = (
        "import subprocess, sys, time\n"
        "agent = subprocess.Popen([sys.executable, '-m', 'connectors.sip.agent'], stdin=subprocess.PIPE)\n"
        "agent.stdin.write(sys.stdin.readline().encode()); agent.stdin.flush(); print(agent.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(line + "\n")
    parent.stdin.flush()
    agent = int(parent.stdout.readline())
    wait_until(lambda: registrar.is_registered("support"))
    voice.say(10)
    phones.call("support", through=registrar.address, voice=voice)
    wait_until(lambda: any(path.stat().st_size > 16000 for path in tmp_path.glob("*.wav")))
    assert PASSWORD not in Path(f"/proc/{agent}/cmdline").read_text() + Path(f"/proc/{agent}/environ").read_text(
        errors="replace"
    )
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not _runs(agent), 5)
    wait_until(lambda: not registrar.is_registered("support"))
    assert [left.seconds > 0.9 for left in leftovers(tmp_path)] == [True]


def test_agent_ends_cleanly_when_told_and_on_sigterm(create_registrar):
    registrar = create_registrar({"support": PASSWORD})
    for end in (lambda agent: agent.send(Stop()), lambda agent: agent.process.send_signal(signal.SIGTERM)):
        with SIPAgent(Setup(SIPAccount("support", registrar.address, PASSWORD), interface="127.0.0.1")) as agent:
            assert isinstance(agent.next_event(5), Registered)
            end(agent)
            assert agent.process.wait(4) == 0
            assert not registrar.is_registered("support")
            with pytest.raises(Unavailable):
                agent.next_event(1)


def test_ending_waits_for_calls_in_grace(create_registrar, phones, create_voice, tmp_path):
    registrar, voice = create_registrar({"support": PASSWORD}), create_voice()
    setup = Setup(SIPAccount("support", registrar.address, PASSWORD), folder=str(tmp_path), interface="127.0.0.1")
    with SIPAgent(setup) as agent:
        assert isinstance(agent.next_event(5), Registered)
        agent.send(_answers_at_once())
        voice.say(2.5)
        call = phones.call("support", through=registrar.address, voice=voice, stays_s=2)
        while not isinstance(agent.next_event(5), Answered):
            pass
        said = agent.close(lambda: 10)
        call.wait()
    assert [type(one) for one in said if isinstance(one, Recorded | Ended)] == [Recorded, Ended]
    assert next(one for one in said if isinstance(one, Ended)).why == "caller"


def test_ending_in_grace_can_be_hurried(create_registrar, phones, create_voice, tmp_path):
    registrar, voice = create_registrar({"support": PASSWORD}), create_voice()
    setup = Setup(SIPAccount("support", registrar.address, PASSWORD), folder=str(tmp_path), interface="127.0.0.1")
    with SIPAgent(setup) as agent:
        assert isinstance(agent.next_event(5), Registered)
        agent.send(_answers_at_once())
        voice.say(9)
        phones.call("support", through=registrar.address, voice=voice, stays_s=9)
        while not isinstance(agent.next_event(5), Answered):
            pass
        began = time.monotonic()
        said = agent.close(lambda: 60 if time.monotonic() < began + 1.5 else 0)
        assert time.monotonic() - began < 4
    assert next(one for one in said if isinstance(one, Ended)).why == "stopped"


def _answers_at_once():
    from connectors.sip import Answer, Answering

    return Answer(Answering(ring_s=0.1))


def _runs(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False
