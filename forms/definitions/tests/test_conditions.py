"""When fields and steps are shown, and that what is not shown is neither asked for nor kept."""

from typing import Any

import pytest

from forms.definitions import FormDefinition, build_form, read_definition, script_facts
from forms.definitions.tests.factories import create_definition, create_field, create_file, post


def create_second(test: str, value: str = "", match: str = "all", field: str = "first", **more: Any) -> dict[str, Any]:
    rule = {"field": field, "test": test} | ({"value": value} if value else {})
    return create_field("second", show_if={"match": match, "rules": [rule]}, **more)


@pytest.mark.parametrize(
    ("kind", "test", "value", "showing", "hiding"),
    [
        ("text", "is", "Yes", ["yes", " YES "], ["", "yes!", "no"]),
        ("text", "is_not", "yes", ["", "no"], ["YES"]),
        ("text", "contains", "red", ["a Red lamp"], ["", "blue"]),
        ("text", "is_filled", "", ["0"], ["", " "]),
        ("text", "is_empty", "", ["", " "], ["x"]),
        ("choice", "is", "red", ["red"], ["blue", "", "black"]),
        ("choices", "is", "red", [["red"], ["blue", "red"]], [[], ["blue"]]),
        ("choices", "is_not", "red", [[], ["blue"]], [["blue", "red"]]),
        ("choices", "contains", "re", [["green"]], [["blue"]]),
        ("number", "more_than", "9", ["10", "9.1", "9,1"], ["9", "", "many", "-10"]),
        ("number", "less_than", "-1", ["-1.5"], ["-1", "0", ""]),
        ("number", "is", "7", ["7", "07", "7.0", "7,00"], ["70", "7.01"]),
        ("rating", "less_than", "3", ["1", "2"], ["3", "5", ""]),
        ("date", "more_than", "2028-02-28", ["2028-02-29", "2028-10-01"], ["2028-02-28", "", "2028-02-30"]),
        ("consent", "is_filled", "", ["on", "y"], ["", "false"]),
        ("file", "is_filled", "", [[create_file()]], [[], "name"]),
        ("phone", "is_filled", "", ["anything"], [""]),
        ("hidden", "is", "pro", ["pro"], ["free", ""]),
    ],
)
def test_a_condition_looks_at_the_answer_as_its_test_says(kind, test, value, showing, hiding):
    definition = create_definition(create_field("first", kind=kind), create_second(test, value))
    for answers, is_shown in ((showing, True), (hiding, False)):
        for answer in answers:
            assert ("second" in post(definition, first=answer).shown_ids) is is_shown, answer


def test_a_condition_asks_for_all_of_its_rules_or_for_any():
    rules = [{"field": "a", "value": "1"}, {"field": "b", "value": "1"}]
    for match, expected in (("all", [False, False, True]), ("any", [False, True, True])):
        second = create_field("second", show_if={"match": match, "rules": rules})
        definition = create_definition(create_field("a"), create_field("b"), second)
        forms = [post(definition, a=a, b=b) for a, b in (("0", "0"), ("1", "0"), ("1", "1"))]
        assert ["second" in form.shown_ids for form in forms] == expected


def test_what_is_not_shown_is_neither_required_nor_kept():
    definition = create_definition(create_field("first"), create_second("is", "yes", is_required=True, maximum="3"))
    form = post(definition, first="no", second="much too long")
    assert form.validate()
    assert form.answers.values == {"first": "no"}
    assert not post(definition, first="yes", second="").validate()
    assert not post(definition, first="yes", second="much too long").validate()


def test_a_file_that_is_not_shown_is_not_kept():
    definition = create_definition(create_field("first"), create_second("is", "yes", kind="file"))
    form = post(definition, first="no", second=[create_file()])
    assert form.validate()
    assert form.uploads == {}
    assert list(post(definition, first="yes", second=[create_file()]).uploads) == ["second"]


def test_a_field_behind_one_that_is_not_shown_sees_no_answer_of_it():
    third = create_field("third", show_if={"rules": [{"field": "second", "test": "is_filled"}]})
    definition = create_definition(create_field("first"), create_second("is", "yes"), third)
    assert post(definition, first="no", second="x", third="y").shown_ids == {"only", "first"}
    assert post(definition, first="yes", second="x").shown_ids == {"only", "first", "second", "third"}


def create_steps() -> FormDefinition:
    return read_definition(
        {
            "languages": ["en", "de"],
            "steps": [
                {"id": "one", "fields": [create_field("first")]},
                {
                    "id": "two",
                    "title": {"en": "More", "de": "Mehr"},
                    "fields": [create_field("second", is_required=True)],
                    "show_if": {"rules": [{"field": "first", "value": "yes"}]},
                },
                {
                    "id": "three",
                    "fields": [create_field("third", show_if={"rules": [{"field": "second", "test": "is_filled"}]})],
                },
                {"id": "four", "fields": []},
            ],
        }
    )


def test_a_step_that_is_not_shown_hides_its_fields_and_one_without_fields_is_never_shown():
    form = post(create_steps(), first="no", second="x", third="y")
    assert [step.is_shown for step in form.shown_steps] == [True, False, True, False]
    assert form.validate()
    assert form.answers.values == {"first": "no"}
    assert not post(create_steps(), first="yes").validate()


def test_a_field_that_may_be_hidden_is_not_insisted_on_by_the_browser():
    form = build_form(create_steps(), "de")
    assert not form["second"].flags.required
    assert form.shown_steps[1].fields[0].definition.is_required
    assert form.shown_steps[1].title == "Mehr"
    assert build_form(create_definition(create_field(is_required=True)), "en")["answer"].flags.required


def test_conditions_of_an_empty_form_see_what_fields_begin_with():
    definition = create_definition(create_field("first", default="no", parameter="plan"), create_second("is", "yes"))
    assert "second" not in build_form(definition, "en").shown_ids
    assert "second" in build_form(definition, "en", given={"plan": "yes"}).shown_ids


def test_the_script_is_told_what_the_server_decides_by():
    assert script_facts(create_steps(), "de") == {
        "conditions": {
            "two": {"match": "all", "rules": [{"field": "first", "test": "is", "value": "yes"}]},
            "third": {"match": "all", "rules": [{"field": "second", "test": "is_filled", "value": ""}]},
        },
        "steps": [
            {"id": "one", "title": "", "fields": ["first"]},
            {"id": "two", "title": "Mehr", "fields": ["second"]},
            {"id": "three", "title": "", "fields": ["third"]},
            {"id": "four", "title": "", "fields": []},
        ],
        "parameters": {},
    }
    assert script_facts(create_definition(create_field(parameter="plan")), "en")["parameters"] == {"answer": "plan"}
