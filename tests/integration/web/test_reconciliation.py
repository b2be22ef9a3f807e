"""Promises of the pages that compare an account with its server: numbers at a glance, what is missing by name, one press to fetch it."""

import json
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from app.cli.reconcile import reconcile as command
from app.domain.hourly_counts import ARRIVALS, WATCHED, hourly_counter
from app.models import ChannelAccount, Reconciliation
from app.plugin_api.channel import Capability
from app.services import accounts
from app.services.core import SYSTEM, writing
from app.services.diagnostics import account_diagnostics, as_text
from app.services.reconciling import claim_comparison, wish_for

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = on_sqlite

GAP = {
    "key": "INBOX:1:7",
    "place": "INBOX",
    "at": "2026-03-01T08:00:00+00:00",
    "size": 2048,
    "sender": "ada@x.example",
    "subject": "<Lamp>",
}


@pytest.fixture
def account_id(core, create_account, monkeypatch):
    """An account that was read and whose channel can list."""
    channel = core.plugins.channels["echo"]
    monkeypatch.setattr(channel, "capabilities", channel.capabilities | {Capability.INVENTORY}, raising=False)
    made = create_account("echo")
    with writing(core) as unit:
        unit.session.get_one(ChannelAccount, made).cursor = {"read": 1}
    return made


@pytest.fixture
def compared(core, clock, account_id):
    """Return a function that writes down a comparison."""

    def write(**values):
        place = {"place": "INBOX", "on_server": 1204, "here": 1204, "missing": 0}
        defaults = {
            "on_server": 1204,
            "here": 1204,
            "places": [place],
            "finished_at": clock.now(),
            "started_at": clock.now(),
        }
        with writing(core) as unit:
            row = unit.session.get(Reconciliation, account_id) or Reconciliation(account_id=account_id)
            unit.session.add(row)
            for name, value in {**defaults, **values}.items():
                setattr(row, name, value)

    return write


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main")[1]).split())


def row_of(core, account_id):
    core.session.rollback()
    return core.session.get(Reconciliation, account_id, populate_existing=True)


def test_before_the_first_comparison_the_page_says_when_it_comes(admin, account_id):
    page = words(admin.get(f"/accounts/{account_id}").text)

    assert "Not compared yet. This is done every night." in page
    assert "Compare now" in page
    assert "Fetch what is missing" not in page


def test_what_is_whole_says_so_in_one_line(admin, account_id, compared):
    compared(repaired=2, undelivered=1, gone=5)

    page = words(admin.get(f"/accounts/{account_id}").text)
    details = words(admin.get(f"/accounts/{account_id}/reconciliation").text)
    health = words(admin.get("/accounts/health").text)

    for shown in (page, details, health):
        assert "1,204 on the server, 1,204 here" in shown
    assert "2 messages had not come and were fetched." in page
    assert "1 of those here waits under Undelivered." in page
    assert "5 messages came from there and are there no more" in details
    assert "All accounts do well." in health


def test_what_is_missing_is_named_and_fetched_by_one_press(admin, core, account_id, compared):
    place = {"place": "INBOX", "on_server": 1204, "here": 901, "missing": 303}
    compared(here=901, missing=303, places=[place], gaps=[GAP])

    page = admin.get(f"/accounts/{account_id}").text
    details = admin.get(f"/accounts/{account_id}/reconciliation").text

    assert "303 messages are on the server and not here." in words(page)
    assert "INBOX 1,204 on the server, 901 here 303 missing" in words(details)
    assert "&lt;Lamp&gt;" in details
    assert "ada@x.example · INBOX 2 kB" in words(details)
    assert "and 302 more" in words(details)
    assert "1 account needs somebody to look at it." in words(admin.get("/accounts/health").text)

    answer = admin.post(f"/accounts/{account_id}/reconciliation", data={"repair": "1", "from": "details"})

    assert answer.headers["Location"] == f"/accounts/{account_id}/reconciliation"
    assert (row_of(core, account_id).wants_repair, row_of(core, account_id).wanted_at) == (True, core.clock.now())
    after = words(admin.get(f"/accounts/{account_id}").text)
    assert "It begins in a moment." in after
    assert "Compare now" not in after
    assert "Fetched what was missing" in after


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "Comparing with the server."),
        ({"looked_at": 12_000}, "Comparing: 12,000 messages listed"),
        ({"looked_at": 12_000, "to_fetch": 303, "fetched": 50}, "Fetching what is missing: 50 of 303"),
    ],
)
def test_a_comparison_under_way_says_how_far_it_is(admin, core, account_id, compared, values, shown):
    compared()
    wish_for(core, SYSTEM, account_id)
    claim_comparison(core, account_id, "host:1")
    with writing(core) as unit:
        row = unit.session.get_one(Reconciliation, account_id)
        for name, value in values.items():
            setattr(row, name, value)

    assert shown in words(admin.get(f"/accounts/{account_id}").text)


def test_a_comparison_that_failed_says_why_beside_the_last_numbers(admin, clock, account_id, compared):
    compared(problem="The server <did> not answer in time.", finished_at=clock.now() - timedelta(days=2))

    page = admin.get(f"/accounts/{account_id}").text

    assert "It could not be compared: The server &lt;did&gt; not answer in time." in " ".join(page.split())
    assert "1,204 on the server, 1,204 here" in words(page)


def test_an_account_that_cannot_be_compared_has_no_box_and_no_page(admin, core, create_account, account_id):
    other = create_account("echo")  # never read
    accounts.pause_account(core, SYSTEM, account_id)

    assert "Server and inbox" not in admin.get(f"/accounts/{other}").text
    assert admin.get(f"/accounts/{other}/reconciliation").status_code == 404
    assert admin.get("/accounts/999/reconciliation").status_code == 404
    assert "Compare now" not in admin.get(f"/accounts/{account_id}").text
    refused = admin.post(f"/accounts/{account_id}/reconciliation", follow_redirects=True)
    assert "cannot be compared" in refused.text


def test_only_those_who_manage_accounts_compare(agent, core, account_id):
    assert agent.get(f"/accounts/{account_id}/reconciliation").status_code == 403
    agent.post(f"/accounts/{account_id}/reconciliation")
    assert row_of(core, account_id) is None


def test_diagnostics_hold_the_numbers_and_nothing_of_the_messages(core, account_id, compared):
    compared(missing=1, gaps=[GAP])

    facts = account_diagnostics(core, SYSTEM, account_id)

    assert (facts["reconciliation"]["on_server"], facts["reconciliation"]["missing"]) == (1204, 1)
    assert "ada@x.example" not in as_text(facts)


def test_the_command_compares_here_and_now(core, account_id, monkeypatch):
    channel = core.plugins.channels["echo"]
    monkeypatch.setattr(channel, "inventory", lambda account: iter(()), raising=False)
    _use(core, monkeypatch)

    done = CliRunner().invoke(command, ["--account", str(account_id), "--json"])
    unknown = CliRunner().invoke(command, ["--account", "nobody"])

    assert (done.exit_code, json.loads(done.output)["on_server"]) == (0, 0)
    assert "There is no single account called 'nobody'" in str(unknown.exception)


def test_the_command_says_what_went_wrong(core, account_id, monkeypatch):
    monkeypatch.setattr(core.plugins.channels["echo"], "inventory", lambda account: 1 / 0, raising=False)
    _use(core, monkeypatch)

    done = CliRunner().invoke(command, ["--account", str(account_id)])

    assert (done.exit_code, done.output) == (1, "It could not be compared: The plugin failed (ZeroDivisionError).\n")


def _use(core, monkeypatch):
    """Let the command work on the test's own installation."""
    from contextlib import contextmanager

    @contextmanager
    def opened(data):
        yield None, core

    monkeypatch.setattr("app.cli.reconcile.open_installation", opened)


def test_the_page_of_an_account_says_what_came_today_and_what_usually_does(admin, core, clock, account_id):
    with writing(core) as unit:
        for back in range(1, 20 * 24):
            at = unit.now - timedelta(hours=back)
            unit.counts[hourly_counter(ARRIVALS, at, account_id)] = 3
            unit.counts[hourly_counter(WATCHED, at, account_id)] = 6

    page = admin.get(f"/accounts/{account_id}").text

    assert "Usual by this time of day: 27 · today 27" in words(page)
    assert page.count('<g class="day">') == 24
    assert "8:00\u202fAM: 3 came, 3 are usual" in page
    assert "3:00\u202fPM: 0 came, 3 are usual" in page


def test_a_new_account_says_when_it_will_know(admin, core, account_id):
    with writing(core) as unit:
        unit.counts[hourly_counter(ARRIVALS, unit.now, account_id)] = 2

    assert "Today 2. What is usual is known after two weeks." in words(admin.get(f"/accounts/{account_id}").text)


def test_being_told_of_an_unusual_quiet_is_switched_off_for_an_account(admin, agent, core, account_id):
    assert "You are told when it is unusually quiet." in words(admin.get(f"/accounts/{account_id}").text)

    page = admin.post(f"/accounts/{account_id}/silence", follow_redirects=True).text
    assert "Nobody is told when it is unusually quiet." in words(page)
    agent.post(f"/accounts/{account_id}/silence", data={"warns": "1"})
    assert "Nobody is told" in words(admin.get(f"/accounts/{account_id}").text)
    page = admin.post(f"/accounts/{account_id}/silence", data={"warns": "1"}, follow_redirects=True).text
    assert "You are told when it is unusually quiet." in words(page)
