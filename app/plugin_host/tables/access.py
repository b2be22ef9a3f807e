"""`host.tables`: a plugin's own tables, reached through a connection that looks at every statement first."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, ScalarResult

from app.plugin_api.tables import Parameters, TableConnection
from app.plugin_host.backend import Backend
from app.plugin_host.permissions import Permit
from app.plugin_host.tables.guard import expression_problem, is_named_for

__all__ = ["GuardedConnection", "PluginTables"]


class PluginTables:
    """A plugin's tables; needs the permission `tables`."""

    def __init__(self, permit: Permit, backend: Backend) -> None:
        self._permit = permit
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
        self._permit.require("tables")
        name = self._permit.plugin
        with self._backend.table_connection(name, is_writing=is_writing) as connection:
            guarded = GuardedConnection(self._permit, connection, self._backend.rivals(name))
            try:
                yield guarded
            finally:
                guarded.close()


class GuardedConnection:
    """Takes Core expressions on the plugin's own tables until its block ends. Others raise RuntimeError with a sentence."""

    def __init__(self, permit: Permit, connection: Connection, rivals: tuple[str, ...] = ()) -> None:
        self._permit = permit
        self._rivals = rivals
        self.__connection: Connection | None = connection

    def execute(self, statement: Any, parameters: Parameters = None) -> CursorResult[Any]:
        if self.__connection is None:
            self._permit.refuse("do this: the connection ended with its block")
        problem = expression_problem(statement, lambda table: is_named_for(self._permit.plugin, table, self._rivals))
        if problem:
            self._permit.refuse(f"do this: the statement {problem}")
        return self.__connection.execute(statement, parameters)

    def scalar(self, statement: Any, parameters: Parameters = None) -> Any:
        return self.execute(statement, parameters).scalar()

    def scalars(self, statement: Any, parameters: Parameters = None) -> ScalarResult[Any]:
        return self.execute(statement, parameters).scalars()

    def close(self) -> None:
        """Let nothing through any more."""
        self.__connection = None
