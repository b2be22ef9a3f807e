"""When a question counts, in words: visitors without JavaScript see every question, and the server decides which of them it asked."""

from collections.abc import Mapping

from forms.definitions import Condition, ConditionRule, FieldDefinition, FormDefinition, Match, Test, say
from plugins.webform.visiting.languages import Catalogue
from tidings import translatable

__all__ = ["only_if_lines"]

_LINE = translatable("Only if %(conditions)s.")
_JOINED = {Match.ALL: translatable("%(one)s and %(other)s"), Match.ANY: translatable("%(one)s or %(other)s")}
_CLAUSES = {
    Test.IS: translatable("“%(field)s” is “%(value)s”"),
    Test.IS_NOT: translatable("“%(field)s” is not “%(value)s”"),
    Test.CONTAINS: translatable("“%(field)s” contains “%(value)s”"),
    Test.IS_FILLED: translatable("“%(field)s” is filled in"),
    Test.IS_EMPTY: translatable("“%(field)s” is empty"),
    Test.MORE_THAN: translatable("“%(field)s” is more than %(value)s"),
    Test.LESS_THAN: translatable("“%(field)s” is less than %(value)s"),
}


def only_if_lines(definition: FormDefinition, catalogue: Catalogue) -> Mapping[str, str]:
    """The line for each field and step that has a condition, by its id."""
    shown_if = {step.id: step.show_if for step in definition.steps} | {one.id: one.show_if for one in definition.fields}
    return {
        name: _line(condition, definition, catalogue)
        for name, condition in shown_if.items()
        if condition is not None and condition.rules
    }


def _line(condition: Condition, definition: FormDefinition, catalogue: Catalogue) -> str:
    clauses = [_clause(rule, definition, catalogue) for rule in condition.rules]
    joined = clauses[0]
    for clause in clauses[1:]:
        joined = catalogue.gettext(_JOINED[condition.match]) % {"one": joined, "other": clause}
    return catalogue.gettext(_LINE) % {"conditions": joined}


def _clause(rule: ConditionRule, definition: FormDefinition, catalogue: Catalogue) -> str:
    field, base = definition.field_named(rule.field_id), definition.languages[0]
    label = say(field.label, catalogue.language, base) if field else rule.field_id
    value = _said(rule.value, field, catalogue.language, base)
    return catalogue.gettext(_CLAUSES[rule.test]) % {"field": label, "value": value}


def _said(value: str, field: FieldDefinition | None, language: str, base: str) -> str:
    """A choice's label in the place of what is sent for it."""
    chosen = next((one for one in (field.choices if field else ()) if one.value == value), None)
    return (say(chosen.label, language, base) if chosen else "") or value
