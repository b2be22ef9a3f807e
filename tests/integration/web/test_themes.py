"""Promises about themes: switched on like any plugin, seen at once, and left out as soon as one of their templates fails."""

from dataclasses import replace

import pytest

from app.scaffold import write_plugin

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LINE = "We answer within a day."


@pytest.fixture
def installation(installation):
    return replace(installation, allow_drop_ins=True)


@pytest.fixture
def theme(installation, core):
    """The theme that `tidings plugin new` writes, switched on."""
    write_plugin("theme", "lilac", installation.home / "plugins")
    core.plugins.rescan()
    core.plugins.activate("lilac")
    return installation.home / "plugins" / "lilac"


def sign_in_page(visitor) -> str:
    answer = visitor.get("/login")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_theme_is_seen_as_soon_as_it_is_on_and_no_longer_than_that(visitor, core, theme):
    page = sign_in_page(visitor)
    assert LINE in page
    assert 'href="/plugins/lilac/theme.css"' in page
    assert visitor.get("/plugins/lilac/theme.css").mimetype == "text/css"
    core.plugins.deactivate("lilac")
    assert LINE not in sign_in_page(visitor)


def test_pages_behind_the_sign_in_have_its_styles(agent, theme):
    page = agent.get("/inbox").get_data(as_text=True)
    assert 'href="/plugins/lilac/theme.css"' in page
    assert page.count("<html") == 1


@pytest.mark.parametrize(
    "broken", ["{% extends 'default/auth/layout.html' %}{% block links %}{{ 1 / 0 }}{% endblock %}", "{% extends"]
)
def test_a_template_that_fails_is_left_out_and_counted_until_it_is_mended(visitor, core, theme, broken):
    page = theme / "theme" / "auth" / "layout.html"
    good = page.read_text()
    page.write_text(broken)
    core.plugins.rescan()
    assert LINE not in sign_in_page(visitor)
    (record,) = [one for one in core.plugins.health_of("lilac") if one.hook == "theme"]
    assert record.failures == 1

    page.write_text(good)
    core.plugins.rescan()
    assert LINE in sign_in_page(visitor)
