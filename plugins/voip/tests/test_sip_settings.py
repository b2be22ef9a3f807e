"""A SIP line's settings: what the form takes, what the agent is told, what the host hears of its state. Nothing registers here."""

from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from connectors.sip import MenuLine, can_speak, write_wav
from connectors.sip.sound import beep
from plugins.voip.channel import VoipChannel
from plugins.voip.forms import VoipSettingsForm
from plugins.voip.sip_setup import answering_of, interface_for, setup_of, sip_account_of
from plugins.voip.sip_state import LineState, State, remember
from plugins.voip.sounds import add_sound
from tidings import Account, NeedsReauth, Permanent, Temporary
from tidings.testing import FakeHost

OURS = "+4930123456"
USUAL = {
    "driver": "sip", "number": OURS, "region": "DE", "sip_server": "pbx.example.test:5070", "sip_user": "support", "sip_login": "trunk-7",
    "sip_transport": "tcp", "greeting": "welcome.wav", "greeting_closed": "closed.wav", "voicemail": "leave.wav", "consent": "consent.wav",
    "menu": "1 = Sales\n2 = +49 40 777\n3 = hang up", "without_choice": "queue", "hours": "Mon-Fri 09:00-17:00", "voicemail_longest_s": 90,
}  # fmt: skip


@pytest.fixture
def host(tmp_path) -> FakeHost:
    host = FakeHost("voip", [sip_account()], package="plugins.voip")
    write_wav(tmp_path / "a.wav", beep())
    for name in ("welcome.wav", "closed.wav", "leave.wav", "consent.wav"):
        add_sound(host, name, (tmp_path / "a.wav").read_bytes())
    return host


def sip_account(**settings: object) -> Account:
    return Account(1, "voip", "Support", OURS, {**USUAL, **settings}, secrets={"sip_password": "secret"})


def at(host: FakeHost, weekday: int, hour: int):
    """A moment of the week, Monday 0."""
    now = host.now()
    return (now + timedelta(days=(weekday - now.weekday()) % 7)).replace(hour=hour)


def form(**values: str) -> VoipSettingsForm:
    usual = {"driver": "sip", "number": OURS, "sip_server": "pbx.example.test", "sip_user": "support"}
    defaults = {
        name: str(field.data) for name, field in VoipSettingsForm()._fields.items() if field.data not in (None, False)
    }
    return VoipSettingsForm(MultiDict({**defaults, **usual, **values}))


def test_agent_is_told_where_to_register(host):
    setup = setup_of(host, sip_account())
    account = setup.account
    assert (account.user, account.domain, account.login, account.transport) == (
        "support",
        "pbx.example.test:5070",
        "trunk-7",
        "tcp",
    )
    assert account.password == "secret"
    assert "secret" not in repr(setup)
    assert setup.most_calls >= 10


def test_deployment_says_where_the_agent_listens(host):
    host.config = {"sip_interface": "eth1", "sip_listen": "0.0.0.0:5060", "sip_rtp_ports": "20000-20100"}
    setup = setup_of(host, sip_account())
    assert (setup.interface, setup.listen, setup.rtp_ports) == ("eth1", "0.0.0.0:5060", "20000-20100")


def test_callers_are_answered_by_the_hours(host):
    is_open, is_closed = (answering_of(host, sip_account(), at(host, 0, hour)) for hour in (10, 20))
    assert (is_open.greeting.endswith("welcome.wav"), is_closed.greeting.endswith("closed.wav")) == (True, True)
    assert is_closed.menu == {}
    assert is_closed.default == MenuLine("voicemail")
    assert is_open.menu["2"] == MenuLine("transfer", "+4940777", "2 +4940777")
    assert is_open.menu["3"].doing == "hang_up"
    assert is_open.consent is not None
    assert is_open.consent.prompt.endswith("consent.wav")
    assert (is_open.voicemail.prompt.endswith("leave.wav"), is_open.voicemail.longest_s) == (True, 90.0)


def test_agents_are_at_their_extension_or_behind_the_voicemail(host):
    now = at(host, 0, 10)
    assert answering_of(host, sip_account(), now).menu["1"] == MenuLine("voicemail", label="1 Sales")
    assert answering_of(host, sip_account(sip_extension="600"), now).menu["1"] == MenuLine("transfer", "600", "1 Sales")
    assert answering_of(host, sip_account(sip_extension="600"), now).default == MenuLine("transfer", "600")


def test_announcement_that_cannot_be_played_is_left_out(host):
    answering = answering_of(
        host, sip_account(greeting="gone.wav", consent="https://example.test/a.wav"), at(host, 0, 10)
    )
    assert answering.greeting == ""
    assert answering.consent is None


@pytest.mark.skipif(
    not can_speak(), reason="MISSING COMPONENT. espeak-ng is not installed: run `apt-get install espeak-ng`."
)
def test_usual_words_are_spoken_once(host):
    account = sip_account(greeting="", voicemail="", consent="")
    first = answering_of(host, account, at(host, 0, 10))
    made = {path: path.stat().st_mtime_ns for path in (host.data_folder() / "spoken").iterdir()}
    assert {first.greeting, first.voicemail.prompt} == {str(path) for path in made}
    assert answering_of(host, account, at(host, 0, 10)) == first
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert first.consent is None, "nobody is asked about recordings that are not made"


def test_without_a_program_that_speaks_callers_hear_the_tone_alone(host, monkeypatch):
    monkeypatch.setenv("PATH", "")
    answering = answering_of(host, sip_account(greeting="", voicemail=""), at(host, 0, 10))
    assert (answering.greeting, answering.voicemail.prompt) == ("", "")
    report = VoipChannel(host).test_connection(sip_account(greeting="Good day", sip_server="127.0.0.1:9"))
    assert "espeak-ng is not installed" in report.problem


@pytest.mark.parametrize(
    ("server", "proxy", "interface"),
    [("127.0.0.1:5070", "", "127.0.0.1"), ("localhost", "", "127.0.0.1"), ("pbx.invalid", "", ""), ("192.0.2.1", "", ""),
     ("192.0.2.1", "127.0.0.1:5061", "127.0.0.1")],
)  # fmt: skip
def test_server_on_this_machine_is_reached_over_loopback(server, proxy, interface):
    account = sip_account_of(sip_account(sip_server=server, sip_proxy=proxy))
    assert interface_for(account) in (interface, "::1" if interface else "")


# ---------------------------------------------------------------------------------------------- states ----
def test_owner_is_asked_once_about_a_refused_password(host):
    channel, account = VoipChannel(host), sip_account()
    remember(host, 1, LineState(State.REFUSED, "401", host.now()))
    with pytest.raises(NeedsReauth, match="401"):
        list(channel.fetch(account))
    assert list(channel.fetch(account)) == []
    remember(host, 1, LineState(State.IMPOSSIBLE, "pip install", host.now()))
    with pytest.raises(Permanent, match="pip install"):
        list(channel.fetch(account))


def test_lost_registration_is_trouble_only_when_it_lasts(host):
    channel, account = VoipChannel(host), sip_account()
    remember(host, 1, LineState(State.LOST, "no answer", host.now()))
    assert list(channel.fetch(account)) == []
    host.clock.tick(60)
    remember(host, 1, LineState(State.LOST, "no answer", host.now()))
    host.clock.tick(120)
    with pytest.raises(Temporary, match="no answer"):
        list(channel.fetch(account))
    remember(host, 1, LineState(State.REGISTERED, "", host.now()))
    assert list(channel.fetch(account)) == []
    assert "registered since" in dict(channel.health(account).rows)["Registration"]


def test_line_without_a_state_is_said_to_be_new(host):
    assert dict(VoipChannel(host).health(sip_account()).rows) == {"Registration": "not yet tried"}


def test_line_carries_no_texts(host):
    channel = VoipChannel(host)
    account = replace(sip_account())
    with pytest.raises(Permanent, match="calls only"):
        channel.send(account, None)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ form ----
def test_form_takes_a_usual_line():
    filled = form(sip_password="secret", sip_proxy="sbc.example.test:5061")
    assert filled.validate(), filled.errors
    assert filled.split_secrets()[1] == {"sip_password": "secret"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("sip_server", ""), ("sip_server", "sip:pbx.example.test"), ("sip_server", "pbx example"), ("sip_user", ""), ("sip_user", "a@b"),
     ("sip_proxy", "no/slash"), ("sip_password", 'quo"te'), ("sip_answers_after_s", "500"), ("sip_transport", "pigeon")],
)  # fmt: skip
def test_form_refuses_what_cannot_be(name, value):
    filled = form(**{name: value})
    assert not filled.validate()
    assert set(filled.errors) == {name}


def test_form_of_a_line_at_twilio_needs_nothing_of_sip():
    filled = form(driver="twilio", account_sid="AC1", sip_server="", sip_user="")
    assert filled.validate(), filled.errors
