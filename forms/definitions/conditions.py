"""Which fields and steps are shown, given the answers so far. The browser does the same with `script_facts`; the server decides."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from forms.definitions.cleaning import read_date, read_number
from forms.definitions.types import Condition, ConditionRule, FormDefinition, Match, Test

__all__ = ["Value", "holds", "shown_ids"]

Value = str | Sequence[str]
"""An answer as it is kept: a text, or the values of several choices. Empty means not answered."""


def holds(condition: Condition | None, values: Mapping[str, Value]) -> bool:
    """Whether a condition is met; no condition always is. A field that is missing in `values` counts as empty."""
    if condition is None or not condition.rules:
        return True
    results = [_passes(rule, values.get(rule.field_id, "")) for rule in condition.rules]
    return all(results) if condition.match is Match.ALL else any(results)


def shown_ids(definition: FormDefinition, values: Mapping[str, Value]) -> frozenset[str]:
    """The ids of the steps and fields that are shown. What is not shown counts as empty for the conditions after it."""
    shown: set[str] = set()
    kept: dict[str, Value] = {}
    for step in definition.steps:
        if not holds(step.show_if, kept):
            continue
        shown.add(step.id)
        for field in step.fields:
            if holds(field.show_if, kept):
                shown.add(field.id)
                kept[field.id] = values.get(field.id, "")
    return frozenset(shown)


def _passes(rule: ConditionRule, value: Value) -> bool:
    answers = [one for one in ([value] if isinstance(value, str) else value) if one]
    return TESTS[rule.test](answers, rule.value)


def _is(answers: Sequence[str], wanted: str) -> bool:
    return any(_same(one) == _same(wanted) for one in answers)


def _contains(answers: Sequence[str], wanted: str) -> bool:
    return any(_same(wanted) in _same(one) for one in answers)


def _more_than(answers: Sequence[str], wanted: str) -> bool:
    return any(_compare(one, wanted) == 1 for one in answers)


def _less_than(answers: Sequence[str], wanted: str) -> bool:
    return any(_compare(one, wanted) == -1 for one in answers)


TESTS: Mapping[Test, Callable[[Sequence[str], str], bool]] = {
    Test.IS: _is,
    Test.IS_NOT: lambda answers, wanted: not _is(answers, wanted),
    Test.CONTAINS: _contains,
    Test.IS_FILLED: lambda answers, _: bool(answers),
    Test.IS_EMPTY: lambda answers, _: not answers,
    Test.MORE_THAN: _more_than,
    Test.LESS_THAN: _less_than,
}
"""IS_NOT is the opposite of IS, so it is met by an empty answer. Whatever cannot be compared is neither more nor less."""


def _same(text: str) -> str:
    return text.strip().lower()


def _compare(one: str, other: str) -> int:
    """-1, 0 or 1 for numbers and for ISO dates; 0 when they are not both the same kind."""
    numbers: list[Decimal | None] = [read_number(one), read_number(other)]
    days: list[date | None] = [read_date(one), read_date(other)]
    for first, second in (numbers, days):
        if first is not None and second is not None:
            return (first > second) - (first < second)  # type: ignore[operator]
    return 0
