"""The builder's JSON: what is typed is kept, what is wrong is named by its place, nobody's work is overwritten unseen."""

import json

import pytest

from forms.definitions import Routing, write_definition
from plugins.webform.building.tests.factories import create_admin
from plugins.webform.storing.tests.factories import create_definition
from plugins.webform.storing.versions import current, draft


def test_builder_page_begins_with_the_draft_and_what_can_be_chosen():
    admin = create_admin(create_definition(routing=Routing(tags=("web",))))
    admin.host.known_teams = [(4, "Support")]
    assert admin.ask("/forms/1").status_code == 200
    page = admin.host.page
    assert page.draft == json.loads(admin.ask("/forms/1/draft.json").data)
    assert (page.title, page.is_open, page.teams, page.tags) == ("Shop", True, ((4, "Support"),), ("web",))
    assert "Europe/Athens" in page.zones
    assert ("el", "Ελληνικά") in page.languages


def test_builder_page_of_a_form_that_is_not_there_is_not_found():
    assert create_admin().ask("/forms/2").status_code == 404
    assert create_admin().ask("/forms/2/draft.json").status_code == 404


def test_draft_is_kept():
    admin = create_admin()
    revision = admin.save(create_definition("New"))
    kept = json.loads(admin.ask("/forms/1/draft.json").data)
    assert kept["revision"] == revision
    assert kept["definition"] == write_definition(create_definition("New"))
    assert kept["live"]["definition"] == write_definition(create_definition())


def test_draft_that_cannot_be_used_is_refused_with_every_place():
    admin = create_admin()
    wrong = write_definition(create_definition())
    wrong["steps"][0]["fields"][0]["width"] = "huge"
    wrong["accent"] = "reddish"
    status, answer = admin.send("/forms/1/draft", revision=0, definition=wrong)
    assert status == 422
    assert {one["path"] for one in answer["problems"]} == {"steps[0].fields[0].width", "accent"}
    assert all(one["sentence"] for one in answer["problems"])
    assert not draft(admin.host, admin.host.account(1)).is_changed


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"definition": 7}', b"[" * 100_000])
def test_what_is_no_definition_is_refused(body):
    answer = create_admin().ask("/forms/1/draft", "POST", data=body, content_type="application/json")
    assert answer.status_code == 422


def test_draft_that_somebody_else_changed_is_shown_instead_of_overwritten():
    admin = create_admin()
    admin.save(create_definition("Ada's"))
    admin.name = "Ben"
    status, answer = admin.send("/forms/1/draft", revision=0, definition=write_definition(create_definition("Ben's")))
    assert status == 409
    assert answer["changed_by"] == "Ada"
    assert answer["definition"] == write_definition(create_definition("Ada's"))
    admin.save(create_definition("Ben's"), answer["revision"])
    assert draft(admin.host, admin.host.account(1)).definition == create_definition("Ben's")


def test_publishing_puts_the_draft_on_the_web_and_says_so_in_the_audit_log():
    admin = create_admin()
    revision = admin.save(create_definition("New"))
    status, answer = admin.send("/forms/1/publish", revision=revision)
    assert (status, answer["live"]["number"], answer["live"]["made_by"]) == (200, 2, "Ada")
    assert current(admin.host, admin.host.account(1)).definition == create_definition("New")
    assert admin.host.changes == [("Published a form", "Shop", {"version": 2})]
    assert admin.save(create_definition("Newer"), answer["revision"]) > answer["revision"]


def test_publishing_nothing_new_is_no_version():
    admin = create_admin()
    status, answer = admin.send("/forms/1/publish", revision=0)
    assert (status, answer["live"]["number"]) == (200, 1)
    assert admin.host.changes == []


def test_publishing_what_somebody_else_changed_is_refused():
    admin = create_admin()
    seen = admin.save(create_definition("Seen"))
    admin.save(create_definition("Unseen"), seen)
    status, _ = admin.send("/forms/1/publish", revision=seen)
    assert status == 409
    assert current(admin.host, admin.host.account(1)).number == 1


def test_discarding_answers_with_what_is_published():
    admin = create_admin()
    admin.save(create_definition("New"))
    status, answer = admin.send("/forms/1/discard")
    assert (status, answer["definition"]) == (200, write_definition(create_definition()))


def test_discarding_what_somebody_else_changed_is_refused():
    admin = create_admin()
    seen = admin.save(create_definition("Seen"))
    admin.save(create_definition("Unseen"), seen)
    assert admin.send("/forms/1/discard", revision=seen)[0] == 409
