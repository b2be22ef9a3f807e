"""From a definition to JSON, and to what the browser needs of it."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from typing import Any

from forms.definitions.types import SCHEMA, Condition, ConditionRule, FormDefinition, say

__all__ = ["script_facts", "write_definition"]

KEYS: Mapping[tuple[type, str], str] = {(ConditionRule, "field_id"): "field"}
"""Where a JSON key is not the name of its attribute."""


def write_definition(definition: FormDefinition) -> dict[str, Any]:
    """JSON that `read_definition` reads back as the same; what is as usual is left out."""
    return {"schema": SCHEMA, **_written(definition)}


def script_facts(definition: FormDefinition, language: str) -> dict[str, Any]:
    """What a script in the browser needs to show and hide as the server does.

    `{"conditions": {field or step id: {"match": "all"|"any", "rules": [{"field", "test", "value"}]}},
    "steps": [{"id", "title", "fields": [id]}], "parameters": {field id: parameter of the page's address}}`.
    IS, IS_NOT and CONTAINS compare without regard to case and to spaces around; IS_NOT is met by an empty answer.
    """
    conditions = {step.id: step.show_if for step in definition.steps} | {
        one.id: one.show_if for one in definition.fields
    }
    base = definition.languages[0]
    return {
        "conditions": {name: _condition(condition) for name, condition in conditions.items() if condition},
        "steps": [
            {"id": step.id, "title": say(step.title, language, base), "fields": [one.id for one in step.fields]}
            for step in definition.steps
        ],
        "parameters": {one.id: one.parameter for one in definition.fields if one.parameter},
    }


def _condition(condition: Condition) -> dict[str, Any]:
    rules = [{"field": rule.field_id, "test": str(rule.test), "value": rule.value} for rule in condition.rules]
    return {"match": str(condition.match), "rules": rules}


def _written(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        kept = ((one, getattr(value, one.name)) for one in fields(value))
        return {
            KEYS.get((type(value), one.name), one.name): _written(each) for one, each in kept if each != _usual(one)
        }
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    return [_written(one) for one in value] if isinstance(value, tuple) else value


def _usual(field: "Field[Any]") -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default
