"""Promises of what pages say about plugins: permissions, servers, a README, a hook's text, changed settings."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import Babel

from app.plugin_api.manifest import PERMISSIONS, Manifest
from app.plugin_host.hooks.shapes import read_specs
from app.plugin_host.hooks.text import hook_text
from app.queries.plugin_page import ChangeFacts
from app.web.plugin_readme import plugin_readme
from app.web.plugin_words import cannot_lines, permission_lines, server_lines
from app.web.setting_history import history_rows


@pytest.fixture(autouse=True)
def page():
    """A request in English."""
    app = Flask(__name__)
    Babel(app, locale_selector=lambda: "en")
    with app.test_request_context():
        yield


def create_manifest(**fields):
    return Manifest("weather", "Weather", "Rain or shine.", "panel", "1.0", (2, 2), **fields)


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_every_permission_has_an_icon_and_says_what_it_means(permission):
    line = permission_lines(create_manifest(permissions=(permission,)))[0]

    assert line.meaning.endswith(".")
    assert line.icon != "shield-alert"
    assert line.text == PERMISSIONS[permission]


def test_what_is_new_is_marked_and_stands_first():
    manifest = create_manifest(permissions=("store", "network"), hosts=("a.example", "b.example"))
    agreed = ["store", "host:a.example"]

    assert [(line.text, line.is_new) for line in permission_lines(manifest, agreed, marks_new=True)] == [
        (PERMISSIONS["network"], True),
        (PERMISSIONS["store"], False),
    ]
    assert [line.is_new for line in server_lines(manifest, agreed, marks_new=True)] == [False, True]
    assert not any(line.is_new for line in permission_lines(manifest))


def test_servers_are_named_in_words_where_a_star_stands():
    names = [line.name for line in server_lines(create_manifest(hosts=("*", "*.example.com", "api.example.com")))]

    assert names == ["any server that you enter in its settings", "all servers of example.com", "api.example.com"]


def test_what_a_plugin_may_do_is_not_among_what_it_cannot():
    assert "send messages to your customers" in cannot_lines(())
    assert "send messages to your customers" not in cannot_lines(["send_messages"])


def test_a_readme_becomes_safe_text_below_the_headings_of_the_page(tmp_path):
    (tmp_path / "README.md").write_text(
        "# Weather\nRain <script>x</script> or [shine](docs/shine.md), see [here](https://weather.example).\n\n"
        "![a picture](https://spy.example/pixel.png)\n## Set up\n[no](javascript:alert(1))\n"
    )
    html = plugin_readme(tmp_path)

    assert "Weather" not in html
    assert "<h3>Set up</h3>" in html
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="docs' not in html
    assert 'href="javascript' not in html
    assert '<a href="https://weather.example" target="_blank" rel="noopener noreferrer nofollow">here</a>' in html


def test_a_plugin_in_one_file_is_described_by_its_first_text(tmp_path):
    file = tmp_path / "tin.py"
    file.write_text('"""Counts tins."""\nraise SystemExit\n')
    assert "<p>Counts tins.</p>" in plugin_readme(file)

    file.write_text("def broken(:\n")
    assert plugin_readme(file) == ""
    assert plugin_readme(tmp_path / "nowhere") == ""
    assert plugin_readme(None) == ""


@pytest.mark.parametrize("spec", read_specs().values(), ids=lambda spec: spec.name)
def test_the_text_of_every_hook_comes_in_parts(spec):
    text = hook_text(spec)

    assert text.about
    assert [name for name, _ in text.arguments] == ["host", *spec.arguments]
    assert text.since.startswith("API ")
    compile(text.example, spec.name, "exec")
    assert not any(mark in text.about + text.details for mark in (":param", "Example"))


def test_a_hook_that_says_nothing_has_an_empty_text():
    assert hook_text(SimpleNamespace(function=lambda host: None)).about == ""


def test_a_history_names_settings_as_the_form_does_and_shows_no_secret():
    at = datetime(2026, 3, 2, tzinfo=UTC)
    rows = history_rows(
        [
            ChangeFacts("units", "metric", True, False, "Ada", at),
            ChangeFacts("api_key", "old", "new", True, "Ada", at),
            ChangeFacts("cities", None, ["Berlin", "x" * 200], False, "", at),
        ],
        {"units": "Units"},
    )

    assert (rows[0].setting, rows[0].before, rows[0].after) == ("Units", "metric", "yes")
    assert (rows[1].setting, rows[1].before, rows[1].after, rows[1].is_secret) == ("api key", "", "", True)
    assert rows[2].before == ""
    assert rows[2].after.startswith("Berlin, xxx")
    assert len(rows[2].after) < 90
