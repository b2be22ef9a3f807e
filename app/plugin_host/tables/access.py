"""`host.tables`: a plugin's own tables, reached through a connection that looks at every statement first."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, ScalarResult

from app.plugin_api.tables import Parameters, TableConnection
from app.plugin_host.backend import Backend
from app.plugin_host.permissions import Permit
from app.plugin_host.tables.guard import expression_problem, is_named_for

__all__ = ["GuardedConnection", "PluginTables", "running"]


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
    def begin(self, *, is_fleeting: bool = False) -> Iterator[TableConnection]:
        with self._open(is_writing=True, is_fleeting=is_fleeting) as connection:
            yield connection

    def write(self, statement: Any, parameters: Parameters = None, *, is_fleeting: bool = False) -> int:
        self._permit.require("tables")
        name = self._permit.plugin
        rivals = self._backend.rivals(name)

        def run(connection: Connection) -> int:
            return GuardedConnection(self._permit, connection, rivals).execute(statement, parameters).rowcount

        return self._backend.write_together(run, is_fleeting=is_fleeting)

    @contextmanager
    def _open(self, *, is_writing: bool, is_fleeting: bool = False) -> Iterator["GuardedConnection"]:
        self._permit.require("tables")
        name = self._permit.plugin
        opened = self._backend.table_connection(name, is_writing=is_writing, is_fleeting=is_fleeting)
        with opened as connection:
            guarded = GuardedConnection(self._permit, connection, self._backend.rivals(name))
            try:
                yield guarded
            finally:
                guarded.close()


def running(permit: Permit, backend: Backend, statements: Sequence[Any]) -> Callable[[Connection], None]:
    """What runs statements on the plugin's own tables in a transaction of somebody else. Needs the permission `tables`."""
    permit.require("tables")
    rivals = backend.rivals(permit.plugin)

    def run(connection: Connection) -> None:
        guarded = GuardedConnection(permit, connection, rivals)
        for statement in statements:
            guarded.execute(*(statement if isinstance(statement, tuple) else (statement,)))

    return run


class GuardedConnection:
    """Takes Core expressions on the plugin's own tables until its block ends. Others raise RuntimeError with a sentence."""

    def __init__(self, permit: Permit, connection: Connection, rivals: tuple[str, ...] = ()) -> None:
        self._permit = permit
        self._rivals = rivals
        self.__connection: Connection | None = connection

    def execute(self, statement: Any, parameters: Parameters = None) -> CursorResult[Any]:
        if self.__connection is None:
            self._permit.refuse("do this: the connection ended with its block")
        problem = _problem(statement, self._permit.plugin, self._rivals)
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


def _problem(statement: Any, plugin: str, rivals: tuple[str, ...]) -> str:
    """Why the plugin may not run it; empty when it may. Whether it may was found out already for one that becomes the same text: what
    SQLAlchemy keeps compiled statements by tells that."""
    shape = statement._generate_cache_key() if isinstance(statement, ClauseElement) else None
    key = (plugin, rivals, shape.key) if shape is not None else None
    if key is not None and key in _harmless:
        return ""
    problem = expression_problem(statement, lambda table: is_named_for(plugin, table, rivals))
    if not problem and key is not None:
        if len(_harmless) >= _MOST:
            _harmless.clear()
        _harmless.add(key)
    return problem


_MOST = 500
_harmless: set[Hashable] = set()
