"""The history of a plugin's settings as pages show it."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext

from app.queries.plugin_page import ChangeFacts
from app.web.contexts import SettingChangeRow
from app.web.texts import translated
from forms.settings import SettingsForm

__all__ = ["history_rows", "labels_of"]

_LONGEST = 80


def history_rows(
    changes: Iterable[ChangeFacts], labels: Mapping[str, str] | None = None
) -> tuple[SettingChangeRow, ...]:
    """The changes with the names that the form gives to settings, where it is at hand."""
    names = labels or {}
    return tuple(
        SettingChangeRow(
            at=change.changed_at,
            who=change.agent_name,
            setting=names.get(change.key) or change.key.replace("_", " "),
            before="" if change.is_secret else _shown(change.before),
            after="" if change.is_secret else _shown(change.after),
            is_secret=change.is_secret,
        )
        for change in changes
    )


def labels_of(form: type[SettingsForm] | None) -> dict[str, str]:
    """What a form calls its settings, by their names; nothing without a form."""
    return {field.short_name: translated(field.label.text) for field in form()} if form is not None else {}


def _shown(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
