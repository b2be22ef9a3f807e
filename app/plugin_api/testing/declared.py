"""What a plugin itself says to the host of its tests: the defaults of its settings, the addresses of its accounts and the migrations of its
tables.

Nothing of the plugin is imported before it is asked for.
"""

import importlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pluggy
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.runtime.migration import MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from app.plugin_api import hookspecs
from app.plugin_api.registrations import Route

__all__ = ["account_address", "default_settings", "migrate", "routes_of"]


def default_settings(plugin: str, package: str, host: object) -> dict[str, Any]:
    """What the form of the plugin's `register_settings` begins with; empty when there is no plugin or no form."""
    answers = _answers("register_settings", plugin, package, host)
    return {name: value for forms in answers for form in forms for name, value in form().data.items()}


def account_address(plugin: str, package: str, host: object, settings: Mapping[str, Any]) -> str:
    """What the plugin's channel says to be the address of an account with these settings; empty when there is no plugin or no channel."""
    channels = [channel for of_plugin in _answers("register_channels", plugin, package, host) for channel in of_plugin]
    return channels[0].account_address(settings) if channels else ""


def routes_of(plugin: str, package: str, host: object) -> list[Route]:
    """The plugin's pages; none when there is no plugin."""
    return [route for of_plugin in _answers("register_routes", plugin, package, host) for route in of_plugin]


def migrate(connection: Connection, plugin: str, package: str) -> None:
    """Run all migrations of the plugin, in the transaction of the connection; nothing happens when it brings none.

    Raises ValueError when they make no chain, and for a table that is not named after the plugin: the real host refuses both. That a
    statement touches no other table is looked at by the real host only.
    """
    found = _package(plugin, package)
    if found is None or not any((found[1] / "migrations" / "versions").glob("*.py")):
        return
    script = ScriptDirectory(
        str(found[1] / "migrations"), version_locations=[str(found[1] / "migrations" / "versions")]
    )
    steps = list(_steps(script))
    options = {
        "version_table": f"plugin_{plugin}_alembic",
        "render_as_batch": True,
        "transactional_ddl": True,
        "script": script,
        "fn": lambda *_: steps,
    }
    context = MigrationContext.configure(connection, opts=options)
    with Operations.context(context):
        context.run_migrations()
    for table in inspect(connection).get_table_names():
        if not table.startswith(f"plugin_{plugin}_"):
            raise ValueError(
                f"A migration of {plugin} makes the table {table}; its name must begin with plugin_{plugin}_."
            )


def _answers(hook: str, plugin: str, package: str, host: object) -> Sequence[Any]:
    """What the plugin answers to one of the hooks that register something; nothing when there is no such plugin."""
    found = _package(plugin, package)
    if found is None:
        return ()
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(importlib.import_module(found[0]))
    return getattr(manager.hook, hook)(host=host)


def _steps(script: ScriptDirectory) -> Iterator[MigrationStep]:
    with warnings.catch_warnings(action="ignore"):  # of what Alembic warns here, the next line raises
        heads = script.get_heads()
    if len(heads) != 1:
        raise ValueError(f"The migrations have {len(heads)} ends ({', '.join(sorted(heads))}); there must be one.")
    for revision in reversed(list(script.walk_revisions())):
        yield MigrationStep.upgrade_from_script(script.revision_map, revision)


def _package(plugin: str, package: str) -> tuple[str, Path] | None:
    """(package, folder) of the plugin, where Python finds it: `package`, or what drop-ins, distributions and shipped plugins are called."""
    for name in [package] if package else [f"tidings_plugin_{plugin}", f"plugins.{plugin}"]:
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):  # the package it would be in is not there, or it was made by hand
            continue
        if spec is not None and spec.submodule_search_locations:
            return name, Path(next(iter(spec.submodule_search_locations)))
    return None
