"""The migrations a plugin brings, as one chain: reading them and running them. What they may touch is watched in `guard`."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.plugin_host.backend import MigrationFailed
from app.plugin_host.health.book import describe
from app.plugin_host.info import PluginInfo
from app.revisions import Revisions, read_revisions

if TYPE_CHECKING:
    from alembic.migration import MigrationContext
    from alembic.runtime.migration import MigrationStep
    from alembic.script import ScriptDirectory

__all__ = ["Guarded", "MigrationChain", "has_migrations", "must_know", "revisions_of", "said_by", "unguarded"]

READING_S = 10.0
RUNNING_S = 300.0
"""So long all migrations together may take; on SQLite nobody else can write meanwhile."""

Guarded = Callable[..., Callable[..., Any]]
"""`guarded(plugin, what, limit_s=…)` gives what calls its first argument with the others, as the dispatcher's does."""


def unguarded(_plugin: str, _what: str, *, limit_s: float) -> Callable[..., Any]:
    """Calls without counting and without a limit."""
    return lambda function, *arguments: function(*arguments)


def has_migrations(info: PluginInfo) -> bool:
    """Whether a plugin brings migrations; a plugin of one file cannot."""
    return info.path is not None and any(_versions(info.path).glob("*.py"))


def revisions_of(info: PluginInfo, guarded: Guarded = unguarded) -> Revisions:
    """Where the migrations of a plugin that brings some lead to. Their files are run only where their text does not tell. Raises
    `MigrationFailed` when they make no chain."""
    assert info.path is not None
    return read_revisions(_versions(info.path)) or MigrationChain(info, guarded).revisions


def must_know(revisions: Revisions, revision: str) -> None:
    """Raise `MigrationFailed` when no migration leads to this revision. None at all is always known."""
    if revision and revision not in revisions.known:
        raise MigrationFailed(
            f"Its tables are at revision {revision}, which this version of the plugin does not know: it is older than its tables."
        )


class MigrationChain:
    """A plugin's migrations. Making one reads, and so runs, their files; raises `MigrationFailed` when they make no chain. Alembic is
    loaded here and not before: a process that changes no tables does without it."""

    def __init__(self, info: PluginInfo, guarded: Guarded = unguarded) -> None:
        from alembic.script import ScriptDirectory

        self._plugin = info.name
        self._guarded = guarded
        if info.path is None or not has_migrations(info):
            raise MigrationFailed("It brings no migrations, but its tables were made by some.")
        versions = _versions(info.path)
        self._script = ScriptDirectory(str(versions.parent), version_locations=[str(versions)])
        heads, known = self._read()
        if len(heads) != 1:
            raise MigrationFailed(
                f"Its migrations have {len(heads)} ends ({', '.join(sorted(heads))}); there must be one."
            )
        self.revisions = Revisions(heads[0], known)

    def run(self, connection: Connection, version_table: str, target: str) -> None:
        """Run what is missing up to the revision `target`, in the transaction of the connection."""
        from alembic.migration import MigrationContext
        from alembic.operations import Operations
        from alembic.runtime.migration import MigrationStep

        def steps(heads: Sequence[str], _context: "MigrationContext") -> "list[MigrationStep]":
            missing = list(self._script.iterate_revisions(target, tuple(heads), implicit_base=True))
            return [MigrationStep.upgrade_from_script(self._script.revision_map, one) for one in reversed(missing)]

        options = {"version_table": version_table, "render_as_batch": True, "transactional_ddl": True, "fn": steps}
        context = MigrationContext.configure(connection, opts={**options, "script": self._script})
        try:
            with Operations.context(context):
                self._guarded(self._plugin, "migrations", limit_s=RUNNING_S)(context.run_migrations)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's migration may raise anything
            raise MigrationFailed(f"Its migration failed: {said_by(error)}") from error

    def _read(self) -> tuple[list[str], frozenset[str]]:
        try:
            return self._guarded(self._plugin, "migrations", limit_s=READING_S)(_read, self._script)
        except KeyError as error:
            raise MigrationFailed(f"Its migrations are no chain: the revision {error.args[0]!r} is missing.") from error
        except (Exception, SystemExit) as error:  # noqa: BLE001 - its files are run while they are read
            raise MigrationFailed(f"Its migrations cannot be read: {said_by(error)}") from error


def said_by(error: BaseException) -> str:
    """What was raised in one line; of the database's answer without the statement and its advice."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return f"{type(error.orig).__name__}: {str(error.orig).partition(chr(10))[0]}"
    return describe(error)


def _read(script: "ScriptDirectory") -> tuple[list[str], frozenset[str]]:
    """The newest revisions, and all of them."""
    with warnings.catch_warnings(action="ignore"):  # what Alembic warns of is raised by the caller
        heads = script.get_heads()
        return list(heads), frozenset(one.revision for one in script.walk_revisions())


def _versions(folder: Path) -> Path:
    return folder / "migrations" / "versions"
