"""A host with one form, and definitions that differ in what a test is about."""

from collections.abc import Sequence
from typing import Any

from forms.definitions import Becomes, FieldDefinition, FormDefinition, Kind, StepDefinition
from tidings import Account
from tidings.testing import FakeHost

__all__ = ["create_definition", "create_fields", "create_form_host"]


def create_form_host(**settings: object) -> tuple[FakeHost, Account]:
    """A host whose account 1 is a form with these settings."""
    account = Account(1, "webform", "Shop", "", settings)
    return FakeHost("webform", [account]), account


def create_fields() -> tuple[FieldDefinition, ...]:
    return (
        FieldDefinition("email", Kind.EMAIL, {"en": "E-mail"}, is_required=True, becomes=Becomes.EMAIL),
        FieldDefinition("message", Kind.LONG_TEXT, {"en": "Message"}, is_required=True, becomes=Becomes.MESSAGE),
    )


def create_definition(
    title: str = "Write to us", fields: Sequence[FieldDefinition] = (), **changes: Any
) -> FormDefinition:
    """A form of one step, in English unless `languages` are given."""
    steps = (StepDefinition("main", tuple(fields or create_fields())),)
    return FormDefinition(**{"languages": ("en",), "steps": steps, "title": {"en": title}, **changes})
