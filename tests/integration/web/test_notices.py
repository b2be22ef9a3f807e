"""Promises of notices and safe mode on pages: admins see them everywhere and may end them, nobody else hears of them."""

from dataclasses import replace

import pytest

from app.services import notices, safe_mode
from app.services.core import SYSTEM, writing
from app.services.settings import put_setting

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is asked of the database is in `tests/integration/core/test_notices.py`, on both of them."""

WORDS = "The plugin %(name)s is in quarantine: %(reason)s"


@pytest.fixture
def told(core):
    """Two open notices; gives their ids, the urgent one first."""
    with writing(core) as unit:
        waiting = notices.tell(
            unit, subject="plugin:echo:page index", text="Echo waits for <you>.", path="/settings/plugins"
        )
        broken = notices.tell(
            unit, subject="plugin:weather:page index", text=WORDS, level="error", path="/settings/plugins",
            data={"name": "Weather", "reason": "<b>it</b> hung"},
        )  # fmt: skip
    return broken, waiting


def test_an_admin_sees_the_bell_and_the_most_urgent_notice_on_every_page(admin, told):
    for address in ("/", "/dashboard", "/accounts"):
        page = admin.get(address).text
        assert "2 open notices" in page
        assert "The plugin Weather is in quarantine: &lt;b&gt;it&lt;/b&gt; hung" in page
        assert "Echo waits" not in page


def test_nobody_else_hears_of_notices(sign_in, told):
    manager = sign_in("Lea", role="manager")
    page = manager.get("/").text
    assert 'id="bell"' not in page
    assert "quarantine" not in page
    assert "quarantine" not in manager.get("/settings/notices/alerts").text
    assert manager.get("/settings/notices").status_code == 403
    manager.post(f"/settings/notices/{told[0]}/dismiss")
    assert "2 open notices" in sign_in("Root", role="admin").get("/").text


def test_the_list_shows_open_and_closed_notices_and_dismisses(admin, core, told):
    broken, _ = told
    page = admin.get("/settings/notices").text
    assert page.index("Weather") < page.index("Echo waits for &lt;you&gt;")
    assert "cannot be mailed" in page

    answer = admin.post(f"/settings/notices/{broken}/dismiss", {"back": "/dashboard?x=1"})
    assert answer.location == "/dashboard?x=1"
    assert (
        admin.post(f"/settings/notices/{broken}/dismiss", {"back": "https://evil.example/"}).location
        == "/settings/notices"
    )
    with writing(core) as unit:
        notices.over(unit, "plugin:echo:page index")

    page = admin.get("/settings/notices").text
    assert "Nothing needs you" in page
    assert "dismissed by Root" in page
    assert "cannot be mailed" not in page
    assert admin.post("/settings/notices/99/dismiss").status_code == 303


def test_what_was_closed_long_ago_is_not_shown(admin, core, clock, told):
    with writing(core) as unit:
        notices.over(unit, "plugin:weather:page index")
    clock.advance(days=31)
    assert "Weather" not in admin.get("/settings/notices").text


def test_a_part_that_refreshes_itself_comes_back_to_its_page(admin, told):
    part = admin.get(
        "/settings/notices/alerts",
        headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/contacts?after=2"},
    ).text
    assert 'id="alerts"' in part
    assert 'value="/contacts?after=2"' in part
    assert "<html" not in part


def test_safe_mode_is_told_to_everybody_and_ended_by_admins(admin, agent, core, told):
    safe_mode.switch_on_safe_mode(core, SYSTEM)
    core.plugins._refresh_at = 0
    assert "Only the plugins that came with Tidings run" in agent.get("/").text
    assert "Leave safe mode" not in agent.get("/").text
    agent.post("/settings/safe-mode/leave")
    assert "Leave safe mode" in admin.get("/").text

    assert admin.post("/settings/safe-mode/leave").location == "/settings/plugins"
    core.plugins._refresh_at = 0

    assert "Leave safe mode" not in admin.get("/").text


def test_safe_mode_of_the_deployment_says_how_it_ends(admin, tidings_app, core):
    tidings_app.extensions["tidings"] = replace(core, config=replace(core.config, safe_mode=True))
    core.plugins.is_safe_mode = True
    page = admin.get("/").text
    assert "It ends when Tidings is started without it" in page
    assert "Leave safe mode" not in page


def test_a_notice_speaks_the_language_of_its_reader(admin, core, told):
    with writing(core) as unit:
        put_setting(unit, "language", "de")
    assert admin.get("/settings/notices").status_code == 200
