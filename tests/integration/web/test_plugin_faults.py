"""Promises about plugins that misbehave on pages: it is their own failure, the rest of the page stands, and admins see who it was."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.models import Notice
from tests.integration.web.guest import guest_plugin

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def guest(core, tmp_path):
    core.plugins.dispatcher._raise_errors = False
    core.plugins.health.limits = replace(core.plugins.health.limits, request_s=0.8)
    with guest_plugin(core, tmp_path):
        yield


@pytest.mark.parametrize("page", ["leave", "poison", "deep", "stream", "unclosed", "undefined"])
def test_a_page_that_fails_in_any_way_is_its_own_fault(agent, core, guest, page):
    answer = agent.get(f"/plugins/guest/{page}")

    assert answer.status_code == 500
    assert "The plugin Guest made a mistake" in answer.text
    assert "half of it" not in answer.text
    assert agent.get("/").status_code == 200
    [record] = [one for one in core.plugins.health_of("guest") if one.hook == f"page {page}"]
    assert record.failures == 1


@pytest.mark.parametrize("page", ["hang", "endless"])
def test_a_page_that_hangs_is_ended(agent, core, guest, page):
    answer = agent.get(f"/plugins/guest/{page}")

    assert answer.status_code == 500
    assert "The plugin Guest took too long" in answer.text
    assert agent.get("/").status_code == 200


def test_boxes_that_fail_are_nothing_to_agents_and_a_mark_to_admins(agent, admin, guest):
    seen = agent.get("/dashboard").text
    assert "Rows of the guest" in seen
    assert "Only admins see this" not in seen
    for title in ("Broken", "Another's", "Poisoned", "Endless"):
        assert title not in seen

    page = admin.get("/dashboard").text
    assert "Rows of the guest" in page
    assert page.count("This box of Guest failed. Only admins see this.") == 4
    assert 'href="/settings/plugins/guest"' in page


def test_a_plugin_that_does_not_answer_is_marked_for_admins_now_and_while_it_rests(
    agent, admin, core, guest, conversation
):
    assert "Only admins see this" not in agent.get("/conversations/1").text
    for _ in range(6):
        assert "This box of Guest failed" in admin.get("/conversations/1").text
    assert core.plugins.health.record("guest", "conversation_panels").is_resting


def test_admins_hear_of_a_page_that_fails_again_and_again(agent, core, guest):
    for _ in range(5):
        assert not core.session.scalars(select(Notice.id)).all()
        agent.get("/plugins/guest/broken")
    [notice] = core.session.scalars(select(Notice)).all()
    assert (notice.subject, notice.path, notice.data["count"]) == (
        "plugin:guest:page broken", "/settings/plugins/guest", 5,
    )  # fmt: skip


def test_a_slow_plugin_is_named_at_the_end_of_the_page_for_admins(sign_in, guest):
    patient = sign_in("Patient", role="admin")
    page = patient.get("/dashboard").text
    assert re.search(r"Guest took 1(\.\d)? s on this page", page), (
        "a quarter in the hook, 0.8 s in the box that never ends"
    )
    assert "on this page" not in patient.get("/").text
    assert "on this page" not in sign_in("Quick", role="manager").get("/dashboard").text


def test_files_of_a_plugin_are_served_while_it_runs(visitor, core, guest):
    style = visitor.get("/plugins/guest/static/map.css")
    assert (style.status_code, style.mimetype, style.text) == (200, "text/css", "p { color: red }")
    assert style.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.get("/plugins/guest/static/plain.js").status_code == 200
    for path in ("nowhere.css", "", "../manifest.toml", "%2e%2e/manifest.toml", "guest", "../../web_guest/__init__.py"):
        assert visitor.get(f"/plugins/guest/static/{path}").status_code == 404
    assert visitor.post("/plugins/guest/static/map.css", csrf=False).status_code == 405

    core.plugins.deactivate("guest")
    assert visitor.get("/plugins/guest/static/map.css").status_code == 404


def test_browsers_ask_whether_a_file_of_a_plugin_is_still_the_same(visitor, guest, tmp_path):
    before = visitor.get("/plugins/guest/static/map.css")
    known = {"If-None-Match": before.headers["ETag"]}
    assert before.headers["Cache-Control"] == "no-cache"
    assert visitor.get("/plugins/guest/static/map.css", headers=known).status_code == 304

    [file] = (tmp_path / "web_guest" / "static").rglob("map.css")
    file.write_text("p { color: green; margin: 0 }")
    after = visitor.get("/plugins/guest/static/map.css", headers=known)
    assert (after.status_code, after.text) == (200, "p { color: green; margin: 0 }")


def test_what_an_update_changed_in_templates_is_seen(agent, core, guest, tmp_path):
    assert "<p>page" in agent.get("/plugins/guest/page").text
    page = tmp_path / "web_guest" / "templates" / "guest" / "page.html"
    page.write_text(page.read_text().replace("<p>page", "<p>sheet"))
    core.plugins.deactivate("guest")
    core.plugins.activate("guest")
    assert "<p>sheet" in agent.get("/plugins/guest/page").text


def test_files_that_browsers_show_as_pages_run_nothing(visitor, guest):
    for path in ("page.html", "drawing.svg", "page.xhtml"):
        policy = visitor.get(f"/plugins/guest/static/{path}").headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'; script-src 'self'"), path
        assert policy.endswith("; sandbox"), path
    assert "sandbox" not in visitor.get("/plugins/guest/static/map.css").headers["Content-Security-Policy"]
