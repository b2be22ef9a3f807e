"""What changed between two versions, in words that an owner understands."""

from dataclasses import fields as dataclass_fields
from dataclasses import replace

import pytest

from forms.definitions import (
    Becomes,
    ChoiceDefinition,
    Condition,
    ConditionRule,
    Display,
    FieldDefinition,
    FormDefinition,
    Kind,
    Match,
    Priority,
    Routing,
    StepDefinition,
    Test,
    Width,
)
from plugins.webform.building.difference import Change, Detail, Difference
from plugins.webform.building.words import CHOICE_PARTS, FIELD_PARTS, FORM_PARTS, STEP_PARTS, TESTS, VALUES
from plugins.webform.storing.tests.factories import create_definition

TOPIC = FieldDefinition(
    "topic",
    Kind.CHOICE,
    {"en": "Topic"},
    choices=(ChoiceDefinition("order", {"en": "Order"}), ChoiceDefinition("other", {"en": "Something else"})),
)
NAME = FieldDefinition("name", Kind.TEXT, {"en": "Name"})
MAIL = FieldDefinition("email", Kind.EMAIL, {"en": "E-mail"})
NOTE = FieldDefinition("note", Kind.LONG_TEXT, {"en": "Note"})


def changes(old: FormDefinition, new: FormDefinition) -> tuple[Change, ...]:
    return Difference(old, new, str, {4: "Support"}).changes()


def of_fields(*pair: list[FieldDefinition]) -> tuple[Change, ...]:
    old, new = (create_definition(fields=fields) for fields in pair)
    return changes(old, new)


def test_same_form_has_no_changes():
    assert of_fields([NAME, TOPIC], [NAME, TOPIC]) == ()


def test_added_and_removed_fields_are_named_by_their_labels():
    assert of_fields([NAME, MAIL], [NAME, NOTE]) == (Change("added", "Note"), Change("removed", "E-mail"))


@pytest.mark.parametrize(
    ("part", "value", "detail"),
    [
        ("label", {"en": "Your name"}, Detail("Label", "Name", "Your name")),
        ("is_required", True, Detail("Must be filled in", "no", "yes")),
        ("kind", Kind.LONG_TEXT, Detail("Kind", "Text", "Long text")),
        ("help", {"en": "As on the invoice"}, Detail("Help text", "", "As on the invoice")),
        ("maximum", "40", Detail("At most", "", "40")),
    ],
)
def test_changed_field_says_what_it_was_and_is(part, value, detail):
    (change,) = of_fields([NAME], [replace(NAME, **{part: value})])
    assert (change.kind, change.details) == ("changed", (detail,))


def test_only_what_was_moved_counts_as_moved():
    assert of_fields([NAME, MAIL, TOPIC, NOTE], [NOTE, NAME, MAIL, TOPIC]) == (Change("moved", "Note"),)


def test_field_in_another_step_was_moved():
    old = create_definition(fields=[NAME, NOTE])
    new = replace(
        old, steps=(StepDefinition("main", (NAME,)), StepDefinition("more", (NOTE,), {"en": "A little more"}))
    )
    assert changes(old, new) == (Change("added", "Step 2: A little more"), Change("moved", "Note"))


def test_removed_step_is_named():
    new = create_definition(fields=[NAME])
    old = replace(new, steps=(*new.steps, StepDefinition("more", (), {"en": "More"})))
    assert changes(old, new) == (Change("removed", "Step 2: More"),)


def test_choices_are_compared_one_by_one():
    first, second = TOPIC.choices
    routed = replace(first, routing=Routing(team_id=4, priority=Priority.HIGH, tags=("order", "shop")))
    third = ChoiceDefinition("bill", {"en": "Invoice"})
    (change,) = of_fields([TOPIC], [replace(TOPIC, choices=(routed, third))])
    assert change.details == (
        Detail("Choice “Order”, Where it goes", "", "team Support, priority high, tags order, shop"),
        Detail("Choice", "", "Invoice"),
        Detail("Choice", "Something else", ""),
    )
    (change,) = of_fields([TOPIC], [replace(TOPIC, choices=(second, first))])
    assert change.details == (Detail("Order of the choices", "Order, Something else", "Something else, Order"),)


def test_condition_is_said_in_words():
    rules = (ConditionRule("topic", Test.IS, "order"), ConditionRule("name", Test.IS_FILLED))
    shown = replace(NOTE, show_if=Condition(rules, Match.ANY))
    (change,) = of_fields([NAME, TOPIC, NOTE], [NAME, TOPIC, shown])
    assert change.details == (Detail("Shown if", "", "“Topic” is “Order” or “Name” is filled in"),)


def test_each_language_that_changed_is_named():
    old = create_definition(languages=("en", "de"), fields=[replace(NAME, label={"en": "Name"})])
    new = create_definition(languages=("en", "de"), fields=[replace(NAME, label={"en": "Name", "de": "Ihr Name"})])
    (change,) = changes(old, new)
    assert change.details == (Detail("Label (Deutsch)", "", "Ihr Name"),)


def test_changes_of_the_whole_form_stand_first():
    old = create_definition("Ask", fields=[NAME])
    new = replace(create_definition("Ask us", fields=[NAME, NOTE]), routing=Routing(tags=("web",)), accent="#336699")
    first, second = changes(old, new)
    assert first.details == (
        Detail("Title", "Ask", "Ask us"),
        Detail("Where it goes", "", "tags web"),
        Detail("Accent colour", "", "#336699"),
    )
    assert second == Change("added", "Note")


def test_long_texts_are_cut():
    (change,) = of_fields([NAME], [replace(NAME, help={"en": "word " * 100})])
    assert len(change.details[0].now) <= 160
    assert change.details[0].now.endswith("…")


@pytest.mark.parametrize(
    ("values", "words", "not_told"),
    [
        (FormDefinition, FORM_PARTS, {"steps"}),
        (StepDefinition, STEP_PARTS, {"id", "fields"}),
        (FieldDefinition, FIELD_PARTS, {"id", "choices"}),
        (ChoiceDefinition, CHOICE_PARTS, {"value"}),
    ],
)
def test_every_part_of_a_definition_has_words(values, words, not_told):
    assert {one.name for one in dataclass_fields(values)} == set(words) | not_told


def test_every_word_of_a_definition_can_be_said():
    said = {*Kind, *Becomes, *Display, *Width, *Match, *Priority}
    assert said <= set(VALUES)
    assert set(TESTS) == set(Test)
