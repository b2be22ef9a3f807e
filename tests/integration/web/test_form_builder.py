"""Building a form in the running application: made by an admin, kept in tables of the plugin, published, seen by visitors."""

import json
import re

import pytest

from tests.integration.web.visitor import Visitor

FORMS = "/plugins/webform/forms"


def make_form(admin: Visitor, **values: str) -> str:
    """The address of a new form in the builder."""
    admin.get(f"{FORMS}/new")
    answer = admin.post(f"{FORMS}/new", {"template": "contact", "name": "Shop", "language": "en", **values})
    assert answer.status_code == 303
    return str(answer.location)


def send(admin: Visitor, address: str, value: dict[str, object]) -> tuple[int, dict]:
    headers = {"X-CSRFToken": admin.token, "Content-Type": "application/json"}
    answer = admin.post(address, json.dumps(value).encode(), headers=headers)
    return answer.status_code, answer.json


def test_form_is_made_changed_published_and_shown(admin, visitor):
    form = make_form(admin)
    kept = admin.get(f"{form}/draft.json").json
    definition = {**kept["definition"], "title": {"en": "Ask the lamp shop"}}
    status, saved = send(admin, f"{form}/draft", {"revision": kept["revision"], "definition": definition})
    assert status == 200
    assert "Ask the lamp shop" in admin.get(f"{form}/preview").text
    assert send(admin, f"{form}/draft", {"revision": kept["revision"], "definition": definition})[0] == 409

    public = next(part for part in admin.get(FORMS).text.split('"') if "/f/" in part).partition("/plugins")[2]
    assert "Ask the lamp shop" not in visitor.get(f"/plugins{public}").text
    assert send(admin, f"{form}/publish", {"revision": saved["revision"]})[1]["live"]["number"] == 2
    assert "Ask the lamp shop" in visitor.get(f"/plugins{public}").text
    assert "Published a form" in admin.get("/audit").text
    assert "Version 2" in admin.get(f"{form}/versions").text


def test_preview_stands_in_our_own_frames_only(admin):
    answer = admin.get(f"{make_form(admin)}/preview")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers


def test_builder_is_for_admins(admin, agent, visitor):
    form = make_form(admin)
    for address in (FORMS, f"{FORMS}/new", form, f"{form}/draft.json", f"{form}/preview", f"{form}/export"):
        assert agent.get(address).status_code == 403, address
        assert visitor.get(address).status_code == 302, address
    assert FORMS in admin.get("/").text
    assert FORMS not in agent.get("/").text


def test_draft_without_the_token_of_the_page_is_refused(admin):
    form = make_form(admin)
    body = json.dumps({"revision": 0, "definition": {}}).encode()
    refused = admin.post(f"{form}/draft", body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 400


@pytest.mark.parametrize("part", ["", "/share", "/test", "/versions"])
def test_every_page_of_a_form_has_the_same_tabs_and_marks_its_own(admin, part):
    form = make_form(admin)
    tabs = re.search(r'<nav class="tabs[^>]*form-tabs".*?</nav>', admin.get(f"{form}{part}").text, re.DOTALL)[0]
    links = re.findall(r'<a href="[^"]*(/forms/\d+)([^"]*)"( aria-current="page")?>([^<]+)</a>', tabs)

    assert [(path, label) for _, path, _, label in links] == [
        ("", "Build"), ("/share", "Share"), ("/test", "Test"), ("/versions", "Versions"),
    ]  # fmt: skip
    assert [path for _, path, current, _ in links if current] == [part]


def test_who_changes_where_a_form_may_stand_is_led_to_that_setting(admin):
    form = make_form(admin)
    link = re.search(
        r'<a class="button small" href="(/accounts/[^"]+)"[^>]*>.*?Change</a>', admin.get(f"{form}/share").text
    )[1]
    settings, plain = admin.get(link).text, admin.get(link.partition("?")[0]).text

    assert re.findall(r"<(?:textarea|input|select)[^>]* autofocus[^>]* name=\"(\w+)\"", settings) == ["allowed_origins"]
    assert '<details class="advanced" open>' in settings
    assert '<details class="advanced">' in plain
    assert "autofocus" not in plain
    assert admin.get(link.partition("=")[0] + "=nothing").status_code == 200
