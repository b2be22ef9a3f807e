"""Promises of an account's health: a pause is calm, passing trouble says how long it waits, and only what needs a person is red."""

import re
from datetime import timedelta

import pytest

from app.domain.backoff import LASTING_FAILURES
from app.models import ChannelAccount
from app.services.core import writing


@pytest.fixture
def account_in(core, create_account):
    """Return a function that puts the account into a state."""
    account_id = create_account("echo", name="Desk echo")

    def put(**values) -> int:
        with writing(core) as unit:
            row = unit.session.get_one(ChannelAccount, account_id)
            for name, value in values.items():
                setattr(row, name, value)
        return account_id

    return put


def badge(page: str) -> str:
    """The number beside Accounts in the rail, or an empty string."""
    link = re.search(r'href="/accounts".*?</a>', page, re.DOTALL).group(0)
    found = re.search(r'class="count alert">(\d+)<', link)
    return found.group(1) if found else ""


def test_a_paused_account_is_calm_also_when_it_failed_before(admin, account_in):
    account_in(state="paused", failures=9, last_error="The provider hung up.")
    page = admin.get("/accounts").text

    assert 'class="health paused"' in page
    assert "Paused: nothing is fetched or sent." in page
    assert "hung up" not in page
    assert badge(page) == ""


def test_passing_trouble_says_until_when_it_waits_and_why(admin, core, account_in):
    account_in(
        failures=1, last_error="The server cannot be reached.", next_attempt_at=core.clock.now() + timedelta(minutes=5)
    )
    page = admin.get("/accounts").text

    assert 'class="health warning"' in page
    assert re.search(r"Waiting until .*\d+:\d\d.*: The server cannot be reached\.", page)
    assert badge(page) == ""


@pytest.mark.parametrize(
    "values",
    [
        {"state": "needs_reauth", "last_error": "The password was refused."},
        {"failures": LASTING_FAILURES, "last_error": "No answer."},
    ],
)
def test_what_needs_a_person_is_red_and_counted(admin, account_in, values):
    account_id = account_in(**values)
    page = admin.get("/accounts").text

    assert 'class="health error"' in page
    assert badge(page) == "1"
    assert values["last_error"] in admin.get(f"/accounts/{account_id}").text
