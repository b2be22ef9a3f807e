"""Promises about plugins that cannot run: admins hear of each once, until it runs again, however often processes start."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.models import Notice
from app.plugin_host import State
from app.services import notices
from app.services.plugins.news import PluginNews

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def fare(core, monkeypatch):
    """Return a function that says how the plugin "echo" fares from now on."""
    infos = core.plugins.infos()

    def set_state(state, problem=""):
        changed = [replace(one, state=state, problem=problem) if one.name == "echo" else one for one in infos]
        monkeypatch.setattr(type(core.plugins), "infos", lambda self: list(changed))

    return set_state


def open_notices(core):
    core.session.rollback()
    rows = core.session.scalars(select(Notice).where(Notice.closed_at.is_(None)))
    return [(row.subject, row.level, row.times, row.path) for row in rows]


def test_a_plugin_in_quarantine_is_told_once_by_each_process_and_over_when_it_runs(core, fare):
    fare(State.QUARANTINED, "It raised ValueError.")
    news = PluginNews(core)
    for _ in range(3):
        news.look()
    told = ("plugin:echo:quarantined", "error", 1, "/settings/plugins/echo")
    assert open_notices(core) == [told]
    PluginNews(core).look()
    assert open_notices(core) == [(*told[:2], 2, told[3])]

    fare(State.ACTIVE)
    news.look()
    assert open_notices(core) == []


def test_what_was_told_before_a_start_is_over_when_the_plugin_runs_after_it(core, fare):
    fare(State.QUARANTINED, "It raised ValueError.")
    PluginNews(core).look()
    fare(State.ACTIVE)
    PluginNews(core).look()
    assert open_notices(core) == []


def test_a_plugin_that_waits_for_consent_leads_to_the_question(core, fare):
    fare(State.WAITING)
    news = PluginNews(core)
    news.look()
    assert open_notices(core) == [("plugin:echo:waiting", "warning", 1, "/settings/plugins/echo/agree")]
    fare(State.QUARANTINED, "It raised ValueError.")
    news.look()
    assert [subject for subject, *_ in open_notices(core)] == ["plugin:echo:quarantined"]


def test_a_dismissed_quarantine_is_not_told_again_at_the_next_start(core, fare, create_agent):
    fare(State.QUARANTINED, "It raised ValueError.")
    PluginNews(core).look()
    notices.dismiss(core, create_agent(role="admin"), core.session.scalar(select(Notice.id)))
    PluginNews(core).look()
    assert open_notices(core) == []


def test_safe_mode_keeps_what_was_told(core, fare, monkeypatch):
    fare(State.QUARANTINED, "It raised ValueError.")
    news = PluginNews(core)
    news.look()
    monkeypatch.setattr(core.plugins, "is_safe_mode", True)
    fare(State.INACTIVE)
    news.look()
    assert [subject for subject, *_ in open_notices(core)] == ["plugin:echo:quarantined"]
