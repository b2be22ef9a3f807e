"""What a definition may say, what it may not, and how a reader says so: each problem with its place and a sentence."""

import json
from typing import Any

import pytest

from forms.definitions import DefinitionError, Priority, parse_definition, read_definition, write_definition
from forms.definitions.building import OWN_FIELDS, SCRIPT_NAMES
from forms.definitions.limits import MAX_CHOICES, MAX_DEFINITION, MAX_FIELDS, MAX_RULES, MAX_STEPS
from forms.definitions.tests.factories import create_choice, create_definition, create_field, create_json

FIELD = "steps[0].fields[0]"


def problems_of(data: Any) -> dict[str, str]:
    """Place to sentence of all that is wrong."""
    with pytest.raises(DefinitionError) as caught:
        read_definition(data)
    assert all(problem.sentence.endswith((".", "!")) for problem in caught.value.problems)
    return {problem.path: problem.sentence for problem in caught.value.problems}


def rule(field: str = "first", test: str = "is", value: str = "x") -> dict[str, str]:
    return {"field": field, "test": test, "value": value}


def shown_if(*rules: dict[str, str], **more: Any) -> dict[str, Any]:
    return create_field("second", show_if={"rules": list(rules)}, **more)


def test_reader_finds_every_problem_not_only_the_first():
    data = create_json(
        create_field("a b", kind="poem"),
        create_field("page", label={}, colour="red"),
        create_field("size", kind="choice", choices=[]),
        create_field("code", pattern="[", maximum="many"),
        languages=["xx"],
        redirect="javascript:alert(1)",
        hours="whenever",
        accent="red",
    )
    assert set(problems_of(data)) == {
        "languages[0]", "redirect", "hours", "accent", f"{FIELD}.id", f"{FIELD}.kind", "steps[0].fields[1].id", "steps[0].fields[1].label",
        "steps[0].fields[1].colour", "steps[0].fields[2].choices", "steps[0].fields[3].pattern", "steps[0].fields[3].maximum",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"languages": []}, "languages"),
        ({"languages": "en"}, "languages"),
        ({"languages": ["de_DE"]}, "languages[0]"),
        ({"languages": ["en", "EN"]}, "languages[1]"),
        ({"languages": [7]}, "languages[0]"),
        ({"schema": 2}, "schema"),
        ({"schema": "1"}, "schema"),
        ({"steps": []}, "steps"),
        ({"steps": [{"id": "only", "fields": [create_field(kind="heading")]}]}, "steps"),
        ({"steps": [7]}, "steps[0]"),
        ({"steps": [{"id": str(n), "fields": []} for n in range(MAX_STEPS + 1)]}, "steps"),
        ({"title": "Contact"}, "title"),
        ({"title": {"en": 7}}, "title.en"),
        ({"title": {"klingon": "Qapla'"}}, "title.klingon"),
        ({"title": {"en": "x" * 501}}, "title.en"),
        ({"thanks": {"en": "x" * 5_001}}, "thanks.en"),
        ({"redirect": "//example.com"}, "redirect"),
        ({"redirect": "https://"}, "redirect"),
        ({"redirect": "https://exa mple.com"}, "redirect"),
        ({"redirect": "http://[::1"}, "redirect"),
        ({"redirect": "data:text/html,x"}, "redirect"),
        ({"subject": "Order {order}"}, "subject"),
        ({"hours": "Mon-Fri 17:00-09:00"}, "hours"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"zone": "../etc/passwd"}, "zone"),
        ({"region": "XX"}, "region"),
        ({"answers_within_h": -1}, "answers_within_h"),
        ({"answers_within_h": True}, "answers_within_h"),
        ({"answers_within_h": 1.5}, "answers_within_h"),
        ({"accent": "#12345"}, "accent"),
        ({"theme": "pink"}, "theme"),
        ({"sends_confirmation": 1}, "sends_confirmation"),
        ({"routing": {"team_id": 0}}, "routing.team_id"),
        ({"routing": {"priority": "highest"}}, "routing.priority"),
        ({"routing": {"tags": ["x" * 51]}}, "routing.tags[0]"),
        ({"routing": []}, "routing"),
        ({"onload": "x"}, "onload"),
    ],
)  # fmt: skip
def test_reader_refuses_what_a_form_cannot_be(change, place):
    assert place in problems_of(create_json(create_field("first"), **change))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": ""}, "id"),
        ({"id": "1st"}, "id"),
        ({"id": "a-b"}, "id"),
        ({"id": "ä"}, "id"),
        ({"id": "x" * 41}, "id"),
        ({"id": "x\n"}, None),
        ({"kind": None}, "kind"),
        ({"label": {}}, "label"),
        ({"label": {"en": " "}}, "label"),
        ({"is_required": "yes"}, "is_required"),
        ({"becomes": "email"}, "becomes"),
        ({"becomes": "king"}, "becomes"),
        ({"width": "third"}, "width"),
        ({"minimum": "5", "maximum": "4"}, "maximum"),
        ({"maximum": "1001"}, "maximum"),
        ({"maximum": "-1"}, "maximum"),
        ({"maximum": 5}, "maximum"),
        ({"pattern": "("}, "pattern"),
        ({"pattern": "x" * 301}, "pattern"),
        ({"parameter": "a b"}, "parameter"),
        ({"default": "x" * 201}, "default"),
        ({"kind": "email", "default": "nobody"}, "default"),
        ({"kind": "number", "minimum": "two"}, "minimum"),
        ({"kind": "number", "minimum": "2", "maximum": "1.5"}, "maximum"),
        ({"kind": "number", "default": "two"}, "default"),
        ({"kind": "date", "minimum": "01.02.2030"}, "minimum"),
        ({"kind": "date", "minimum": "today+9", "maximum": "today"}, "maximum"),
        ({"kind": "rating", "maximum": "2"}, "maximum"),
        ({"kind": "rating", "maximum": "11"}, "maximum"),
        ({"kind": "rating", "default": "6"}, "default"),
        ({"kind": "file", "max_files": 0}, "max_files"),
        ({"kind": "file", "max_megabytes": 101}, "max_megabytes"),
        ({"kind": "file", "accepts": ["image", "virus"]}, "accepts[1]"),
        ({"kind": "choice"}, "choices"),
        ({"kind": "choice", "choices": [create_choice("")]}, "choices[0].value"),
        ({"kind": "choice", "choices": [create_choice("a\nb")]}, "choices[0].value"),
        ({"pattern": "(?:a{999}){999}"}, "pattern"),
        ({"kind": "choice", "choices": [create_choice("a"), create_choice("A")]}, "choices[1].value"),
        ({"kind": "choice", "choices": [create_choice("a", label={})]}, "choices[0].label"),
        ({"kind": "choice", "choices": [create_choice("a", routing={"priority": "x"})]}, "choices[0].routing.priority"),
        ({"kind": "choice", "choices": [create_choice("a")], "default": "b"}, "default"),
        ({"kind": "choice", "choices": [create_choice("a", icon="x")]}, "choices[0].icon"),
        ({"kind": "choices", "choices": [create_choice(str(n)) for n in range(MAX_CHOICES + 1)]}, "choices"),
        ({"show_if": {"rules": [rule()] * (MAX_RULES + 1)}}, "show_if.rules"),
    ],
)
def test_reader_refuses_what_a_field_cannot_be(change, place):
    data = create_json(create_field("first"), create_field("beside"))
    data["steps"][0]["fields"][0] |= change
    if place is None:
        assert read_definition(data)
    else:
        assert f"{FIELD}.{place}" in problems_of(data)


@pytest.mark.parametrize("name", [*OWN_FIELDS, *SCRIPT_NAMES])
def test_reader_refuses_the_names_that_every_form_has(name):
    assert f"{FIELD}.id" in problems_of(create_json(create_field(name)))


def test_reader_refuses_a_name_that_another_field_or_step_has():
    assert f"{FIELD}.id" in problems_of(create_json(create_field("only")))
    assert "steps[0].fields[1].id" in problems_of(create_json(create_field("a"), create_field("a")))


def test_reader_refuses_too_many_fields():
    fields = [create_field(f"f{number}") for number in range(MAX_FIELDS + 1)]
    assert "steps[0].fields" in problems_of(create_json(*fields))
    halves = [{"id": "one", "fields": fields[:60]}, {"id": "two", "fields": fields[60:]}]
    assert "steps" in problems_of({"languages": ["en"], "steps": halves})


@pytest.mark.parametrize(
    ("second", "place"),
    [
        (shown_if(rule("third")), "field"),
        (shown_if(rule("second")), "field"),
        (shown_if(rule("nobody")), "field"),
        (shown_if(rule("text")), "field"),
        (shown_if(rule(value="")), "value"),
        (shown_if(rule("size", value="purple")), "value"),
        (shown_if(rule("day", value="soon")), "value"),
        (shown_if(rule("papers", value="a.pdf")), "test"),
        (shown_if(rule("size", "more_than", "1")), "test"),
        (shown_if(rule("first", "more_than", "many")), "value"),
        (shown_if(rule("first", "resembles")), "test"),
        (shown_if(rule("count", value="many")), "value"),
        (shown_if(rule("phone", "contains", "+49")), "test"),
    ],
)
def test_reader_refuses_a_condition_that_can_never_be_looked_at(second, place):
    before = [
        create_field("first"),
        create_field("text", kind="paragraph"),
        create_field("size", kind="choice"),
        create_field("day", kind="date"),
        create_field("papers", kind="file"),
        create_field("count", kind="number"),
        create_field("phone", kind="phone"),
    ]
    found = problems_of(create_json(*before, second, create_field("third")))
    assert list(found) == [f"steps[0].fields[7].show_if.rules[0].{place}"]


def test_reader_refuses_a_step_that_looks_at_its_own_fields():
    steps = [
        {"id": "one", "fields": [create_field("first")]},
        {"id": "two", "fields": [create_field("second")], "show_if": {"rules": [rule("second")]}},
    ]
    assert list(problems_of({"languages": ["en"], "steps": steps})) == ["steps[1].show_if.rules[0].field"]


@pytest.mark.parametrize("data", [None, [], "form", 7, {"languages": ["en"], "steps": {"a": 1}}, {}])
def test_reader_refuses_what_is_no_definition_at_all(data):
    assert problems_of(data)


def test_reader_leaves_out_what_a_kind_has_no_use_for():
    kept = create_definition(create_field(choices=[create_choice("a")], accepts=["virus"], max_files=5, display="list"))
    assert write_definition(kept)["steps"][0]["fields"] == [create_field()]


def test_reader_cleans_texts_and_drops_empty_ones():
    kept = create_definition(create_field(label={"en": " Na\x00me\u202e ", "de": " "}))
    assert next(kept.fields).label == {"en": "Name"}


def test_parser_reads_text_and_refuses_what_is_too_large_or_no_json():
    assert parse_definition(json.dumps(create_json(create_field()))) == create_definition(create_field())
    for text in ("{", b"\xff", "[" * 100_000, " " * (4 * MAX_DEFINITION + 1)):
        with pytest.raises(DefinitionError):
            parse_definition(text)
    too_large = create_json(*(create_field(f"f{n}", help={"en": "x" * 1_000}) for n in range(100)))
    for step in too_large["steps"]:
        step["fields"][0]["choices"] = [create_choice(str(n), label={"en": "x" * 500}) for n in range(1_000)]
    assert list(problems_of(too_large)) == [""]


def test_writer_leaves_out_what_is_usual():
    assert write_definition(create_definition(create_field())) == {"schema": 1, **create_json(create_field())}


def test_writer_keeps_all_that_was_said():
    data = create_json(
        create_field(
            "topic",
            kind="choice",
            choices=[create_choice("a", routing={"team_id": 3, "priority": "high", "tags": ["x"]})],
        ),
        create_field(
            "more",
            show_if={"match": "any", "rules": [rule("topic", "is", "a"), {"field": "topic", "test": "is_empty"}]},
        ),
        create_field("day", kind="date", minimum="today", is_required=True, width="half", help={"en": "Soon"}),
        routing={"priority": "low"},
        redirect="https://example.com/thanks",
        subject="{topic} now",
        hours="Mon-Fri 09:00-17:00",
        zone="Europe/Athens",
        region="GR",
        sends_confirmation=False,
    )
    definition = read_definition(data)
    written = write_definition(definition)
    assert json.loads(json.dumps(written)) == written
    assert read_definition(written) == definition
    assert definition.routing.priority is Priority.LOW
    written.pop("schema")
    topic = data["steps"][0]["fields"][1]["show_if"]["rules"]
    topic[0].pop("test")  # as usual
    assert written == data


def test_problem_says_itself_in_another_language():
    with pytest.raises(DefinitionError) as caught:
        read_definition(create_json(create_field(), answers_within_h=-5))
    (problem,) = caught.value.problems
    assert problem.sentence == "Enter a whole number from 0 to 720."
    assert problem.said(lambda text: text.replace("Enter", "Schreibe")) == "Schreibe a whole number from 0 to 720."
    assert "answers_within_h: Enter" in str(caught.value)
