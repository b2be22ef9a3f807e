"""Promises to plugins about the rest of the installation: short addresses, visits to their own pages, what admins are told, languages."""

import json
import sys
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from app.models import AuditEntry, Notice, ShortAddress, Team
from app.plugin_api.errors import Temporary
from app.services.core import writing
from app.services.plugins.backend import DONE
from app.services.plugins.data import throw_away_data
from app.services.settings import put_setting
from tests.integration.web.guest import guest_plugin


@pytest.fixture
def host(core, tmp_path):
    """The host of the plugin "guest"."""
    with guest_plugin(core, tmp_path):
        yield sys.modules["web_guest"].HOST


def test_a_short_address_leads_to_a_page_while_its_plugin_runs(visitor, core, host):
    assert host.short_address("hallo", "/open?by=poster") == core.config.address + "/s/hallo"

    led = visitor.get("/s/hallo")
    assert (led.status_code, led.location) == (302, "/plugins/guest/open?by=poster")
    assert visitor.get("/s/HALLO?lang=de").location == "/plugins/guest/open?by=poster&lang=de"
    assert visitor.get("/s/nobody").status_code == 404

    core.plugins.deactivate("guest")
    assert visitor.get("/s/hallo").status_code == 404


@pytest.mark.parametrize("word", ["%00", "a%00", "%ED%A0%80", "x" * 3_000])
def test_what_no_database_takes_leads_nowhere(core, visitor, word):
    core.plugins.start()
    assert visitor.get("/plugins/webform/embed.js").status_code == 200
    assert visitor.get(f"/plugins/webform/f/{word}").status_code == 404
    assert visitor.get(f"/s/{word}").status_code == 404


def test_a_word_leads_to_one_page(host, core):
    host.short_address("hallo", "/open")
    host.short_address("hallo", "/open")
    with pytest.raises(ValueError, match="'hallo' is taken"):
        host.short_address("hallo", "/framed")
    host.drop_short_address("hallo")

    host.short_address("hallo", "/framed")

    assert [one.path for one in core.session.scalars(select(ShortAddress))] == ["/framed"]


@pytest.mark.parametrize("word", ["", "-a", "a-", "Hallo", "a b", "a/b", "ä", "x" * 61, None])
def test_what_is_no_word_is_refused(host, word):
    with pytest.raises(ValueError, match="is no word"):
        host.short_address(word, "/open")


def test_short_addresses_go_with_the_plugin(host, core, visitor):
    host.short_address("hallo", "/open")
    core.plugins.deactivate("guest")
    throw_away_data(core, "guest")

    assert core.session.scalars(select(ShortAddress)).all() == []


def test_a_plugin_visits_its_own_page_as_nobody_in_particular(host, core, admin):
    got = host.visit(
        "/parcel?lang=de",
        "POST",
        data={"word": ["one", "two"]},
        files=[("papers", "a.txt", "text/plain", b"A"), ("papers", "b.txt", "text/plain", b"B")],
        headers={"Accept-Language": "fr"},
    )

    assert got.status == 200
    assert got.headers["content-type"] == "application/json"
    told = json.loads(got.text)
    assert told["words"] == ["one", "two"]
    assert told["files"] == [["a.txt", "text/plain", "A"], ["b.txt", "text/plain", "B"]]
    assert (told["cookies"], told["viewer"], told["language"]) == ({}, None, "de")
    assert told["asked"] == f"{core.config.address}/plugins/guest/parcel?lang=de"


def test_a_visit_follows_no_redirect_and_meets_the_same_doors_as_anybody(host, visitor):
    assert (host.visit("/away").status, host.visit("/away").headers["Location"]) == (303, "/elsewhere")
    assert host.visit("/hello/Ada").headers["location"].startswith("/login")
    assert host.visit("/nowhere").status == 404


def test_a_process_without_pages_asks_over_http(host, core, visitor, tidings_app, monkeypatch):
    server = make_server("127.0.0.1", 0, tidings_app, threaded=True)
    object.__setattr__(core, "config", replace(core.config, port=server.server_port))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with monkeypatch.context() as patch:
            patch.delitem(tidings_app.extensions, DONE)
            got = host.visit("/parcel", "POST", data={"word": "one"}, files=[("papers", "a.txt", "text/plain", b"A")])
    finally:
        server.shutdown()
        server.server_close()

    told = json.loads(got.text)
    assert (got.status, told["words"], told["files"]) == (200, ["one"], [["a.txt", "text/plain", "A"]])


def test_a_process_without_pages_says_when_nobody_answers(host, core, tidings_app, monkeypatch):
    object.__setattr__(core, "config", replace(core.config, port=1))
    monkeypatch.delitem(tidings_app.extensions, DONE)

    with pytest.raises(Temporary, match="Nobody answered"):
        host.visit("/parcel")


def test_what_an_admin_did_on_a_page_of_a_plugin_stands_in_the_audit_log(host, core, admin):
    host.note_change("Published a form", "Orders", version=3, secret_free=True, note=None)

    entry = core.session.scalars(select(AuditEntry).where(AuditEntry.action == "plugin.noted")).one()
    assert (entry.agent_id, entry.subject) == (None, "Orders")
    page = admin.get("/audit?area=plugin").text
    assert "Published a form (3, True)" in page
    assert "Orders" in page


def test_a_notice_of_a_plugin_is_told_counted_and_over(host, core, admin):
    for name in ("Orders", "Returns"):
        host.tell("test-7", "The form %(name)s does not reach the inbox.", data={"name": name}, path="/open")
    notice = core.session.scalars(select(Notice)).one()
    assert (notice.subject, notice.times, notice.path) == ("plugin:guest:own:test-7", 2, "/plugins/guest/open")
    assert "The form Returns does not reach the inbox." in admin.get("/").text

    host.over("test-7")

    assert "does not reach the inbox" not in admin.get("/").text
    with pytest.raises(ValueError, match="error"):
        host.tell("x", "Hm.", level="alarm")


def test_outside_of_requests_the_language_is_the_businesss(host, core):
    assert host.language == "en"
    with writing(core) as unit:
        put_setting(unit, "language", "pt_BR")
    assert host.language == "pt-BR"


def test_teams_are_told_by_name(core):
    with writing(core) as unit:
        unit.session.add_all([Team(name="night"), Team(name="Day")])

    assert [name for _, name in core.plugins._backend.teams()] == ["Day", "night"]
