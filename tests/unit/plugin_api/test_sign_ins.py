"""Promises to plugins whose owner signs in elsewhere: what they remembered comes back once, in time, and to the same person."""

from dataclasses import replace

import pytest

from tidings import SignIns, Viewer
from tidings.testing import FakeHost

ADA, BEN = Viewer(1, "Ada", "admin"), Viewer(2, "Ben", "admin")


@pytest.fixture
def host():
    host = FakeHost("courier")
    host.signed_in = ADA
    return host


def test_what_was_remembered_comes_back_once(host):
    state = SignIns(host).begin({"verifier": "secret", "account": 7})
    assert SignIns(host).take(state) == {"verifier": "secret", "account": 7}
    assert SignIns(host).take(state) is None


def test_several_may_be_under_way(host):
    states = [SignIns(host).begin({"n": n}) for n in range(10)]
    assert [SignIns(host).take(state) for state in states] == [{"n": n} for n in range(10)]


def test_neither_the_verifier_nor_the_state_can_be_read_where_the_other_stands(host):
    state = SignIns(host).begin({"verifier": "secret"})
    assert "secret" not in state
    assert "secret" not in repr(host.store.values)
    assert state.partition(".")[2] not in repr(host.store.values)


def test_another_agent_cannot_end_it_and_who_began_still_can(host):
    state = SignIns(host).begin({})
    for other in (BEN, None, replace(ADA, agent_id=11)):
        host.signed_in = other
        assert SignIns(host).take(state) is None
    host.signed_in = ADA
    assert SignIns(host).take(state) == {}


def test_it_ends_after_a_quarter_of_an_hour(host):
    early, late = SignIns(host).begin({}), SignIns(host).begin({})
    host.clock.tick(15 * 60 - 1)
    assert SignIns(host).take(early) == {}
    host.clock.tick(1)
    assert SignIns(host).take(late) is None


@pytest.mark.parametrize("state", ["", ".", "0", "0.", "0.x", "-1.x", "99.x", "1" * 5000 + ".x", "٣.x", "a.b.c", "é.ü"])
def test_what_is_no_state_is_not_known(host, state):
    SignIns(host).begin({})
    assert SignIns(host).take(state) is None


def test_what_was_never_finished_is_swept_and_the_store_does_not_grow(host):
    for _ in range(200):
        SignIns(host).begin({"verifier": "secret"})
    assert len(host.store.values) < 40
    host.clock.tick(3600)
    SignIns(host).begin({"verifier": "new"})
    assert repr(host.store.values).count("ends_at") == 1


def test_two_requests_at_once_get_it_once(host):
    """The second one had read before the first was done."""
    state = SignIns(host).begin({"verifier": "secret"})
    before = dict(host.store.values)
    assert SignIns(host).take(state)
    key = next(key for key in before if key not in host.store.values)
    host.store.values[key] = before[key]
    assert SignIns(host).take(state) is None


def test_nobody_begins_who_is_not_signed_in(host):
    host.signed_in = None
    with pytest.raises(RuntimeError, match="answers an agent"):
        SignIns(host).begin({})
