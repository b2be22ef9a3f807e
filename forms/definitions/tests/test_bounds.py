"""Lengths, numbers, days, counts and files within their bounds, and how a form says so."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from forms.definitions import Kind, build_form, display_of, highest_rating
from forms.definitions.tests.factories import (
    NOW,
    create_choice,
    create_definition,
    create_field,
    create_file,
    post,
    problem_of,
)


@pytest.mark.parametrize(
    ("field", "good", "bad", "words"),
    [
        ({"minimum": "2", "maximum": "4"}, ["ab", "abcd"], ["a", "abcde"], ["at least 2", "at most 4"]),
        ({"kind": "long_text", "maximum": "1"}, ["a", "ä"], ["ab", "\n"], None),
        ({"kind": "number", "minimum": "-1.5", "maximum": "2"}, ["-1.5", "2", "0"], ["-2", "3"], ["-1.5 or more", "2 or less"]),
        ({"kind": "date", "minimum": "today", "maximum": "today+2"}, ["2026-03-01", "2026-03-03"], ["2026-02-28", "2026-03-04"], None),
        ({"kind": "choices", "minimum": "2", "maximum": "2"}, [["red", "blue"]], [["red"], ["red", "green", "blue"]], None),
        ({"kind": "rating", "maximum": "10"}, ["1", "10"], ["0", "11"], None),
    ],
)  # fmt: skip
def test_an_answer_stays_within_its_bounds(field, good, bad, words):
    field = create_field(**field)
    for answer in good:
        assert problem_of(field, answer) == ""
    said = [problem_of(field, answer) for answer in bad if answer != "\n"]
    assert all(said)
    if words:
        assert [word in sentence for word, sentence in zip(words, said, strict=True)] == [True] * len(words)


def test_today_is_the_day_of_the_forms_own_time_zone():
    for zone, day in (("UTC", "2026-03-01"), ("Europe/Athens", "2026-03-02"), ("America/New_York", "2026-03-01")):
        definition = create_definition(create_field(kind="date", minimum="today", default="today"), zone=zone)
        field = build_form(definition, "en", now=NOW)["answer"]
        assert (field.flags.min, field.data) == (day, day)


def test_an_empty_answer_is_within_all_bounds_unless_it_is_required():
    for kind in ("text", "number", "choices", "date", "rating"):
        more: dict[str, Any] = (
            {"minimum": "2030-01-01"} if kind == "date" else {} if kind == "rating" else {"minimum": "2"}
        )
        assert problem_of(create_field(kind=kind, **more), "") == ""


def test_files_are_limited_in_number_and_together_in_size():
    field = create_field(kind="file", max_files=2, max_megabytes=1)
    assert problem_of(field, [create_file(), create_file()]) == ""
    assert problem_of(field, [create_file(), create_file(), create_file()]) == "Please choose at most 2 files."
    assert "1 MB" in problem_of(field, [create_file(size=600_000), create_file(size=500_000)])
    assert problem_of(field | {"max_files": 1}, [create_file(), create_file()]) == "Please choose one file at most."


def test_files_are_still_whole_after_they_were_measured():
    file = create_file(size=10)
    form = post(create_definition(create_field(kind="file")), answer=[file])
    assert form.validate()
    assert len(form.uploads["answer"][0].stream.read()) == 10


def test_the_empty_part_that_browsers_send_for_no_file_counts_as_none():
    assert problem_of(create_field(kind="file", max_files=1), [create_file(name=""), create_file()]) == ""
    assert problem_of(create_field(kind="file", is_required=True), [create_file(name="")])


def test_somebody_else_may_refuse_a_file():
    definition = create_definition(create_field(kind="file", accepts=["image"]))
    seen = []

    def refusal(field, upload):
        seen.append((field.id, upload.filename))
        return "No programs, please." if upload.filename.endswith(".exe") else None

    posted = MultiDict([("answer", create_file("a.png")), ("answer", create_file("b.exe"))])
    form = build_form(definition, "en", posted, accepts_file=refusal)
    assert not form.validate()
    assert form.problems == {"answer": "No programs, please."}
    assert seen == [("answer", "a.png"), ("answer", "b.exe")]


def test_browsers_are_told_the_bounds_and_what_to_fill_in():
    form = build_form(
        create_definition(
            create_field("name", becomes="name", minimum="2", maximum="9", is_required=True, placeholder={"en": "Ada"}),
            create_field("mail", kind="email", becomes="email"),
            create_field("call", kind="phone", becomes="phone"),
            create_field("count", kind="number", minimum="1", maximum="9"),
            create_field("day", kind="date", maximum="2030-01-01"),
            create_field("papers", kind="file", accepts=["image", "pdf"]),
        ),
        "en",
    )
    assert form["name"]() == (
        '<input autocomplete="name" id="name" maxlength="9" minlength="2" name="name" placeholder="Ada" required type="text" value="">'
    )
    assert 'autocomplete="email"' in form["mail"]()
    assert 'type="tel"' in form["call"]()
    assert 'inputmode="decimal" max="9" min="1"' in form["count"]()
    assert 'max="2030-01-01"' in form["day"]()
    assert 'accept="image/*,.pdf"' in form["papers"]()


def test_owners_texts_are_no_markup():
    evil = {"en": '<img src=x onerror=alert(1)>"'}
    for kind in Kind:
        field = create_field(
            kind=kind, label=evil, help=evil, placeholder=evil, choices=[create_choice("a", label=evil)], display="list"
        )
        form = build_form(create_definition(field, create_field("beside")), "en")
        assert kind in ("heading", "paragraph") or "<img" not in form["answer"]()


def test_choices_stand_side_by_side_while_they_are_few():
    def shown(count: int, **more: Any) -> str:
        choices = [create_choice(str(number)) for number in range(count)]
        return display_of(next(create_definition(create_field(kind="choice", choices=choices, **more)).fields))

    assert (shown(5), shown(6), shown(2, display="list"), shown(9, display="buttons")) == (
        "buttons",
        "list",
        "list",
        "buttons",
    )
    assert highest_rating(next(create_definition(create_field(kind="rating")).fields)) == 5


def test_a_field_begins_with_what_its_parameter_brings_and_never_with_a_consent():
    definition = create_definition(
        create_field("plan", kind="hidden", default="free", parameter="plan"),
        create_field("size", kind="choice", parameter="size"),
        create_field("many", kind="choices", parameter="many"),
        create_field("terms", kind="consent", default="yes", parameter="terms"),
        create_field("beside"),
    )
    form = build_form(
        definition, "en", given={"plan": "pro", "size": "red", "many": "red,black,blue", "terms": "1", "beside": "x"}
    )
    assert {one: form[one].data for one in ("plan", "size", "many", "terms", "beside")} == {
        "plan": "pro", "size": "red", "many": ["red", "blue"], "terms": False, "beside": "",
    }  # fmt: skip
    assert build_form(definition, "en")["plan"].data == "free"


def test_a_trap_is_no_trap_unless_it_is_filled():
    definition = create_definition(create_field())
    assert not post(definition, answer="x").is_trapped
    assert post(definition, answer="x", homepage="https://spam.test").is_trapped


def test_what_a_site_signed_is_taken_to_the_letter():
    signed = ' {"a":\r\n"e\u0301"} '
    form = post(create_definition(create_field()), context=signed, token=[create_file(), "t"], signature="00")
    assert (form.context.data, form.token.data, form.signature.data) == (signed, "t", "00")
