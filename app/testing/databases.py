"""Databases for tests that are alike and come at once: emptied again after a test, because copying a template takes far longer."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from app.testing.servers import PostgresServer

__all__ = ["PostgresCopies"]

_SHAPE = """
    SELECT coalesce(md5(string_agg(c.relkind::text || c.relname || coalesce(a.attname, '') || coalesce(a.atttypid::text, '') ||
                                   coalesce(a.attnotnull::text, ''), ',' ORDER BY c.relname, a.attnum)), '')
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename"
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@dataclass(frozen=True, slots=True)
class _Template:
    """What a fresh copy holds. `shape` is a digest of its tables, columns and indexes; `rows` maps a table that is not empty to its rows
    as COPY writes them; `sequences` a sequence to its last value, None before the first."""

    shape: str
    tables: tuple[str, ...]
    rows: Mapping[str, bytes]
    sequences: Mapping[str, int | None]


class PostgresCopies:
    """Copies of one template database. `take` gives one that nobody else has; `give_back` makes it as it was."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._name = template
        self._free: list[str] = []
        with self._connected(template) as connection:
            self._template = _looked_at(connection)

    def take(self) -> str:
        """The name of a database like the template."""
        return self._free.pop() if self._free else self._server.create_database(template=self._name)

    def give_back(self, name: str) -> None:
        """Cut off whoever still uses it and bring back the rows of the template. A database with other tables is removed."""
        with self._connected(name) as connection:
            connection.execute(_OTHERS)
            is_as_before = connection.execute(_SHAPE).fetchone() == (self._template.shape,)
            if is_as_before:
                self._restore(connection)
        if is_as_before:
            self._free.append(name)
        else:
            self._server.drop_database(name)

    def _connected(self, name: str) -> psycopg.Connection:
        return psycopg.connect(self._server.url(name).replace("+psycopg", ""))

    def _restore(self, connection: psycopg.Connection) -> None:
        template = self._template
        connection.execute("SET session_replication_role = replica")  # no foreign keys while rows come and go
        connection.execute(
            sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(sql.Identifier(t)) for t in template.tables)
        )
        for table, rows in template.rows.items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                copy.write(rows)
        for sequence, value in _sequences(connection).items():
            before = template.sequences[sequence]
            if value != before:
                connection.execute(
                    "SELECT setval(%s::regclass, %s, %s)", (f'"{sequence}"', before or 1, before is not None)
                )


def _looked_at(connection: psycopg.Connection) -> _Template:
    tables = tuple(name for (name,) in connection.execute(_TABLES))
    shape = connection.execute(_SHAPE).fetchone()
    assert shape is not None
    rows = {table: copied for table in tables if (copied := _rows(connection, table))}
    return _Template(shape[0], tables, rows, _sequences(connection))


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
        return b"".join(bytes(part) for part in copy)


def _sequences(connection: psycopg.Connection) -> dict[str, int | None]:
    return {name: value for name, value in connection.execute(_SEQUENCES)}
