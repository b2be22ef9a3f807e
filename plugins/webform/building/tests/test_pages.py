"""The pages around the builder: all forms, new ones, their history."""

import pytest

from forms.definitions import make_template, read_definition, write_definition
from plugins.webform.building.difference import Change
from plugins.webform.building.languages import LANGUAGE_NAMES
from plugins.webform.building.tests.factories import create_admin
from plugins.webform.keys import key_of
from plugins.webform.storing.tests.factories import create_definition
from plugins.webform.storing.versions import current, draft, save_draft


def test_list_shows_every_form_with_its_state():
    admin = create_admin()
    admin.save(create_definition("New"))
    admin.host.paused.add(1)
    text = admin.text("/forms")
    (card,) = admin.host.page.cards
    assert (card.name, card.number, card.is_open, card.has_changes) == ("Shop", 1, False, True)
    assert card.url.endswith(f"/f/{key_of(admin.host, 1)}")
    assert "Paused" in text
    assert "Unpublished changes" in text


def test_list_without_forms_invites():
    admin = create_admin()
    admin.host._accounts.clear()
    assert "Make the first form" in admin.text("/forms")


def test_gallery_shows_each_template_with_its_picture():
    admin = create_admin()
    text = admin.text("/forms/new")
    names = [card.name for card in admin.host.page.cards]
    assert names == ["contact", "support", "bug_report", "feedback", "callback", "job_application"]
    assert text.count('<svg class="form-picture"') == 6
    assert all(card.title and card.summary for card in admin.host.page.cards)


def test_gallery_speaks_the_language_of_whoever_looks():
    admin = create_admin()
    admin.host.language = "de-AT"
    admin.text("/forms/new")
    assert admin.host.page.language == "de"


def test_form_is_made_of_a_template_in_its_languages():
    admin = create_admin()
    answer = admin.post("/forms/new", template="support", name=" After  sales ", language="el", others=["en", "el"])
    assert answer.location == "/plugins/webform/forms/2"
    account = admin.host.account(2)
    made = current(admin.host, account)
    assert (account.name, made.number, made.made_by) == ("After sales", 1, "Ada")
    assert made.definition.languages == ("el", "en")
    assert key_of(admin.host, 2)


def test_form_without_a_name_is_called_like_its_template():
    admin = create_admin()
    admin.post("/forms/new", template="feedback", language="en")
    assert admin.host.account(2).name == "Feedback"


def test_template_that_is_none_changes_nothing_and_keeps_what_was_typed():
    admin = create_admin()
    assert admin.post("/forms/new", template="nonsense", name="Mine", language="de").status_code == 200
    assert (admin.host.page.name, admin.host.page.language) == ("Mine", "de")
    assert admin.host.page.problem
    assert admin.host.account(2) is None


def test_copy_begins_with_the_draft_and_the_settings():
    admin = create_admin(posts_per_hour=3)
    admin.save(create_definition("New"))
    assert admin.post("/forms/1/duplicate").location == "/plugins/webform/forms/2"
    account = admin.host.account(2)
    assert (account.name, account.settings) == ("Shop (copy)", {"posts_per_hour": 3})
    assert current(admin.host, account).definition == create_definition("New")


def test_history_says_what_each_version_changed():
    admin = create_admin()
    admin.send("/forms/1/publish", revision=admin.save(create_definition("Second")))
    admin.save(create_definition("Third"), draft(admin.host, admin.host.account(1)).revision)
    text = admin.text("/forms/1/versions")
    work, second, first = admin.host.page.rows
    assert (work.number, work.is_live, second.number, second.is_live) == (0, False, 2, True)
    assert first.is_first
    assert isinstance(second.changes[0], Change)
    assert "Second" in text
    assert "Third" in text


def test_older_version_becomes_the_draft():
    admin = create_admin()
    admin.send("/forms/1/publish", revision=admin.save(create_definition("Second")))
    admin.text("/forms/1/versions")
    answer = admin.post("/forms/1/versions/1/restore", revision=admin.host.page.revision)
    assert answer.location == "/plugins/webform/forms/1"
    assert draft(admin.host, admin.host.account(1)).definition == create_definition()
    assert current(admin.host, admin.host.account(1)).definition == create_definition("Second")


def test_older_version_does_not_take_the_place_of_a_draft_nobody_saw():
    admin = create_admin()
    admin.send("/forms/1/publish", revision=admin.save(create_definition("Second")))
    admin.text("/forms/1/versions")
    seen = admin.host.page.revision
    save_draft(admin.host, admin.host.account(1), create_definition("Ben's"), revision=seen, by="Ben")
    answer = admin.post("/forms/1/versions/1/restore", revision=seen)
    assert "Ben changed the draft meanwhile" in answer.get_data(as_text=True)
    assert draft(admin.host, admin.host.account(1)).definition == create_definition("Ben's")


def test_version_that_never_was_is_not_found():
    assert create_admin().post("/forms/1/versions/9/restore", revision=0).status_code == 404


def test_draft_is_discarded_from_its_history():
    admin = create_admin()
    revision = admin.save(create_definition("New"))
    assert admin.post("/forms/1/versions/discard", revision=revision).location == "/plugins/webform/forms/1/versions"
    assert not draft(admin.host, admin.host.account(1)).is_changed


def test_long_history_goes_on_with_a_click():
    admin = create_admin()
    revision = 0
    for number in range(24):
        revision = admin.save(create_definition(f"Version {number}"), revision)
        revision = admin.send("/forms/1/publish", revision=revision)[1]["revision"]
    text = admin.text("/forms/1/versions")
    assert [row.number for row in admin.host.page.rows] == list(range(25, 5, -1))
    assert f"?before={admin.host.page.older}" in text
    admin.text(f"/forms/1/versions?before={admin.host.page.older}")
    assert [row.number for row in admin.host.page.rows] == [5, 4, 3, 2, 1]
    assert admin.host.page.rows[-1].is_first


@pytest.mark.parametrize("code", LANGUAGE_NAMES)
def test_every_language_that_is_offered_can_be_used(code):
    definition = make_template("contact", (code,), lambda text, language: text)
    assert read_definition(write_definition(definition)).languages == (code,)
