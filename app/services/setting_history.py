"""The history of settings, written in the transaction that changes them: who changed what of a plugin or an account, and when."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.models import SettingChange
from app.services.core import Actor, Unit

__all__ = ["changed_settings", "note_setting_changes"]


def changed_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of settings whose values differ, sorted; an empty text says as little as none."""
    return sorted(key for key in {**before, **after} if _said(before.get(key)) != _said(after.get(key)))


def note_setting_changes(
    unit: Unit,
    actor: Actor,
    plugin: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    secrets: Iterable[str] = (),
    account_id: int | None = None,
) -> None:
    """Write a line for each changed setting; of the `secrets` that were given anew only that they changed."""

    def note(key: str, **values: Any) -> None:
        unit.session.add(
            SettingChange(
                plugin=plugin,
                account_id=account_id,
                key=key[:80],
                agent_name=actor.name[:120],
                changed_at=unit.now,
                **values,
            )
        )

    for key in changed_settings(before, after):
        note(key, before=before.get(key), after=after.get(key), is_secret=False)
    for key in sorted(secrets):
        note(key, before=None, after=None, is_secret=True)


def _said(value: Any) -> Any:
    return None if value == "" else value
