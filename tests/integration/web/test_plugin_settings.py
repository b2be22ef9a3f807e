"""Promises of a plugin's settings page: made from its form, saved with a history, refused with a sentence beside the field."""

import re

import pytest

from app.services.plugins.settings import stored_settings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = "/settings/plugins/webform/settings"


def test_what_is_saved_is_shown_again_and_remembered(admin, core):
    assert "Blocked words" in admin.get(PAGE).text
    assert admin.post(PAGE, {"blocked_words": "casino", "blocked_senders": "", "free_links": "2"}).status_code == 303
    page = admin.get(PAGE).text
    assert re.search(r'name="blocked_words"[^>]*>\s*casino</textarea>', page)
    assert "<strong>Links that are fine</strong>" in page.replace("\n", "")
    about = admin.get("/settings/plugins/webform").text.partition("Changed settings")[2]
    assert "<strong>Links that are fine</strong>" in about.replace("\n", "")
    core.session.rollback()
    assert stored_settings(core, "webform").values == {
        "blocked_words": "casino",
        "blocked_senders": "",
        "fine_words": None,
        "free_links": 2,
    }


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"blocked_senders": "not a sender", "free_links": "2"}, "is neither a mail address nor a domain"),
        ({"free_links": "99"}, "between 0 and 50"),
        ({"free_links": "2", "colour": "red"}, "There is no setting of this name."),
    ],
)
def test_what_cannot_be_accepted_is_refused_beside_the_field(admin, core, typed, sentence):
    admin.get(PAGE)
    answer = admin.post(PAGE, typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    core.session.rollback()
    assert stored_settings(core, "webform").values == {}


def test_only_admins_see_it_and_only_where_there_are_some(admin, agent):
    assert agent.get(PAGE).status_code == 403
    assert admin.get("/settings/plugins/echo/settings").status_code == 404
