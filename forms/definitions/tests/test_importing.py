"""What becomes of forms of Contact Form 7 and of Gravity Forms, and what the remarks say of the rest."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from forms.definitions import (
    Becomes,
    DefinitionError,
    Imported,
    Kind,
    build_form,
    import_contact_form_7,
    import_gravity,
    read_definition,
    write_definition,
)
from forms.definitions.limits import MAX_FIELDS, MAX_STEPS

FIXTURES = Path(__file__).parent / "fixtures"
BAKERY = (FIXTURES / "contact_form_7__bakery.txt").read_text()
EXPORT = (FIXTURES / "wordpress__three_forms.xml").read_text()
BOOKING = (FIXTURES / "gravity_forms__two_forms.json").read_text()


@pytest.fixture(scope="module")
def bakery() -> Imported:
    return import_contact_form_7(BAKERY)[0]


@pytest.fixture(scope="module")
def booking() -> Imported:
    return import_gravity(BOOKING)[0]


def label_of(found: Imported, field_id: str) -> str:
    field = found.definition.field_named(field_id)
    assert field is not None, [one.id for one in found.definition.fields]
    return next(iter(field.label.values()))


def create_gravity(*fields: dict[str, Any], **more: Any) -> Imported:
    numbered = [{"id": number, "label": f"Field {number}", **field} for number, field in enumerate(fields, 1)]
    (found,) = import_gravity(json.dumps({"title": "Form", "fields": numbered} | more))
    return found


@pytest.mark.parametrize(
    "found", [*import_contact_form_7(BAKERY), *import_contact_form_7(EXPORT), *import_gravity(BOOKING)]
)
def test_an_imported_form_is_a_definition_that_can_be_shown(found):
    assert read_definition(write_definition(found.definition)) == found.definition
    assert build_form(found.definition, "en").shown_steps[0].fields


def test_contact_form_7_fields_get_the_words_beside_them_as_labels(bakery):
    labels = {one.id: label_of(bakery, one.id) for one in bakery.definition.fields}
    assert labels["name"] == "Your name"
    assert labels["email"] == "Your email"
    assert labels["tel"] == "Phone"
    assert labels["guests"] == "Guests"
    assert labels["message"] == "What shall we write on it?"
    assert labels["terms"] == "I agree to the terms."
    assert [label for label in labels.values() if "Order a cake" in label or "bake" in label or "Thank" in label] == [
        "Order a cake",
        "We bake from Tuesday to Saturday.",
        "Thank you!",
    ]


def test_contact_form_7_fields_keep_kind_bounds_and_what_is_required(bakery):
    named = {one.id: one for one in bakery.definition.fields}
    kinds = [
        (one, named[one].kind)
        for one in ("name", "email", "tel", "guests", "collected_on", "shop", "extras", "picture", "terms")
    ]
    assert [kind for _, kind in kinds] == [
        "text", "email", "phone", "number", "date", "choice", "choices", "file", "consent",
    ]  # fmt: skip
    assert [one for one, _ in kinds if named[one].is_required] == [
        "name",
        "email",
        "guests",
        "collected_on",
        "shop",
        "terms",
    ]
    assert (named["guests"].minimum, named["guests"].maximum, named["guests"].default) == ("2", "60", "8")
    assert (named["collected_on"].minimum, named["collected_on"].maximum) == ("today+2", "2030-12-31")
    assert (named["message"].maximum, named["message"].becomes) == ("500", Becomes.MESSAGE)
    assert (named["picture"].max_megabytes, named["picture"].accepts, named["picture"].max_files) == (
        2,
        ("image", "pdf"),
        1,
    )
    assert named["size"].default == "Large"
    assert named["campaign"].parameter == "campaign"
    assert named["email"].placeholder == {"en": "you@example.com"}
    assert not named["news"].is_required
    assert bakery.definition.send_label == {"en": "Order now"}


def test_contact_form_7_addresses_behind_answers_stay_hidden(bakery):
    assert "harbour@example.com" not in json.dumps(write_definition(bakery.definition))
    assert any("Shop" in remark and "team" in remark for remark in bakery.remarks)


@pytest.mark.parametrize("word", ["Only one", "dwg", "spam", "customer", "robot", "calendar"])
def test_contact_form_7_import_says_what_could_not_be_taken_over(bakery, word):
    assert any(word in remark for remark in bakery.remarks)


def test_contact_form_7_template_may_have_labels_behind_and_none_at_all():
    (found,) = import_contact_form_7('<label>[checkbox* news "Yes"] News</label> [date day-of-birth] [text* 42]')
    assert [label_of(found, one.id) for one in found.definition.fields] == ["News", "Day of birth", "42"]
    assert [one.id for one in found.definition.fields] == ["news", "day_of_birth", "field_42"]


def test_wordpress_export_gives_each_form_with_its_language_and_thanks():
    found = import_contact_form_7(EXPORT, "fr")
    assert [(one.title, one.definition.languages) for one in found] == [("Kontakt", ("de",)), ("Newsletter", ("fr",))]
    assert found[0].definition.thanks == {"de": "Danke; wir schreiben bald zurück."}
    assert [one.id for one in found[0].definition.fields] == ["name", "email", "subject", "message"]
    assert label_of(found[0], "name") == "Ihr Name"


BOMB = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel>&b;</channel></rss>'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "<p>No [tags/] here</p>",
        "<?xml",
        "<rss><channel></channel></rss>",
        BOMB,
        "\x00",
        "[" * 5_000,
        "<" * 5_000,
    ],
)
def test_contact_form_7_import_refuses_what_is_no_form(text):
    with pytest.raises(DefinitionError) as caught:
        import_contact_form_7(text)
    assert caught.value.problems[0].sentence


def test_gravity_pages_become_steps_with_their_titles_and_conditions(booking):
    first, second = booking.definition.steps
    assert (first.title, second.title) == ({"en": "You and your stay"}, {"en": "The hut"})
    assert second.show_if is not None
    assert [(rule.field_id, rule.value) for rule in second.show_if.rules] == [("room", "hut")]


def test_gravity_names_and_addresses_become_a_field_for_each_part(booking):
    names = [one for one in booking.definition.fields if one.becomes is Becomes.NAME]
    assert [label_of(booking, one.id) for one in names] == ["Name (Prefix)", "Name (First)", "Name (Family name)"]
    assert [one.is_required for one in names] == [False, True, True]
    address = [one for one in booking.definition.fields if one.id.startswith("address")]
    assert [one.is_required for one in address] == [True, False, True, True, True]


@pytest.mark.parametrize(
    ("field_id", "match", "rules"),
    [
        ("about_the_dog", "all", [("extras", "is", "dog")]),
        ("names_of_the_guests", "any", [("guests", "more_than", "1"), ("room", "is_not", "single")]),
        ("number_plate", "any", [("arrival_by", "is", "car")]),
        ("arrival_by_other", "all", [("arrival_by", "is", "gf_other_choice")]),
        ("why", "all", [("i_agree_to_the_privacy_policy", "is_filled", "")]),
    ],
)
def test_gravity_conditions_become_ours_also_those_that_hide(booking, field_id, match, rules):
    condition = booking.definition.field_named(field_id).show_if
    assert condition.match == match
    assert [(rule.field_id, rule.test, rule.value) for rule in condition.rules] == rules


def test_gravity_types_become_our_kinds(booking):
    kinds = {one.id: one.kind for one in booking.definition.fields}
    assert kinds["how_did_you_like_our_page"] is Kind.RATING
    assert (kinds["beds"], kinds["food"]) == (Kind.CHOICE, Kind.CHOICE)
    assert (kinds["children"], kinds["papers"], kinds["languages"]) == (Kind.LONG_TEXT, Kind.FILE, Kind.CHOICES)
    assert (kinds["your_stay"], kinds["note"], kinds["campaign"]) == (Kind.HEADING, Kind.PARAGRAPH, Kind.HIDDEN)


@pytest.mark.parametrize(
    "word",
    [
        "Email",
        "Lost condition",
        "Looks ahead",
        "Children",
        "spam",
        "Deposit",
        "99-999",
        "mails",
        "confirmations",
        "places",
    ],
)
def test_gravity_import_says_what_could_not_be_taken_over(booking, word):
    assert any(word in remark for remark in booking.remarks)


def test_gravity_confirmation_may_lead_to_another_page():
    found = import_gravity(BOOKING)[1]
    assert found.definition.redirect == "https://example.com/thanks"
    assert any("e-mail" in remark for remark in found.remarks)


def test_gravity_section_hides_all_fields_up_to_the_next():
    logic = {"actionType": "show", "logicType": "all", "rules": [{"fieldId": "1", "operator": "is", "value": "yes"}]}
    found = create_gravity(
        {"type": "text"},
        {"type": "section", "conditionalLogic": logic},
        {"type": "text"},
        {"type": "text", "conditionalLogic": logic},
        {"type": "section"},
        {"type": "text"},
    )
    counts = [len(one.show_if.rules) if one.show_if else 0 for one in found.definition.fields]
    assert counts == [0, 1, 1, 2, 0, 0]


def test_gravity_import_leaves_out_a_setting_that_cannot_be_and_keeps_the_field():
    found = create_gravity(
        {"type": "number", "rangeMin": "many", "rangeMax": "3"}, {"type": "text", "maxLength": "99999"}
    )
    assert [(one.minimum, one.maximum) for one in found.definition.fields] == [("", "3"), ("", "")]
    assert len([remark for remark in found.remarks if "setting was left out" in remark]) == 2


def test_gravity_import_keeps_as_much_of_a_huge_form_as_a_form_may_have():
    pages = [{"type": kind} for _ in range(MAX_STEPS + 5) for kind in ("page", "text", "text", "text", "text", "text")]
    found = create_gravity(*pages)
    assert len(found.definition.steps) == MAX_STEPS
    assert len(list(found.definition.fields)) == MAX_FIELDS
    assert len([remark for remark in found.remarks if "more" in remark]) == 2


def test_import_says_its_remarks_in_the_language_asked_for():
    (found,) = import_contact_form_7('[text name] [quiz q "1|1"]', "de", lambda text: f"DE {text}")
    assert found.remarks
    assert all(remark.startswith("DE ") for remark in found.remarks)
    assert found.definition.languages == ("de",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "[]",
        "{}",
        "7",
        '{"0": {"title": "x"}}',
        '{"fields": []}',
        '{"fields": [7, {"type": "page"}]}',
        "[" * 100_000,
    ],
)
def test_gravity_import_refuses_what_is_no_form(text):
    with pytest.raises(DefinitionError) as caught:
        import_gravity(text)
    assert caught.value.problems[0].sentence


NONSENSE = (None, 7, "x", [], {}, [None], [{"id": {}}], True, {"rules": 5}, {"rules": [3]})


@pytest.mark.parametrize(
    "key", ["inputs", "choices", "conditionalLogic", "label", "maxLength", "maxFiles", "description", "type"]
)
def test_gravity_import_survives_properties_of_a_wrong_type(key):
    for nonsense in NONSENSE:
        field = {
            "type": "name" if key == "inputs" else "radio",
            "choices": [{"text": "A", "value": "a"}],
            key: nonsense,
        }
        assert create_gravity({"type": "text"}, field).definition.steps


def test_gravity_condition_that_cannot_be_joined_with_that_of_its_section_stays_alone():
    rules = [{"fieldId": "1", "operator": "is", "value": value} for value in ("a", "b")]
    found = create_gravity(
        {"type": "text"},
        {"type": "section", "conditionalLogic": {"logicType": "any", "rules": rules}},
        {"type": "text", "conditionalLogic": {"logicType": "all", "rules": rules[:1]}},
    )
    condition = list(found.definition.fields)[2].show_if
    assert condition is not None
    assert [rule.value for rule in condition.rules] == ["a"]
    assert any("its section" in remark for remark in found.remarks)


def test_gravity_fields_of_other_makes_are_taken_over_as_far_as_they_go():
    few = [{"text": word, "value": word} for word in ("Bad", "Good", "Good")]
    found = create_gravity(
        {"type": "number", "enableCalculation": True},
        {"type": "checkbox"},
        {
            "type": "multi_choice",
            "inputType": "checkbox",
            "choices": few,
            "choiceLimit": "range",
            "choiceLimitMin": "1",
            "choiceLimitMax": 2,
        },
        {"type": "survey", "inputType": "rating", "choices": few[:2]},
        {"type": "fileupload", "allowedExtensions": "dwg"},
        {"type": "page"},
        button={"text": "Go", "conditionalLogic": {"rules": [{}]}},
        confirmations=[{"type": "page", "pageId": "7"}],
    )
    several = found.definition.field_named("field_3")
    assert several is not None
    assert [choice.value for choice in several.choices] == ["Bad", "Good", "Good 2"]
    assert (several.minimum, several.maximum) == ("1", "2")
    assert [one.kind for one in found.definition.fields] == ["number", "choices", "choice", "file"]
    assert len(found.definition.steps) == 1
    for word in ("calculated", "nothing to choose", "dwg", "button", "another page"):
        assert any(word in remark for remark in found.remarks), word


def test_contact_form_7_labels_may_stand_apart_and_hold_several_fields():
    (found,) = import_contact_form_7(
        """<label for="a">First name</label> [text* a id:a]
        <label><p>Town</p> [text zip] [text town]</label>
        [group extra clear_on_hide]<p>Note</p>[/group]
        <p>Letters left: [count town down]</p>
        [select land data:countries "Greece"]
        <label>Never closed [text last]"""
    )
    labels = {
        one.id: next(iter(one.label.values())) for one in found.definition.fields if one.kind is not Kind.PARAGRAPH
    }
    assert labels == {"a": "First name", "zip": "Town", "town": "Town", "land": "Land", "last": "Never closed"}
    assert any("Groups" in remark for remark in found.remarks)
    assert any("Land" in remark or "land" in remark for remark in found.remarks)


def test_exports_that_are_too_large_are_refused_unread():
    for read, begin in ((import_contact_form_7, "<?xml"), (import_gravity, "{")):
        with pytest.raises(DefinitionError) as caught:
            read(begin + " " * 20_000_001)
        assert "too large" in caught.value.problems[0].sentence


def test_a_field_whose_name_means_something_to_scripts_gets_another():
    imported = import_contact_form_7("[text* constructor] [email* your-email] [submit]", "en", str)[0]
    assert [one.id for one in imported.definition.fields][0] == "constructor_2"


@pytest.mark.parametrize("piece", ["[text ", '[text "', "[select a ", "['", "[a b "])
def test_a_template_that_never_closes_what_it_opens_is_read_in_time(piece):
    started = time.perf_counter()
    with suppress(DefinitionError):
        import_contact_form_7(piece * 20_000, "en", str)
    assert time.perf_counter() - started < 8
