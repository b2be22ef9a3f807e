"""Whether conditions look at something that stands before them, and at an answer that it can have. Pure."""

from collections.abc import Iterator, Mapping

from forms.base import translatable
from forms.definitions.cleaning import read_date, read_number
from forms.definitions.problems import Problem
from forms.definitions.types import Condition, ConditionRule, FieldDefinition, FormDefinition, Kind, Test

__all__ = ["check_conditions"]

_EMPTINESS = frozenset({Test.IS_FILLED, Test.IS_EMPTY})
_EQUALITY = frozenset({Test.IS, Test.IS_NOT})
_ORDER = frozenset({Test.MORE_THAN, Test.LESS_THAN})
TESTS: Mapping[Kind, frozenset[Test]] = {
    Kind.FILE: _EMPTINESS,
    Kind.CONSENT: _EMPTINESS,
    Kind.CHOICE: _EMPTINESS | _EQUALITY | {Test.CONTAINS},
    Kind.CHOICES: _EMPTINESS | _EQUALITY | {Test.CONTAINS},
    Kind.PHONE: _EMPTINESS,  # a browser does not know how numbers are written elsewhere
    Kind.NUMBER: _EMPTINESS | _EQUALITY | _ORDER,
    Kind.RATING: _EMPTINESS | _EQUALITY | _ORDER,
    Kind.DATE: _EMPTINESS | _EQUALITY | _ORDER,
}
"""How a condition may look at a kind; at one that is not named, in every way."""


def check_conditions(definition: FormDefinition) -> Iterator[Problem]:
    """What is wrong with the conditions of steps and fields, in their order."""
    before: dict[str, FieldDefinition] = {}
    everything = {one.id: one for one in definition.fields}
    for number, step in enumerate(definition.steps):
        yield from _condition(step.show_if, f"steps[{number}].show_if", before, everything)
        for place, field in enumerate(step.fields):
            yield from _condition(field.show_if, f"steps[{number}].fields[{place}].show_if", before, everything)
            before[field.id] = field


def _condition(
    condition: Condition | None,
    path: str,
    before: Mapping[str, FieldDefinition],
    everything: Mapping[str, FieldDefinition],
) -> Iterator[Problem]:
    for place, rule in enumerate(condition.rules if condition else ()):
        key, text = _wrong_field(rule, before, everything) or _wrong_look(rule, before[rule.field_id])
        if text:
            yield Problem(f"{path}.rules[{place}].{key}", text)


def _wrong_field(
    rule: ConditionRule, before: Mapping[str, FieldDefinition], everything: Mapping[str, FieldDefinition]
) -> tuple[str, str] | None:
    field = everything.get(rule.field_id)
    if field is None:
        return "field", translatable("The field that this looks at is not in the form.")
    if not field.kind.is_answer:
        return "field", translatable("The field that this looks at has no answer.")
    if rule.field_id not in before:
        return "field", translatable("The field that this looks at must stand before it.")
    return None


def _wrong_look(rule: ConditionRule, field: FieldDefinition) -> tuple[str, str]:
    """(key, sentence); both empty when nothing is wrong."""
    if rule.test not in TESTS.get(field.kind, frozenset(Test)):
        return "test", translatable("An answer of this kind cannot be looked at so.")
    if rule.test in _EMPTINESS:
        return "", ""
    if not rule.value:
        return "value", translatable("Say with what the answer is compared.")
    if rule.test in _EQUALITY and field.kind in (Kind.CHOICE, Kind.CHOICES) and not _is_offered(rule.value, field):
        return "value", translatable("This is none of the answers that the field offers.")
    if field.kind is Kind.DATE and read_date(rule.value) is None:
        return "value", translatable("Please enter a day as in 2030-12-31.")
    if field.kind in (Kind.NUMBER, Kind.RATING) and read_number(rule.value) is None:
        return "value", translatable("Please enter a number, in figures.")
    if rule.test in _ORDER and read_number(rule.value) is None and read_date(rule.value) is None:
        return "value", translatable("Enter a number, or a day as in 2030-12-31.")
    return "", ""


def _is_offered(value: str, field: FieldDefinition) -> bool:
    return value.strip().lower() in {one.value.strip().lower() for one in field.choices}
