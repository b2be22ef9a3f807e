"""Definitions and posts for tests, as short as what is tested allows."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from forms.definitions import DefinedForm, FormDefinition, build_form, read_definition

NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def create_field(field_id: str = "answer", kind: str = "text", **more: Any) -> dict[str, Any]:
    """A field's JSON with what its kind cannot do without."""
    field: dict[str, Any] = {"id": field_id, "kind": kind, "label": {"en": field_id.title()}}
    if kind in ("choice", "choices"):
        field["choices"] = [create_choice("red"), create_choice("blue"), create_choice("green")]
    return field | more


def create_choice(value: str, **more: Any) -> dict[str, Any]:
    return {"value": value, "label": {"en": value.title(), "de": f"({value})"}} | more


def create_json(*fields: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A form's JSON with one step."""
    return {"languages": ["en"], "steps": [{"id": "only", "fields": list(fields)}]} | more


def create_definition(*fields: Mapping[str, Any], **more: Any) -> FormDefinition:
    return read_definition(create_json(*fields, **more))


def create_file(name: str = "a.txt", size: int = 3) -> FileStorage:
    return FileStorage(io.BytesIO(b"x" * size), filename=name)


def post(definition: FormDefinition, /, *, language: str = "en", **values: Any) -> DefinedForm:
    """The form as it was posted; a list stands for several values of one field."""
    posted: MultiDict[str, Any] = MultiDict()
    for name, value in values.items():
        posted.setlist(name, list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value])
    return build_form(definition, language, posted, now=NOW)


def problem_of(field: Mapping[str, Any], value: Any, **more: Any) -> str:
    """What a form with this field alone says to an answer; empty when it takes it."""
    form = post(create_definition(field, **more), **{field["id"]: value})
    is_valid = form.validate()
    assert is_valid == (not form.problems)
    return form.problems.get(field["id"], "")


def value_of(field: Mapping[str, Any], value: Any, **more: Any) -> Any:
    """What is kept of an answer that a form takes; None when nothing is."""
    form = post(create_definition(field, create_field("beside"), **more), **{field["id"]: value})
    assert form.validate(), form.problems
    return form.answers.values.get(field["id"])
