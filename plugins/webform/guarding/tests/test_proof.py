"""Proof of work: solved as a browser does it, once, in time, for this installation; and when it is asked for."""

import base64
import json
from dataclasses import replace

import altcha
import pytest

from plugins.webform.guarding import pressure, proof
from plugins.webform.publication import find_form
from plugins.webform.tests.factories import PageHost, Visitor


def solved(challenge: dict[str, object]) -> str:
    """What a browser posts for a challenge."""
    made = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(made)
    assert solution is not None
    return altcha.Payload(made, solution).to_base64()


def changed(payload: str, **parameters: object) -> str:
    body = json.loads(base64.b64decode(payload))
    body["challenge"]["parameters"].update(parameters)
    return base64.b64encode(json.dumps(body).encode()).decode()


def published(host: PageHost, wanted: str):
    form = find_form(host, Visitor(host).key)
    return replace(form, settings=replace(form.settings, proof=wanted))


@pytest.fixture(autouse=True)
def little_work(monkeypatch):
    """A hundredth of the sums, but for the test that is about their number."""
    monkeypatch.setattr(proof, "COST", 50)


@pytest.fixture
def solution():
    host = PageHost()
    return host, solved(proof.challenge(host))


def test_a_solution_counts_once(solution):
    host, payload = solution
    assert proof.check(host, payload)
    assert not proof.check(host, payload)


def test_a_solution_that_somebody_changed_does_not_count(solution):
    host, payload = solution
    for parameters in ({"cost": 1}, {"keyPrefix": "00"}, {"data": {"until": 4_000_000_000}}, {"nonce": "00" * 16}):
        assert not proof.check(host, changed(payload, **parameters))


def test_a_solution_for_another_installation_does_not_count(solution):
    _, payload = solution
    assert not proof.check(PageHost(), payload)


def test_a_solution_that_comes_late_does_not_count():
    host = PageHost()
    payload = solved(proof.challenge(host))
    host.clock.tick(proof.LIFETIME.total_seconds() + 1)
    assert not proof.check(host, payload)


def test_a_guess_does_not_count(host):
    challenge = proof.challenge(host)
    for counter, key in ((0, "00" * 32), (300, challenge["parameters"]["keyPrefix"])):
        body = {"challenge": challenge, "solution": {"counter": counter, "derivedKey": key}}
        assert not proof.check(host, base64.b64encode(json.dumps(body).encode()).decode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "e30=",
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b'{"challenge":1,"solution":2}').decode(),
        "A" * 9000,
    ],
)
def test_what_is_no_solution_does_not_count(host, text):
    assert not proof.check(host, text)


def test_the_work_is_bounded(host):
    for _ in range(5):
        found = altcha.solve_challenge(altcha.Challenge.from_dict(proof.challenge(host)))
        assert found is not None
        assert proof.ROUNDS[0] <= found.counter < proof.ROUNDS[1]


def test_the_work_is_about_a_second_of_a_phone(host, monkeypatch):
    """A phone of 2025 does one to three million iterations of PBKDF2 with SHA-256 a second."""
    monkeypatch.undo()
    assert 1_000_000 <= proof.COST * proof.ROUNDS[0] < proof.COST * proof.ROUNDS[1] <= 2_500_000
    assert proof.challenge(host)["parameters"]["cost"] == proof.COST


def test_an_attack_switches_it_on_and_its_end_off(host):
    form = published(host, "auto")
    for _ in range(pressure.BEGINS_AT - 1):
        proof.note_refused(host)
    assert not proof.is_wanted(host, form)
    assert proof.notice(host) == ""
    proof.note_refused(host)
    assert proof.is_wanted(host, form)
    assert f"{pressure.BEGINS_AT} suspicious posts in ten minutes" in proof.notice(host)


def test_it_stays_on_until_it_is_quiet(host):
    form = published(host, "auto")
    for _ in range(pressure.BEGINS_AT):
        pressure.note_suspicious(host)
    assert proof.is_wanted(host, form)
    host.clock.tick(60 * (pressure.WINDOW_MIN - 1))
    for _ in range(pressure.ENDS_BELOW):
        pressure.note_suspicious(host)
    host.clock.tick(120)
    assert proof.is_wanted(host, form)
    host.clock.tick(60 * pressure.WINDOW_MIN)
    assert not proof.is_wanted(host, form)


def test_an_admin_may_want_it_always_or_never(host):
    assert proof.is_wanted(host, published(host, "always"))
    for _ in range(pressure.BEGINS_AT):
        pressure.note_suspicious(host)
    assert not proof.is_wanted(host, published(host, "never"))
