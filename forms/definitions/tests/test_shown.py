"""What a page is told about the fields that it shows."""

import pytest

from forms.definitions import build_form
from forms.definitions.tests.factories import create_definition, create_field


def shown(**more):
    (step,) = build_form(create_definition(create_field(**more), create_field("other")), "de").shown_steps
    return step.fields[0]


def test_a_field_that_must_be_answered_brings_the_sentence_for_an_empty_one():
    assert shown(is_required=True).needed == "Please fill in this field."
    assert shown(is_required=True, becomes="name").needed == "Please tell us your name."
    assert shown(is_required=True, kind="choices").needed == "Please choose at least one of these."


@pytest.mark.parametrize("kind", ["text", "heading", "consent"])
def test_a_field_that_may_stay_empty_brings_none(kind):
    assert shown(kind=kind).needed == ""


def test_a_browser_is_told_the_pattern_and_what_to_say_about_it():
    field = shown(pattern="[0-9]{4}", pattern_hint={"en": "Four figures", "de": "Vier Ziffern"}).field
    assert field.render_kw["pattern"] == "[0-9]{4}"
    assert field.render_kw["title"] == "Vier Ziffern"


def test_where_files_are_asked_for_without_a_word_their_limits_are_said():
    assert shown(kind="file", max_files=3, max_megabytes=8).help == "At most 3 files, together 8 MB."
    assert shown(kind="file", max_files=1, max_megabytes=8).help == "One file of at most 8 MB."
    assert shown(kind="file", help={"en": "A photo of the label"}).help == "A photo of the label"
