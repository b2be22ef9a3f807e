"""Rows of tables as lines of JSON and back, with their types kept, between SQLite and PostgreSQL, too.

A line is `{"table": …, "row": {column: value}}`. What JSON does not know is written as `{"$": type, "v": text}`.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    MetaData,
    Table,
    Text,
    cast,
    func,
    insert,
    select,
    text,
)

__all__ = ["read_rows", "write_rows"]

_BATCH = 500

_WRITERS: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    time: ("time", time.isoformat),
    timedelta: ("seconds", lambda value: str(value / timedelta(microseconds=1) / 1_000_000)),
    Decimal: ("decimal", str),
    UUID: ("uuid", str),
    bytes: ("bytes", lambda value: base64.b64encode(value).decode()),
    memoryview: ("bytes", lambda value: base64.b64encode(value).decode()),
    list: ("list", lambda value: [_written(one) for one in value]),
}
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda value: timedelta(seconds=float(value)),
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": base64.b64decode,
    "list": lambda value: [_read(one) for one in value],
}


def read_rows(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """Every row of reflected tables, parents first. Computed columns are left out."""
    for table in metadata.sorted_tables:
        columns = [_as_stored(column) for column in table.columns if column.computed is None]
        statement = select(*columns).order_by(*table.primary_key.columns)
        for row in connection.execution_options(yield_per=_BATCH).execute(statement).mappings():
            values = {name: _written(value) for name, value in row.items()}
            yield json.dumps({"table": table.name, "row": values}, ensure_ascii=False, separators=(",", ":"))


def write_rows(connection: Connection, metadata: MetaData, lines: Iterable[str]) -> int:
    """Insert rows as `read_rows` wrote them; returns how many. Raises ValueError for a line that is no row, KeyError for a table or
    column that is not there."""
    count = 0
    rows = (json.loads(line) for line in lines)
    for name, group in groupby(rows, key=lambda row: row["table"]):
        table = _with_sql_null(metadata.tables[name])
        for batch in _batches(_parents_first(table, [_fitting(table, row["row"]) for row in group])):
            connection.execute(insert(table), batch)
            count += len(batch)
    if connection.dialect.name == "postgresql":
        for table in metadata.sorted_tables:
            _advance_sequences(connection, table)
    return count


def _with_sql_null(table: Table) -> Table:
    """The table with columns of JSON that take None for the database's null."""
    for column in table.columns:
        if isinstance(column.type, JSON):
            column.type.none_as_null = True
    return table


def _as_stored(column: Column[Any]) -> Any:
    """JSON is kept as its own text, so that its null and the database's stay apart."""
    return cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column


def _written(value: Any) -> Any:
    kind = next((one for one in _WRITERS if type(value) is one), None)
    if kind is None:
        return value
    word, write = _WRITERS[kind]
    return {"$": word, "v": write(value)}


def _read(value: Any) -> Any:
    return _READERS[value["$"]](value["v"]) if isinstance(value, dict) else value


def _fitting(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _fit(table.columns[name], _read(value)) for name, value in row.items()}


def _fit(column: Column[Any], value: Any) -> Any:
    """The value as this database takes it: moments without a zone are UTC, and SQLite keeps them without one."""
    if value is None:
        return None
    if isinstance(column.type, JSON):
        parsed = json.loads(value)
        return JSON.NULL if parsed is None else parsed
    if isinstance(value, datetime) and isinstance(column.type, DateTime):
        if column.type.timezone:
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return value


def _parents_first(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a table that refers to itself in an order in which each one's parent is there before it."""
    links = [
        (key.parent.name, key.column.name)
        for key in table.foreign_keys
        if key.target_fullname.partition(".")[0] == table.name
    ]
    if not links:
        return rows
    sorted_rows: list[dict[str, Any]] = []
    waiting = rows
    here: list[set[Any]] = [set() for _ in links]
    while waiting:
        ready = [
            row
            for row in waiting
            if all(
                row[own] is None or row[own] == row[key] or row[own] in here[i] for i, (own, key) in enumerate(links)
            )
        ]
        if not ready:
            return [
                *sorted_rows,
                *waiting,
            ]  # rows that refer to each other in a ring: the database says what it thinks of it
        for i, (_, key) in enumerate(links):
            here[i].update(row[key] for row in ready)
        sorted_rows += ready
        chosen = set(map(id, ready))
        waiting = [row for row in waiting if id(row) not in chosen]
    return sorted_rows


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _advance_sequences(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's next number come after those that were put back."""
    for column in table.columns:
        sequence = connection.scalar(
            select(func.pg_get_serial_sequence(connection.dialect.identifier_preparer.format_table(table), column.name))
        )
        highest = connection.scalar(select(func.max(column))) if sequence else None
        if highest is not None:
            connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})
