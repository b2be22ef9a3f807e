"""The row in which the host remembers a plugin, made when something is to be written of a plugin nobody ever switched on or off."""

from app.errors import NotFound
from app.models import PluginState
from app.services.core import Core, Unit
from app.services.counting import upsert

__all__ = ["plugin_record"]


def plugin_record(core: Core, unit: Unit, plugin: str) -> PluginState:
    """The plugin's row. A new one says what holds without it: on for plugins that came with Tidings, off for others."""
    new = upsert(unit.connection)(PluginState.__table__).values(
        name=plugin,
        version="",
        is_active=_is_on_by_itself(core, plugin),
        granted=[],
        settings={},
        secrets="",
        snapshot="",
        changed_at=unit.now,
        failures=0,
        last_error="",
    )
    unit.connection.execute(new.on_conflict_do_nothing(index_elements=["name"]))
    return unit.session.get_one(PluginState, plugin, with_for_update=True, populate_existing=True)


def _is_on_by_itself(core: Core, plugin: str) -> bool:
    try:
        return core.plugins.info(plugin).is_shipped
    except NotFound:
        return False
