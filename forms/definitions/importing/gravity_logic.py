"""When Gravity Forms shows a field, in our conditions: https://docs.gravityforms.com/conditional-logic-object/."""

from collections.abc import Mapping
from typing import Any, Protocol

from forms.base import translatable
from forms.definitions.importing.drafts import Draft
from forms.definitions.types import Kind, Test

__all__ = ["Rules", "condition_of", "joined"]

Rules = dict[str, Any]
"""A condition as JSON."""

OPERATORS: Mapping[str, Test] = {
    "is": Test.IS,
    "isnot": Test.IS_NOT,
    "contains": Test.CONTAINS,
    ">": Test.MORE_THAN,
    "greater_than": Test.MORE_THAN,
    "<": Test.LESS_THAN,
    "less_than": Test.LESS_THAN,
}
OPPOSITES: Mapping[Test, Test] = {
    Test.IS: Test.IS_NOT,
    Test.IS_NOT: Test.IS,
    Test.IS_FILLED: Test.IS_EMPTY,
    Test.IS_EMPTY: Test.IS_FILLED,
}
EMPTINESS: Mapping[Test, Test] = {Test.IS: Test.IS_EMPTY, Test.IS_NOT: Test.IS_FILLED}
LOST = translatable("“%(field)s” was shown on a condition that cannot be said here; now it is always shown.")


class Known(Protocol):
    """What is known of a form while it is taken over: where its fields went."""

    draft: Draft

    def target(self, field_id: str) -> tuple[str, Kind] | None: ...


def condition_of(form: Known, field: Mapping[str, Any], label: str) -> Rules | None:
    """The condition of a field or page; None where it has none, or none that can be said, of which a remark tells."""
    logic = field.get("conditionalLogic")
    listed = logic.get("rules") if isinstance(logic, Mapping) and logic.get("enabled") is not False else None
    if not isinstance(logic, Mapping) or not isinstance(listed, list) or not listed:
        return None
    rules = [_rule(form, one) for one in listed if isinstance(one, Mapping)]
    match = "any" if logic.get("logicType") == "any" else "all"
    if logic.get("actionType") == "hide":
        rules = [_opposite(rule) for rule in rules]
        match = "all" if match == "any" else "any"
    if not rules or None in rules:
        form.draft.remark(LOST, field=label)
        return None
    return {"match": match, "rules": rules}


def joined(form: Known, outer: Rules | None, inner: Rules | None, label: str) -> Rules | None:
    """Both conditions as one: that of a section and that of a field in it."""
    if outer is None or inner is None:
        return outer or inner
    if all(one["match"] == "all" or len(one["rules"]) == 1 for one in (outer, inner)):
        return {"match": "all", "rules": [*outer["rules"], *inner["rules"]]}
    form.draft.remark(translatable("“%(field)s”: the condition of its section no longer counts for it."), field=label)
    return inner


def _rule(form: Known, rule: Mapping[str, Any]) -> dict[str, str] | None:
    target = form.target(str(rule.get("fieldId") or ""))
    test = OPERATORS.get(str(rule.get("operator") or "is"))
    value = str(rule.get("value") or "")
    if target is None or test is None:
        return None
    name, kind = target
    if kind is Kind.CONSENT or (not value and test in EMPTINESS):
        return {"field": name, "test": str(_emptiness(kind, test))} if test in EMPTINESS else None
    return {"field": name, "test": str(test), "value": value}


def _emptiness(kind: Kind, test: Test) -> Test:
    """A consent is compared with what it says when it was given; an empty value asks whether anything was answered."""
    return OPPOSITES[EMPTINESS[test]] if kind is Kind.CONSENT else EMPTINESS[test]


def _opposite(rule: dict[str, str] | None) -> dict[str, str] | None:
    test = OPPOSITES.get(Test(rule["test"])) if rule else None
    return {**rule, "test": str(test)} if rule and test else None
