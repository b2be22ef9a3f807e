"""From what was submitted for a plugin or an account to what may be stored: validated, complete, secrets apart.

Encrypting the secrets and writing either is the backend's part; the pages that show the form are the web's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from app.errors import InvalidInput
from forms.settings import SettingsForm

__all__ = ["CheckedSettings", "bind_form", "check_form", "check_values"]


@dataclass(frozen=True, slots=True)
class CheckedSettings:
    """Settings that may be stored. `plain` holds every declared setting that is no secret; `secrets` those that were given anew."""

    plain: dict[str, Any]
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


def bind_form(
    form_class: type[SettingsForm],
    submitted: Mapping[str, Any] | None,
    *,
    stored: Mapping[str, Any] | None = None,
    has_secrets: Iterable[str] = (),
) -> SettingsForm:
    """The form of a settings page: what is stored, overlaid by what was submitted. `has_secrets` need not be given again."""
    return form_class.from_stored(submitted, stored or {}, frozenset(has_secrets))


def check_form(
    form: SettingsForm, submitted: Mapping[str, Any], *, ignored: Iterable[str] = ("csrf_token",)
) -> CheckedSettings:
    """Validate a bound form. Raises `InvalidInput` with a sentence per field, also for names the form does not declare."""
    problems = {name: "There is no setting of this name." for name in _unknown(form, submitted, ignored)}
    if not form.validate():
        problems.update({name: _first(errors) for name, errors in form.errors.items() if name})
    if problems:
        raise InvalidInput("Some settings cannot be accepted.", problems)
    plain, secrets = form.split_secrets()
    return CheckedSettings(plain=_storable(plain), secrets=secrets)


def check_values(
    form_class: type[SettingsForm],
    values: Mapping[str, Any],
    *,
    stored: Mapping[str, Any] | None = None,
    has_secrets: Iterable[str] = (),
) -> CheckedSettings:
    """The same for plain values, as the command line or an import gives them: True, 993, "text", ["a", "b"], None."""
    submitted = MultiDict([pair for name, value in values.items() for pair in _as_submitted(name, value)])
    form = bind_form(form_class, submitted, stored=stored, has_secrets=has_secrets)
    problems = {name: "There is no setting of this name." for name in _unknown(form, values, ())}
    if problems:
        raise InvalidInput("Some settings cannot be accepted.", problems)
    return check_form(form, submitted)


def _as_submitted(name: str, value: Any) -> Iterable[tuple[str, str]]:
    """As a browser would send it: nothing for None and False."""
    if value is None or value is False:
        return []
    if value is True:
        return [(name, "y")]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(name, str(item)) for item in value]
    return [(name, str(value))]


def _unknown(form: SettingsForm, submitted: Mapping[str, Any], ignored: Iterable[str]) -> list[str]:
    """Submitted names that belong to no field; parts of a compound field are called `field-part`."""
    known = {*form.field_names(), *ignored}
    return sorted(name for name in submitted if name not in known and name.partition("-")[0] not in known)


def _first(errors: Any) -> str:
    """The first sentence of a field's errors, which nest for compound fields."""
    while not isinstance(errors, str):
        errors = next(iter(errors.values() if isinstance(errors, Mapping) else errors), "This cannot be accepted.")
    return str(errors)


def _storable(plain: dict[str, Any]) -> dict[str, Any]:
    for name, value in plain.items():
        try:
            json.dumps(value)
        except TypeError as error:
            raise TypeError(f"the setting {name} is a {type(value).__name__}, which is no JSON value") from error
    return plain
