"""Promises about the theme that the configuration names: the default one stands behind it, and stands in for what of it is broken."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.models import Notice
from app.services import safe_mode
from app.services.core import SYSTEM

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SEARCH = '{% extends "default/search/results.html" %}{% block title %}Lilac{% endblock %}'
BROKEN = {
    "syntax": "{% block content %}",
    "undefined": '{% extends "base.html" %}{% block content %}{{ page.nothing.at_all }}{% endblock %}',
    "arithmetic": '{% extends "base.html" %}{% block content %}{{ 1 / 0 }}{% endblock %}',
    "no such parent": '{% extends "default/nowhere.html" %}',
    "bytes": b"\xff\xfe{{",
}


@pytest.fixture
def theme(tmp_path):
    folder = tmp_path / "lilac" / "templates"
    (folder / "search").mkdir(parents=True)
    (folder / "contacts").mkdir()
    (folder / "search" / "results.html").write_text(SEARCH)
    return folder


@pytest.fixture
def installation(installation, theme):
    return replace(installation, theme=str(theme.parent))


def notices(core):
    core.session.rollback()
    return core.session.execute(select(Notice.subject, Notice.data).where(Notice.closed_at.is_(None))).all()


def test_a_theme_carries_only_what_differs(admin, core):
    assert "<title>Lilac" in admin.get("/search").text
    assert "<title>Contacts" in admin.get("/contacts").text
    assert notices(core) == []


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_template_gives_way_to_the_default_one_and_admins_hear_of_it(admin, core, theme, kind):
    text = BROKEN[kind]
    (theme / "contacts" / "index.html").write_bytes(text if isinstance(text, bytes) else text.encode())

    page = admin.get("/contacts")

    assert page.status_code == 200
    assert "<title>Contacts" in page.text
    assert "<title>Lilac" in admin.get("/search").text, "the rest of the theme stays"
    [(subject, data)] = notices(core)
    assert subject == "theme:lilac:contacts/index.html"
    assert data["reason"]
    assert "The theme lilac failed in contacts/index.html" in admin.get("/settings/notices").text


def test_a_broken_part_of_every_page_gives_way_too(admin, core, theme):
    (theme / "components").mkdir()
    (theme / "components" / "shell.html").write_text("{% macro rail() %}{{ 1 / 0 }}{% endmacro %}")
    admin.app.jinja_env.cache.clear()
    assert admin.get("/contacts").status_code == 200
    assert [subject for subject, _ in notices(core)] == ["theme:lilac:components/shell.html"]


def test_a_mistake_of_ours_is_not_blamed_on_the_theme(admin, core, theme, monkeypatch):
    (theme / "contacts" / "index.html").write_text('{% extends "default/contacts/index.html" %}')

    def fail():
        raise RuntimeError("our own")

    monkeypatch.setattr("app.web.alerts._make_alerts", fail)
    admin.app.config["PROPAGATE_EXCEPTIONS"] = False
    assert admin.get("/contacts").status_code == 500
    monkeypatch.undo()
    assert admin.get("/contacts").status_code == 200
    assert notices(core) == []


def test_in_safe_mode_the_theme_is_the_default_one(admin, core):
    safe_mode.switch_on_safe_mode(core, SYSTEM)
    core.plugins._refresh_at = 0
    assert "<title>Lilac" not in admin.get("/search").text

    admin.post("/settings/safe-mode/leave")
    core.plugins._refresh_at = 0
    assert "<title>Lilac" in admin.get("/search").text
