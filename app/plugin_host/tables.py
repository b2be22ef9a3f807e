"""`host.tables`: a plugin's own tables, reached through a connection that looks at every statement first."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, ScalarResult

from app.plugin_api.manifest import Manifest
from app.plugin_api.tables import Parameters, TableConnection
from app.plugin_host.backend import Backend
from app.plugin_host.permissions import require
from app.plugin_host.table_guard import expression_problem, is_named_for

__all__ = ["GuardedConnection", "PluginTables"]


class PluginTables:
    """A plugin's tables; needs the permission `tables`."""

    def __init__(self, manifest: Manifest, backend: Backend) -> None:
        self._manifest = manifest
        self._backend = backend

    @contextmanager
    def connect(self) -> Iterator[TableConnection]:
        with self._open(is_writing=False) as connection:
            yield connection

    @contextmanager
    def begin(self) -> Iterator[TableConnection]:
        with self._open(is_writing=True) as connection:
            yield connection

    @contextmanager
    def _open(self, *, is_writing: bool) -> Iterator["GuardedConnection"]:
        require(self._manifest, "tables")
        name = self._manifest.name
        with self._backend.table_connection(name, is_writing=is_writing) as connection:
            guarded = GuardedConnection(name, connection, self._backend.rivals(name))
            try:
                yield guarded
            finally:
                guarded.close()


class GuardedConnection:
    """Takes Core expressions on the plugin's own tables until its block ends. Others raise RuntimeError with a sentence."""

    def __init__(self, plugin: str, connection: Connection, rivals: tuple[str, ...] = ()) -> None:
        self._plugin = plugin
        self._rivals = rivals
        self.__connection: Connection | None = connection

    def execute(self, statement: Any, parameters: Parameters = None) -> CursorResult[Any]:
        if self.__connection is None:
            raise RuntimeError(f"{self._plugin} may not do this: the connection ended with its block.")
        problem = expression_problem(statement, lambda table: is_named_for(self._plugin, table, self._rivals))
        if problem:
            raise RuntimeError(f"{self._plugin} may not do this: the statement {problem}.")
        return self.__connection.execute(statement, parameters)

    def scalar(self, statement: Any, parameters: Parameters = None) -> Any:
        return self.execute(statement, parameters).scalar()

    def scalars(self, statement: Any, parameters: Parameters = None) -> ScalarResult[Any]:
        return self.execute(statement, parameters).scalars()

    def close(self) -> None:
        """Let nothing through any more."""
        self.__connection = None
