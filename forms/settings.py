"""The base of every settings page: a plugin declares a `SettingsForm`, the host renders, validates and stores it."""

from collections.abc import Mapping
from typing import Any

from wtforms import Field, PasswordField, StringField
from wtforms.validators import Optional

from forms.base import Form

__all__ = ["SecretField", "SettingsForm"]


class SecretField(PasswordField):
    """A value that is written but never shown again. Left empty on an edit page it keeps what is stored."""

    def __init__(self, label: str | None = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"autocomplete": "new-password", "spellcheck": "false"})
        super().__init__(label, validators, **kwargs)


class SettingsForm(Form):
    """Declare fields as class attributes; `fieldsets` groups their names under headings in the order of the page.

    `advanced` are groups that most people never need: they are folded away below the others.
    """

    fieldsets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    advanced: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def secret_names(cls) -> frozenset[str]:
        """Names of the fields whose values are encrypted and never shown."""
        return frozenset(name for name, field in cls()._fields.items() if isinstance(field, SecretField))

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Names of all declared settings, in order."""
        return tuple(cls()._fields)

    def split_secrets(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The form's data as (plain settings, secrets that were given)."""
        secret_names = self.secret_names()
        plain = {name: value for name, value in self.data.items() if name not in secret_names}
        secrets = {name: value for name, value in self.data.items() if name in secret_names and value}
        return plain, secrets

    def point_at(self, name: str) -> None:
        """Give a field the focus on the page; nothing happens when there is none of the name."""
        if name in self._fields:
            self[name].render_kw = {**(self[name].render_kw or {}), "autofocus": True}

    @property
    def shows_advanced(self) -> bool:
        """Whether the page opens the advanced groups by itself: one of them holds an error, something unusual, or the focus."""
        fields = [self[name] for _, group in self.advanced for name in group]
        return any(
            field.errors or not self.is_usual(field) or (field.render_kw or {}).get("autofocus") for field in fields
        )

    def is_usual(self, field: Field) -> bool:
        """Whether a field holds what most people leave in it: its default, or nothing."""
        return (field.data or None) == (field.default or None)

    @classmethod
    def from_stored(cls, formdata: Any, stored: Mapping[str, Any], has_secrets: frozenset[str]) -> "SettingsForm":
        """The form of an edit page: stored values shown, secrets that exist not asked for again."""
        form = cls(formdata, data=dict(stored))
        for name in has_secrets:
            field = form._fields.get(name)
            if isinstance(field, StringField):
                field.flags.required = False
                kept = [v for v in field.validators if "required" not in getattr(v, "field_flags", {})]
                field.validators = [Optional(), *kept]
                field.render_kw = {**(field.render_kw or {}), "placeholder": "••••••••"}
        return form
