"""Lines between the agent and its parent, the errors they become, and who is calling."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from connectors.errors import AuthExpired, RateLimited, Rejected, Unavailable
from connectors.sip import (
    Answer,
    Answering,
    Chosen,
    Consent,
    Dial,
    Ended,
    HangUp,
    MenuLine,
    Registered,
    RegistrationLost,
    Setup,
    SIPAccount,
    Stop,
    Voicemail,
)
from connectors.sip.faults import registration_error
from connectors.sip.line import id_of, who
from connectors.sip.wire import command_from_line, event_from_line, to_line

ANSWERING = Answering(
    2.0, "a.wav", {"1": MenuLine("transfer", "100", "Sales")}, consent=Consent("c.wav"), voicemail=Voicemail(9.0)
)
COMMANDS = [
    Setup(SIPAccount("ada", "pbx.example.test", "secret"), ANSWERING, "/tmp", 12),
    Answer(ANSWERING),
    Answer(Answering()),
    Dial("7", "101", "+4930"),
    HangUp("call"),
    Stop(3.0),
]
EVENTS = [
    Registered(1.0),
    Chosen(2.0, "call", "1", MenuLine("say", "b.wav")),
    Ended(3.0, "call", "caller", 12.5),
    RegistrationLost(1, "no", 401, True, 9),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: type(one).__name__)
def test_command_survives_its_line(command):
    assert command_from_line(to_line(command)) == command
    assert "\n" not in to_line(command)


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: type(one).__name__)
def test_event_survives_its_line(event):
    assert event_from_line(to_line(event)) == event


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[]", "nonsense", '{"is": "Dial"}', '{"is": "Popen"}', '{"is": "Stop", "more": 1}', '{"is": ["Stop"]}'],
)
def test_what_is_no_command_is_refused(line):
    with pytest.raises(ValueError, match="not one of"):
        command_from_line(line)


def test_password_is_not_shown():
    assert "secret" not in repr(COMMANDS[0])


@pytest.mark.parametrize(
    ("code", "kind"),
    [(401, AuthExpired), (403, AuthExpired), (404, AuthExpired), (407, AuthExpired),
     (423, Rejected), (429, RateLimited), (500, Unavailable),
     (503, Unavailable), (408, Unavailable), (488, Rejected), (None, Unavailable)],
)  # fmt: skip
def test_registrars_answer_becomes_our_error(code, kind):
    error = registration_error(RegistrationLost(0, "Whatever", code))
    assert type(error) is kind
    assert error.code == code


@pytest.mark.parametrize(
    ("headers", "name", "number"),
    [
        ({"From": '"Ada Reader" <sip:+4930@pbx.example.test>;tag=1'}, "Ada Reader", "+4930"),
        ({"From": "Ada <sips:ada@example.test;user=phone>"}, "Ada", "ada"),
        ({"From": "<sip:100;phone-context=x@example.test>"}, "", "100"),
        ({"From": '"Anonymous" <sip:anonymous@anonymous.invalid>'}, "", ""),
        ({"From": '"x \\"y\\"" <sip:1@a>', "P-Asserted-Identity": '"Net" <sip:+4940@a>'}, "Net", "+4940"),
        ({"From": '"x \\"y\\"" <sip:1@a>'}, 'x "y"', "1"),
        ({"From": '  Ada  <sip:1@a>'}, "Ada", "1"),
        ({"From": f'"{"A" * 300}" <sip:1@a>'}, "A" * 200, "1"),
        ({"From": " " * 8000 + "x"}, "", ""),
        ({"From": "a" + " " * 8000}, "", ""),
        ({"From": '"' + "\\a" * 4000}, "", ""),
        ({}, "", "+4930"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_caller_is_read_from_the_headers(headers, name, number):
    assert who(headers, "sip:+4930@10.0.0.1") == (name, number)


def test_headers_of_strangers_are_read_in_no_time():
    """One thread speaks for all calls of a line."""
    began = time.monotonic()
    for header in (
        " " * 60_000 + "x",
        "a" + " " * 60_000,
        '"' + " " * 60_000,
        '"' + "\\ " * 30_000,
        "<sip:" + ";" * 60_000,
    ):
        who({"From": header}, None)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("given", ["a" * 151, "a b", "\x00", "ü"])
def test_ids_that_strangers_make_up_fit_everywhere(given):
    call = SimpleNamespace(call_id=given, handle=7)
    assert re.fullmatch("[0-9a-f]{64}", id_of(call))
    assert id_of(call) == id_of(call)


def test_usual_ids_of_calls_stay_as_they_are():
    assert (
        id_of(SimpleNamespace(call_id="84b4c76e66710@pbx.example.test", handle=7)) == "84b4c76e66710@pbx.example.test"
    )
    assert id_of(SimpleNamespace(call_id=None, handle=7)) == "call-7"


def test_client_does_not_import_baresip():
    code = "import connectors.sip, sys; raise SystemExit('baresip' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_only_the_agent_itself_writes_events():
    """The SIP stack may print what callers sent."""
    code = (
        "import os\n"
        "from connectors.sip.agent import own_output\n"
        "out = own_output()\n"
        "os.write(1, b'forged\\n')\n"
        "print('printed', flush=True)\n"
        "out.write(b'an event\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "an event\n"
    assert done.stderr == "forged\nprinted\n"
