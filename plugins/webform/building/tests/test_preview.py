"""The preview: the draft as visitors will meet it, checked like a real post, and never stored."""

import json
from dataclasses import replace
from typing import Any

from forms.definitions import FormDefinition
from plugins.webform.building.tests.factories import Admin, create_admin
from plugins.webform.storing.tests.factories import create_definition

GOOD = {"email": "ada@example.com", "message": "Hello"}


def facts(admin: Admin, query: str = "") -> dict[str, Any]:
    admin.text(f"/forms/1/preview{query}")
    return json.loads(admin.host.page.view.facts_json)


def changed(definition: FormDefinition | None = None) -> Admin:
    admin = create_admin()
    admin.save(definition or create_definition("Draft title"))
    return admin


def test_preview_shows_the_draft_to_our_own_pages_only():
    admin = changed()
    answer = admin.ask("/forms/1/preview")
    assert "Draft title" in answer.get_data(as_text=True)
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self'"


def test_preview_shows_an_older_version():
    admin = changed()
    assert "Write to us" in admin.text("/forms/1/preview?version=1")
    assert admin.ask("/forms/1/preview?version=7").status_code == 404


def test_preview_speaks_the_language_and_theme_that_were_chosen():
    admin = changed(create_definition(languages=("en", "de")))
    admin.text("/forms/1/preview?language=de&theme=dark")
    assert (admin.host.page.language, admin.host.page.theme) == ("de", "dark")
    admin.text("/forms/1/preview?language=ja&theme=pink")
    assert (admin.host.page.language, admin.host.page.theme) == ("en", "auto")


def test_post_of_the_preview_is_thanked_for_and_stored_nowhere():
    admin = changed()
    answer = admin.post("/forms/1/preview", **GOOD)
    assert answer.status_code == 200
    assert "This was a preview: nothing was sent." in admin.host.page.lines
    assert admin.host.received == []


def test_post_of_the_preview_is_checked_like_any_other():
    admin = changed()
    answer = admin.post("/forms/1/preview", email="ada", message="Hello")
    assert answer.status_code == 422
    assert list(admin.host.page.view.form.problems) == ["email"]
    assert admin.host.page.view.form["message"].data == "Hello"


def test_script_of_the_preview_sends_without_a_session():
    admin = changed()
    door = facts(admin)["submit"].removeprefix("/plugins/webform")
    admin.host.signed_in = None
    status, answer = admin.send(door, **GOOD)
    assert (status, answer["ok"], answer["redirect"]) == (200, True, "")
    status, answer = admin.send(door, email="ada")
    assert (status, answer["reason"], set(answer["fields"])) == (422, "invalid", {"email", "message"})
    assert admin.host.received == []


def test_door_of_the_preview_is_for_whom_it_was_made():
    admin = changed()
    door = facts(admin)["submit"].removeprefix("/plugins/webform")
    assert admin.ask(door.replace("/forms/1/", "/forms/2/"), "POST", json=GOOD).status_code == 404
    forged = "/forms/1/preview/forged/submit"
    assert admin.ask(forged, "POST", json=GOOD).status_code == 404
    admin.host.clock.tick(25 * 3600)
    assert admin.ask(door, "POST", json=GOOD).status_code == 404


def test_what_is_typed_into_the_preview_is_kept_apart():
    told = facts(changed())
    assert told["key"] == "preview-1"
    assert told["proof"] is False


def test_page_that_visitors_go_on_to_is_named_and_not_opened():
    admin = changed(create_definition(redirect="https://shop.example/thanks"))
    admin.post("/forms/1/preview", **GOOD)
    assert admin.host.page.lines[0] == "Visitors go on to https://shop.example/thanks."
    assert admin.host.page.go_on_url == ""


def test_paused_form_is_shown_all_the_same():
    admin = create_admin(replace(create_definition(), accent="#8a2be2"))
    admin.host.paused.add(1)
    assert admin.ask("/forms/1/preview").status_code == 200
    assert admin.host.page.look_css.endswith("look.css?accent=8a2be2")
