"""Visitors without JavaScript read when a question counts."""

import pytest

from forms.definitions import Condition, ConditionRule, FormDefinition, Kind, Match, StepDefinition, Test
from plugins.webform.tests.factories import create_field
from plugins.webform.visiting.languages import Catalogue
from plugins.webform.visiting.only_if import only_if_lines
from tidings.testing import FakeHost

TOPIC = create_field("topic", Kind.CHOICE, choices=("order", "other"))
SIZE = create_field("size", Kind.NUMBER)


def line_of(*rules: ConditionRule, match: Match = Match.ALL) -> str:
    asked = create_field("asked", Kind.TEXT, show_if=Condition(rules, match))
    definition = FormDefinition(("en",), (StepDefinition("main", (TOPIC, SIZE, asked)),))
    return only_if_lines(definition, Catalogue(FakeHost("webform"), "en"))["asked"]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (ConditionRule("topic", Test.IS, "order"), "Only if “Topic” is “Order”."),
        (ConditionRule("topic", Test.IS_NOT, "order"), "Only if “Topic” is not “Order”."),
        (ConditionRule("topic", Test.CONTAINS, "gone"), "Only if “Topic” contains “gone”."),
        (ConditionRule("size", Test.IS_FILLED), "Only if “Size” is filled in."),
        (ConditionRule("size", Test.IS_EMPTY), "Only if “Size” is empty."),
        (ConditionRule("size", Test.MORE_THAN, "100%"), "Only if “Size” is more than 100%."),
        (ConditionRule("size", Test.LESS_THAN, "7"), "Only if “Size” is less than 7."),
    ],
)
def test_each_test_has_its_words(rule, line):
    assert line_of(rule) == line


def test_several_rules_are_joined():
    rules = (
        ConditionRule("topic", value="order"),
        ConditionRule("size", Test.IS_FILLED),
        ConditionRule("size", Test.LESS_THAN, "7"),
    )
    assert line_of(*rules) == "Only if “Topic” is “Order” and “Size” is filled in and “Size” is less than 7."
    assert line_of(*rules[:2], match=Match.ANY) == "Only if “Topic” is “Order” or “Size” is filled in."


def test_steps_have_lines_and_what_is_always_asked_has_none():
    only_orders = Condition((ConditionRule("topic", value="order"),))
    steps = StepDefinition("first", (TOPIC,)), StepDefinition("second", (SIZE,), show_if=only_orders)
    lines = only_if_lines(FormDefinition(("en",), steps), Catalogue(FakeHost("webform"), "en"))
    assert lines == {"second": "Only if “Topic” is “Order”."}
