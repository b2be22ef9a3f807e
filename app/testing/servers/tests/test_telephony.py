"""The registrar and the telephones themselves: what other tests prove with them is worth as much as they are."""

from __future__ import annotations

import random
import time

import pytest

from app.testing.servers.rtp import from_ulaw, loudness, to_ulaw

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]


def test_two_telephones_hear_each_other_through_the_registrar(create_registrar, phones, create_voice):
    registrar, ours, theirs = create_registrar({}), create_voice(), create_voice()
    phone = phones.phone(voice=theirs)
    registrar.route("100", f"127.0.0.1:{phone.port}")
    for voice in (ours, theirs):
        voice.open_to(theirs if voice is ours else ours)
        voice.say(2)
    phones.call("100", through=registrar.address, voice=ours, stays_s=1.5).wait()
    phone.wait()
    assert ours.heard_loudness(0, 1) > 0.2
    assert theirs.heard_loudness(0, 1) > 0.2


def test_calls_to_nobody_and_in_a_users_name_are_refused(create_registrar, phones):
    registrar = create_registrar({"ada": "secret"})
    phones.call("100", through=registrar.address, expects=404).wait()
    phones.call("100", through=registrar.address, number="ada", expects=407).wait()


def test_routes_and_passwords_survive_a_restart_and_registrations_do_not(create_registrar):
    registrar = create_registrar({"ada": "secret"})
    registrar.set_password("ben", "other")
    registrar.stop()
    registrar.start()
    assert registrar.users == {"ada": "secret", "ben": "other"}
    assert registrar.contacts("ada") == []
    assert not registrar.is_registered("ada")


@pytest.mark.parametrize("sample", [0, 1, -1, 100, -100, 5000, -5000, 32767, -32768])
def test_g711_is_near_what_was_said(sample):
    assert from_ulaw(to_ulaw(sample)) == pytest.approx(sample, abs=max(8, abs(sample) * 0.04))


def test_loudness_of_nothing_is_nothing():
    assert loudness([]) == 0
    assert loudness([32768, -32768]) == 1


def test_telephones_whose_ports_would_be_the_same_get_others(phones, monkeypatch):
    """SIPp ends at once where one of its ports is taken, and a call that was never placed looks like one that was lost."""
    monkeypatch.setattr(random, "sample", lambda blocks, count: list(blocks)[:count])
    first, second = phones.phone(), phones.phone()
    time.sleep(0.5)
    assert first.port != second.port
    assert [first.process.poll(), second.process.poll()] == [None, None], second.words()
    first.end()
    assert phones.phone().port == first.port
