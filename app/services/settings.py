"""Settings of the installation that an admin changes at run time: the business's name, language, and whether set-up is done."""

from typing import Any

from sqlalchemy import select

from app.models import PluginValue
from app.services.core import Core, Unit

__all__ = ["SETTINGS", "get_setting", "put_setting"]

SETTINGS = "core"
"""The name under which the core keeps its own values, beside those of plugins."""


def get_setting(core: Core, key: str, default: Any = None) -> Any:
    """The value of a setting."""
    row = core.session.execute(
        select(PluginValue.value).where(PluginValue.plugin == SETTINGS, PluginValue.key == key)
    ).first()
    return default if row is None else row[0]


def put_setting(unit: Unit, key: str, value: Any) -> None:
    """Write a setting in the caller's transaction."""
    unit.session.merge(PluginValue(plugin=SETTINGS, key=key, value=value))
