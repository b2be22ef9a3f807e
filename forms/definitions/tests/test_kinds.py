"""What each kind of field takes, what it refuses, and what is kept of it."""

import pytest

from forms.definitions.tests.factories import (
    create_definition,
    create_field,
    create_file,
    post,
    problem_of,
    value_of,
)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  Ada\x00 ", "Ada"),
        ("long_text", "a\r\nb", "a\nb"),
        ("email", "ada@example.com", "ada@example.com"),
        ("phone", "(212) 555-0199", "+12125550199"),
        ("phone", "+49 30 123456 ext. 7", "+4930123456;ext=7"),
        ("number", "1,5", "1.5"),
        ("number", "007", "7"),
        ("choice", "blue", "blue"),
        ("choices", ["green", "blue", "green"], ["green", "blue"]),
        ("date", "2028-02-29", "2028-02-29"),
        ("rating", "5", "5"),
        ("consent", "on", "yes"),
        ("hidden", "a\nb" + "c" * 3_000, "a b" + "c" * 1_997),
    ],
)
def test_a_kind_keeps_a_good_answer_in_one_shape(kind, typed, kept):
    assert value_of(create_field(kind=kind), typed) == kept


@pytest.mark.parametrize(
    "kind", ["text", "long_text", "email", "phone", "number", "choice", "choices", "date", "rating", "consent", "file"]
)
def test_a_kind_keeps_nothing_of_an_empty_answer_and_asks_for_one_where_it_is_required(kind):
    assert value_of(create_field(kind=kind), "") is None
    assert problem_of(create_field(kind=kind, is_required=True), "")


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("text", "a\nb"),
        ("text", "x" * 201),
        ("long_text", "x" * 20_001),
        ("email", "nobody"),
        ("phone", "hello"),
        ("phone", "+49 1"),
        ("phone", "1" * 60),
        ("number", "many"),
        ("number", "1,000"),
        ("number", "1e5"),
        ("number", "NaN"),
        ("number", "9" * 41),
        ("choice", "black"),
        ("choice", "Blue"),
        ("choices", ["blue", "black"]),
        ("date", "2027-02-29"),
        ("date", "tomorrow"),
        ("date", "20280101"),
        ("rating", "6"),
        ("rating", "0"),
        ("rating", "²"),
    ],
)
def test_a_kind_refuses_what_is_no_answer_to_it(kind, typed):
    assert problem_of(create_field(kind=kind), typed)


@pytest.mark.parametrize("kind", ["text", "email", "choice", "choices", "date", "consent", "hidden", "phone"])
def test_a_file_where_a_text_belongs_counts_as_nothing(kind):
    assert value_of(create_field(kind=kind), [create_file()]) is None


def test_a_text_where_a_file_belongs_counts_as_nothing():
    assert value_of(create_field(kind="file"), ["passwd", ""]) is None


def test_a_field_may_be_named_as_a_method_of_forms():
    names = ["validate", "data", "errors", "process", "meta", "answers", "definition", "name"]
    form = post(create_definition(*map(create_field, names)), **dict.fromkeys(names, "x"))
    assert form.validate()
    assert list(form.answers.values) == names
