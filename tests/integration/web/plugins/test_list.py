"""Promises of the list of plugins and of agreeing to what one asks for."""

import re

import pytest

from tests.integration.web.guest import guest_plugin


@pytest.fixture
def guest(core, tmp_path):
    """A plugin from elsewhere that is switched on."""
    with guest_plugin(core, tmp_path):
        yield


def fields_of(page, action):
    """The hidden fields of the form that posts to an address."""
    form = page[page.index(f'action="{action}"') :].split("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_each_plugin_says_what_it_is_and_where_it_came_from(admin, guest):
    page = admin.get("/settings/plugins").text

    for words in ("Mailbox", "Pages for tests.", "came with Tidings", "installed package", "Version 1.0"):
        assert words in page
    assert "Uploading plugins is switched off" in page


def test_tabs_choose_what_is_shown(admin, core, guest):
    core.plugins.deactivate("guest")

    assert 'id="plugin-guest"' not in admin.get("/settings/plugins?show=on").text
    assert 'id="plugin-guest"' in admin.get("/settings/plugins?show=off").text
    assert "No plugin needs your attention." in admin.get("/settings/plugins?show=attention").text


def test_switching_off_offers_to_switch_on_again(admin, core, guest):
    admin.post("/settings/plugins/guest/off")
    page = admin.get("/settings/plugins").text

    assert "Guest is switched off." in page
    assert 'action="/settings/plugins/guest/on"' in page
    assert "guest" not in core.plugins.routes._pages


def test_a_plugin_of_others_runs_only_after_its_owner_has_agreed(admin, core, guest):
    core.plugins.deactivate("guest")
    asked = admin.get("/settings/plugins/guest/agree").text
    assert "Guest asks to …" in asked
    assert "Show pages to people who are not signed in" in asked
    assert "send messages to your customers" in asked

    admin.post("/settings/plugins/guest/agree", fields_of(asked, "/settings/plugins/guest/agree"))

    assert admin.get("/plugins/guest/hello/x").status_code == 200
    assert "Switched on" in admin.get("/audit").text


def test_nobody_agrees_to_what_they_have_not_read(admin, core, guest):
    core.plugins.deactivate("guest")

    answer = admin.post("/settings/plugins/guest/agree", {"version": "1.0", "asks": "public_routes"})

    assert answer.location.endswith("/settings/plugins/guest/agree")
    assert "was changed meanwhile" in admin.get(answer.location).text
    assert admin.get("/plugins/guest/hello/x").status_code == 404
