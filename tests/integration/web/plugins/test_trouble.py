"""Promises about trouble: the pages say what failed, what rests, what collides, and the owner can act on it."""

import re
from datetime import timedelta

import pytest

from app.models import HookSample, MissedEvent, PluginBreaker, PluginConflict, PluginCost
from app.plugin_host import Limits
from app.services.core import writing
from app.services.plugins.limits import limits_of


@pytest.fixture
def trouble(core):
    """The contact form rests in one hook, was slow, and gets into the mailbox's way."""
    with writing(core) as unit:
        later = unit.now + timedelta(minutes=1)
        unit.session.add_all(
            [
                PluginBreaker(
                    plugin="webform", hook="filter_inbound", opened_at=unit.now, rests_until=later, last_error="KeyError: 'x'"
                ),
                PluginCost(
                    plugin="webform", hook="filter_inbound", period_at=unit.now, calls=1234, seconds=2.5, slowest_s=0.5,
                    slow_calls=2, failures=5, queries=40, last_error="KeyError: 'x'", failed_at=unit.now,
                ),
                PluginConflict(
                    hook="filter_outbound", field="text", first="mailbox", second="webform", times=3, seen_at=unit.now
                ),
                PluginConflict(
                    hook="dashboard_panels", field="100: Mail", first="mailbox", second="gone", times=1, seen_at=unit.now
                ),
                HookSample(hook="message_received", payload='{"text": "Aaa <b>, 9 characters"}', seen_at=unit.now),
            ]
        )  # fmt: skip


def test_a_resting_part_is_shown_everywhere_and_can_be_tried_at_once(admin, core, trouble):
    listed = admin.get("/settings/plugins?show=attention").text
    assert "Partly resting" in listed
    assert "2.5 s and 5 errors in the last hour" in listed
    page = admin.get("/settings/plugins/webform").text
    for words in ("Resting after failures", "KeyError: &#39;x&#39;", "1,234", "2 slow"):
        assert words in page
    assert re.search(r"1,23\d calls, 2\.5 s, 5 errors", page), "the calls of showing the page count, too"

    admin.post("/settings/plugins/webform/try-now", {"hook": "filter_inbound"})

    page = admin.get("/settings/plugins/webform").text
    assert "filter_inbound is called again from now on." in page
    assert "Resting after failures" not in page
    assert "Let filter_inbound try again at once" in admin.get("/audit").text


def test_what_was_missed_is_delivered_again_or_forgotten(admin, core):
    with writing(core) as unit:
        for hook in ("message_received", "message_sent", "message_sent"):
            unit.session.add(
                MissedEvent(plugin="mailbox", hook=hook, arguments={}, reason="It rests.", created_at=unit.now)
            )
    assert "2 kept" in admin.get("/settings/plugins/mailbox").text

    admin.post("/settings/plugins/mailbox/replay", {"hook": "message_sent"})
    admin.post("/settings/plugins/mailbox/forget", {"hook": "message_received"})
    page = admin.get("/settings/plugins/mailbox").text

    assert "2 on their way" in page
    assert "message_received</strong>" not in page
    admin.post("/settings/plugins/mailbox/forget", {})
    assert "2 on their way" in admin.get("/settings/plugins/mailbox").text
    audit = admin.get("/audit").text
    assert "Had missed message_sent delivered again" in audit
    assert "Forgot missed message_received" in audit


def test_the_explorer_shows_who_listens_in_which_order_with_the_last_error_and_call(admin, trouble):
    page = admin.get("/settings/plugins/hooks?q=filter_inbound").text
    assert "1 hook found" in page
    assert "KeyError: &#39;x&#39;" in page
    assert "change_messages: Change messages on their way in or out" in page
    assert "def filter_inbound" in page

    page = admin.get("/settings/plugins/hooks?q=message_received").text
    assert "Aaa &lt;b&gt;, 9 characters" in page


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [("Mailbox announce", "account_saved", "filter_inbound"), ("read_conversations", "choose_team", "filter_inbound")],
)
def test_hooks_are_found_by_plugin_shape_and_permission(admin, query, found, missing):
    page = admin.get("/settings/plugins/hooks", query_string={"q": query}).text

    assert f'id="hook-{found}"' in page
    assert f'id="hook-{missing}"' not in page
    assert "No such hook" in admin.get("/settings/plugins/hooks?q=zzz").text


def test_conflicts_say_who_and_what_happens(admin, trouble):
    page = admin.get("/settings/plugins/conflicts").text

    assert "Mailbox changed it, then Contact form changed it again" in page
    assert "3 times" in page
    assert "Mailbox and gone both show a box with this title" in page


def test_limits_are_changed_for_all_and_go_back(admin, core):
    now = {
        name: getattr(Limits(), name) for name in ("failures_in_row", "pause_s", "slow_call_s", "request_s", "call_s")
    }
    wrong = admin.post("/settings/plugins/host-limits", {**now, "slow_call_s": "9", "action": "save"})
    assert wrong.status_code == 422
    assert "A call must count as slow before it is stopped." in wrong.text

    admin.post("/settings/plugins/host-limits", {**now, "failures_in_row": "3", "action": "save"})
    page = admin.get("/settings/plugins/host-limits").text
    assert limits_of(core).failures_in_row == 3
    assert 'value="3"' in page
    assert 'value="60"' in page

    admin.post("/settings/plugins/host-limits", {"action": "defaults"})
    assert limits_of(core) == Limits()
    assert "Back to the usual numbers" not in admin.get("/settings/plugins/host-limits").text


def test_accounts_with_one_address_are_told_of(admin, create_account):
    create_account("mailbox", "Help@example.com", "Support")
    create_account("webform", "", "Website")
    create_account("webform", "", "Shop")
    assert "Several accounts have it" not in admin.get("/settings/plugins/conflicts").text

    create_account("mailbox", "help@example.com", "Support too")

    page = admin.get("/settings/plugins/conflicts").text
    assert "The address help@example.com" in page
    assert "may be fetched more than once: Support, Support too." in page
