"""Promises of remembered pieces: the same is shown without rendering again, and nothing old is ever shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel
from jinja2 import DictLoader

from app.web import formats
from app.web.contexts import ChannelMark, InboxRow, avatar
from app.web.remembered import KNOWN, install_remembered

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROW = InboxRow(
    number=7,
    contact_name="Ada <b>",
    mark=avatar("Ada"),
    subject="Lamp",
    preview="",
    channel=ChannelMark("Mailbox", "mail", "Support"),
    status="open",
    last_activity_at=NOW - timedelta(minutes=5, seconds=20),
)
TEMPLATES = {
    "inbox/_row.html": "{{ made() }}|{{ row.contact_name }}|{{ row.last_activity_at | brief_time }}{{ '|x' if selectable }}",
    "list.html": "{{ inbox_rows(rows, selectable=selectable) }}",
    "long.html": "{{ made() }}{{ text }}",
    "page.html": "{{ remembered('long.html', text=text) }}",
}


def stand_still(monkeypatch, moment: datetime) -> None:
    """Let pages think that it is this moment."""

    class Still(datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    monkeypatch.setattr("app.web.remembered.datetime", Still)
    monkeypatch.setattr("app.web.formats.datetime", Still)


@pytest.fixture(autouse=True)
def moment(monkeypatch):
    stand_still(monkeypatch, NOW)


@pytest.fixture
def page():
    """Renders a template in a request of its own, in a language; `page.made` counts renderings of pieces."""
    app = Flask(__name__)
    language = {"code": "en"}
    Babel(app, locale_selector=lambda: language["code"])
    app.jinja_loader = DictLoader(TEMPLATES)
    formats.register(app)
    install_remembered(app)

    def render(name: str, code: str = "en", **values: object) -> str:
        language["code"] = code
        with app.test_request_context():
            return app.jinja_env.get_template(name).render(values)

    def made() -> str:
        render.made += 1
        return ""

    render.made, render.app = 0, app
    app.jinja_env.globals["made"] = made
    return render


def test_an_unchanged_row_is_rendered_once_and_stays_escaped(page):
    first, second = page("list.html", rows=[ROW]), page("list.html", rows=[replace(ROW)])

    assert first == second == "|Ada &lt;b&gt;|5 min"
    assert page.made == 1


@pytest.mark.parametrize("change", [{"is_unread": True}, {"contact_name": "Ben"}, {"message_count": 2}])
def test_a_row_that_changed_is_rendered_again(page, change):
    page("list.html", rows=[ROW])
    page("list.html", rows=[replace(ROW, **change)])

    assert page.made == 2


def test_a_row_is_rendered_again_when_its_time_reads_differently(page, monkeypatch):
    page("list.html", rows=[ROW])

    stand_still(monkeypatch, NOW + timedelta(hours=3))

    assert page("list.html", rows=[ROW]) == "|Ada &lt;b&gt;|3 hr"


def test_readers_of_two_languages_and_two_kinds_of_lists_do_not_get_each_others_rows(page):
    plain = page("list.html", rows=[ROW])
    chosen = page("list.html", rows=[ROW], selectable=True)
    page("list.html", "de", rows=[ROW])

    assert chosen == plain + "|x"
    assert page.made == 3


def test_a_very_long_piece_is_not_kept(page):
    page("page.html", text="x" * 20_000)

    assert not page.app.extensions[KNOWN]


def test_a_template_that_was_compiled_anew_is_rendered_again(page):
    page("list.html", rows=[ROW])
    page.app.jinja_env.cache.clear()
    page("list.html", rows=[ROW])

    assert page.made == 2
