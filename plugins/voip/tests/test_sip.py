"""A SIP line with real peers: SIPp calls through Kamailio, our service answers, calls and their sound come to the inbox."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.sip import read_wav, write_wav
from connectors.sip.sound import beep, loudness
from plugins.voip.agents import save
from plugins.voip.channel import VoipChannel
from plugins.voip.sip_service import run_lines
from plugins.voip.sip_state import State, saved_count, state_of
from plugins.voip.sounds import add_sound
from plugins.voip.tests.lines import told
from tidings import Account, ConversationUpdate, Host, InboundMessage, NeedsReauth
from tidings.testing import FakeClock, FakeHost

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]

OURS, ADA = "+4930123456", "+491715550001"
LOUD = 0.05


class TickingClock(FakeClock):
    """Real time, because real calls take some."""

    def now(self):
        from datetime import UTC, datetime

        return datetime.now(UTC)


def sip_account(registrar: Any, id: int = 1, **settings: object) -> Account:
    """A line at the registrar, answered soon and quietly."""
    usual = {
        "driver": "sip", "number": OURS, "region": "DE", "sip_server": registrar.address, "sip_user": "support", "sip_answers_after_s": 0,
        "greeting": "tone.wav", "voicemail": "tone.wav", "without_choice": "voicemail",
    }  # fmt: skip
    secrets = {"sip_password": registrar.users["support"]}
    return Account(id, "voip", "Support", OURS, {**usual, **settings}, secrets=secrets)


@pytest.fixture
def create_line(tmp_path: Path) -> Iterator[Callable[..., FakeHost]]:
    """Return a factory of hosts whose service runs for the accounts given."""
    stops: list[tuple[threading.Event, threading.Thread]] = []

    def create(*accounts: Account, starts: bool = True) -> FakeHost:
        host = FakeHost("voip", accounts, package="plugins.voip", clock=TickingClock())
        sound = tmp_path / "tone.wav"
        write_wav(sound, beep(0.3, hz=600))
        add_sound(host, "tone.wav", sound.read_bytes())
        with host.tables.connect():
            pass  # the tables are made by the thread that asks first
        if starts:
            host.stop_service = start(host)  # type: ignore[attr-defined]
        return host

    def start(host: Host) -> Callable[[], None]:
        stop = threading.Event()
        thread = threading.Thread(target=run_lines, args=(host, stop), kwargs={"look_s": 0.1})
        thread.start()
        stops.append((stop, thread))

        def end() -> None:
            stop.set()
            thread.join(10)

        return end

    create.start = start  # type: ignore[attr-defined]
    yield create
    for stop, _ in stops:
        stop.set()
    for _, thread in stops:
        thread.join(10)
        assert not thread.is_alive()


def wait_until(is_so: Callable[[], Any], timeout_s: float = 15.0) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (found := is_so()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.05)
    return found


def is_registered(host: Host, account_id: int = 1) -> bool:
    known = state_of(host, account_id)
    return known is not None and known.state is State.REGISTERED


def inbox(host: FakeHost, account: Account) -> list[InboundMessage]:
    return [one for one in told(host, account) if isinstance(one, InboundMessage)]


def sound_of(message: InboundMessage, tmp_path: Path) -> bytes:
    path = tmp_path / "played.wav"
    path.write_bytes(message.attachments[0].data)
    return read_wav(path)


def test_voicemail_comes_to_the_inbox_with_its_sound(create_registrar, create_line, phones, create_voice, tmp_path):
    registrar, voice = create_registrar({"support": "secret"}), create_voice()
    account = sip_account(registrar, menu="1 = voicemail\n2 = hang up")
    host = create_line(account)
    wait_until(lambda: is_registered(host))
    voice.pause(0.7)
    voice.press("1")
    voice.pause(0.8)
    voice.say(3)
    call = phones.call("support", through=registrar.address, voice=voice, number="01715550001", stays_s=3.8)
    [message] = wait_until(lambda: inbox(host, account))
    call.wait()
    assert (message.sender.value, message.sender.name, message.thread_key) == (ADA, "Ada Reader", ADA)
    assert message.subject == "Voicemail"
    assert message.attachments[0].filename.endswith(".wav")
    assert loudness(sound_of(message, tmp_path)) > LOUD
    assert "1 voicemail" in message.fields.values()
    assert any(isinstance(one, ConversationUpdate) and one.add_tags for one in told(host, account))
    assert voice.heard_loudness(0.2, 0.8) > 0.02, "the caller heard no greeting"
    host.stop_service()
    assert list((host.data_folder() / "sip" / "1").glob("*.wav")) == [], "files stay although the inbox has them"


def test_caller_who_hangs_up_is_a_missed_call(create_registrar, create_line, phones):
    registrar = create_registrar({"support": "secret"})
    account = sip_account(registrar, sip_answers_after_s=20)
    host = create_line(account)
    wait_until(lambda: is_registered(host))
    phones.call("support", through=registrar.address, number="anonymous", gives_up_s=0.5).wait()
    [message] = wait_until(lambda: inbox(host, account))
    assert message.subject == "Missed call"
    assert message.sender.kind == "phone_withheld"
    assert message.attachments == ()


def test_wrong_password_asks_the_owner_and_a_new_one_works(create_registrar, create_line):
    registrar = create_registrar({"support": "secret"}, longest_registration_s=2)
    account = sip_account(registrar)
    host = create_line(account)
    channel = VoipChannel(host)
    wait_until(lambda: is_registered(host))
    assert "registered" in dict(channel.health(account).rows)["Registration"]
    registrar.set_password("support", "changed")
    wait_until(lambda: host.woken == [1])
    with pytest.raises(NeedsReauth, match="password"):
        list(channel.fetch(account))
    assert list(channel.fetch(account)) == [], "it is said once"
    assert "refused" in dict(channel.health(account).rows)["Registration"]
    assert not channel.test_connection(account).is_ok
    wait_until(lambda: not registrar.is_registered("support"))

    host.save_secret(1, "sip_password", "changed")
    changed = host.account(1)
    assert changed is not None
    assert channel.test_connection(changed).is_ok
    wait_until(lambda: is_registered(host))
    wait_until(lambda: registrar.is_registered("support"))


def test_refused_account_is_tried_again_when_it_is_saved(create_registrar, create_line):
    registrar = create_registrar({"support": "secret"})
    account = replace(sip_account(registrar), secrets={"sip_password": "wrong"})
    host = create_line(account)
    wait_until(lambda: host.woken == [1])
    registrar.set_password("support", "wrong")
    time.sleep(0.7)
    assert not is_registered(host), "a refused password is not tried again by itself"
    saved_count(host, 1, by=1)
    wait_until(lambda: is_registered(host))


def test_killed_worker_loses_nothing(create_registrar, create_line, phones, create_voice, tmp_path):
    """The agent is killed while somebody speaks, and so is everything that knew of the call but the tables and the files."""
    registrar, voice = create_registrar({"support": "secret"}), create_voice()
    account = sip_account(registrar)
    host = create_line(account)
    wait_until(lambda: is_registered(host))
    voice.pause(1.5)
    voice.say(8)
    phones.call("support", through=registrar.address, voice=voice, number=ADA, stays_s=9)
    folder = host.data_folder() / "sip" / "1"
    wait_until(lambda: any(path.stat().st_size > 30000 for path in folder.glob("*.wav")))
    os.kill(agent_pid(), signal.SIGKILL)
    host.stop_service()
    assert inbox(host, account) == [] or inbox(host, account)[0].attachments == ()
    create_line.start(host)
    wait_until(lambda: any(one.attachments for one in inbox(host, account)))
    message = next(one for one in inbox(host, account) if one.attachments)
    assert message.sender.value == ADA
    assert loudness(sound_of(message, tmp_path)) > LOUD


def test_accounts_get_their_lines_and_lose_them(create_registrar, create_line):
    registrar = create_registrar({"support": "secret"})
    account = sip_account(registrar)
    host = create_line(account)
    wait_until(lambda: registrar.is_registered("support"))
    create_line.start(host)
    host.put_account(replace(account, settings={**account.settings, "menu": "1 = hang up"}))
    time.sleep(0.7)
    assert len(registrar.contacts("support")) == 1, (
        "another menu needs no other registration, another worker takes no part"
    )
    host.paused.add(1)
    wait_until(lambda: not registrar.is_registered("support"))
    host.paused.clear()
    wait_until(lambda: registrar.is_registered("support"))


def test_agents_call_is_made_by_the_line(create_registrar, create_line, phones, create_voice):
    registrar = create_registrar({"support": "secret"})
    ours, theirs = create_voice(), create_voice()
    extension, contact = phones.phone(voice=ours), phones.phone(voice=theirs)
    registrar.route("+49301", f"127.0.0.1:{extension.port}")
    registrar.route(ADA, f"127.0.0.1:{contact.port}")
    account = sip_account(registrar)
    host = create_line(account)
    wait_until(lambda: is_registered(host))
    save(host, 7, "Ida", number="+49301", is_available=True)
    VoipChannel(host).driver_of(account).call(account, 7, "Ida", "+49301", ADA)
    [message] = wait_until(lambda: inbox(host, account))
    extension.wait()
    assert message.is_echo
    assert message.subject == "We called"
    assert message.to[0].value == ADA
    assert "Ida" in message.fields.values()


def test_connection_test_says_what_is_missing(create_registrar, create_line):
    registrar = create_registrar({"support": "secret"})
    account = sip_account(registrar)
    host = create_line(account, starts=False)
    channel = VoipChannel(host)
    assert channel.test_connection(account).is_ok
    gone = replace(account, settings={**account.settings, "greeting": "gone.wav"})
    assert "no uploaded sound called gone.wav" in channel.test_connection(gone).problem
    wrong = replace(account, secrets={"sip_password": "guess"})
    assert "password" in channel.test_connection(wrong).problem
    assert "guess" not in channel.test_connection(wrong).problem
    add_sound(host, "music.mp3", b"ID3" + bytes(20))
    mp3 = replace(account, settings={**account.settings, "greeting": "music.mp3"})
    assert "WAV files only" in channel.test_connection(mp3).problem
    registrar.stop()


def agent_pid() -> int:
    """The one agent that is a child of ours."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            is_agent = b"connectors.sip.agent" in (path / "cmdline").read_bytes()
            if is_agent and f"PPid:\t{os.getpid()}\n" in (path / "status").read_text():
                found.append(int(path.name))
        except OSError:
            continue
    [pid] = found
    return pid
