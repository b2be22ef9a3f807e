"""The tables of plugins: one Alembic ledger for each plugin, whose migrations are the files in its `migrations/versions`.

The host supplies what else Alembic needs. Which revision a plugin's tables are at stands in `plugin_<name>_alembic`, so that a plugin
that is gone stands in nobody's way. Rows are written out and read back in `app.plugin_host.tables.rows`.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, column, func, inspect, select, table, text
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.extensions import WRITE
from app.plugin_host.backend import MigrationFailed
from app.plugin_host.info import PluginInfo
from app.plugin_host.tables.guard import guarded_migration, is_named_for, prefix_of
from app.plugin_host.tables.migration_chain import (
    Guarded,
    MigrationChain,
    has_migrations,
    must_know,
    revisions_of,
    said_by,
    unguarded,
)
from app.plugin_host.tables.rows import read_rows, write_rows

__all__ = ["Ledger", "is_under_way"]

_MIGRATING = 7_468_910_232
"""The number of the lock on PostgreSQL under which plugins are migrated, one after the other; the core's own is one less."""

_ONE_AT_A_TIME = threading.RLock()
"""Alembic's `op` is one for the whole process."""

_UNDER_WAY: set[str] = set()
"""The plugins whose tables this process is changing."""

_LEDGER = re.compile(r"plugin_(.+)_alembic\Z")

Picture = Mapping[str, frozenset[str]]
"""Table to what makes it up, each part as a text."""


def is_under_way(name: str) -> bool:
    """Whether this process is migrating the plugin now: then nothing of its may be read or written, it would wait for itself."""
    return name in _UNDER_WAY


class Ledger:
    """The ledgers of all plugins in one database. `guarded` calls their migrations: the host's dispatcher counts and limits them."""

    def __init__(self, engine: Engine, guarded: Guarded = unguarded) -> None:
        self._engine = engine
        self._guarded = guarded

    # ---- looking
    def revision(self, name: str) -> str:
        """The revision a plugin's tables are at; empty when it has none."""
        with self._engine.connect() as connection:
            return _revision(connection, name)

    def is_behind(self, info: PluginInfo) -> bool:
        """Whether the plugin's migrations are not all done. False, without a query, when it brings none.

        Raises `MigrationFailed` when its migrations make no sense, or when they do not know the revision its tables are at.
        """
        if not has_migrations(info):
            return False
        revisions = revisions_of(info, self._guarded)
        current = self.revision(info.name)
        must_know(revisions, current)
        return current != revisions.newest

    def owned_tables(self, name: str) -> list[tuple[str, int]]:
        """The plugin's tables with the number of their rows, by name, without the ledger itself."""
        with self._engine.connect() as connection:
            return [
                (one, connection.scalar(select(func.count()).select_from(table(one))) or 0)
                for one in _own_tables(connection, name)
                if one != _version_table(name)
            ]

    def dump(self, name: str) -> Iterator[str]:
        """All rows of the plugin's tables as lines of JSON, as they were at one moment; tables that others refer to come first."""
        with self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield from read_rows(connection, _reflect(connection, name))

    # ---- changing
    @contextmanager
    def migrating(self, info: PluginInfo) -> Iterator[None]:
        """A transaction that has brought the plugin's tables up to date when it is entered: committed at the end, rolled back whole when
        the block raises. Nothing is opened when there is nothing to do. Raises `MigrationFailed`, having changed nothing."""
        if not self.is_behind(info):
            yield
            return
        with self._transaction(info.name) as connection:
            self._upgrade(connection, info, "")
            yield

    def restore(self, info: PluginInfo, revision: str, lines: Iterable[str]) -> int:
        """Make the plugin's tables what they were when `dump` was written at `revision`, whatever they are now: all of it or nothing.
        Returns how many rows came back. Raises `MigrationFailed`."""
        with self._transaction(info.name) as connection:
            _drop(connection, info.name)
            if not revision:
                return 0
            self._upgrade(connection, info, revision)
            return _load(connection, info.name, lines)

    def drop(self, name: str) -> None:
        """Throw away all tables of a plugin, and its ledger."""
        with self._transaction(name) as connection:
            _drop(connection, name)

    def _upgrade(self, connection: Connection, info: PluginInfo, revision: str) -> None:
        """Run what is missing up to `revision`, or to the newest, and look at what it did to the tables of others."""
        chain, name = MigrationChain(info, self._guarded), info.name
        current = _revision(connection, name)
        must_know(chain.revisions, current)
        must_know(chain.revisions, revision)
        if not current:
            _check_unclaimed(connection, name)
        before = _picture(connection)
        rivals = _rivals(before, name)
        foreign = frozenset(one for one in before if not is_named_for(name, one, rivals))
        with guarded_migration(connection, name, lambda one: is_named_for(name, one, rivals), foreign):
            chain.run(connection, _version_table(name), revision or chain.revisions.newest)
        _compare(name, rivals, before, _picture(connection))
        _check_relations(connection, name)

    @contextmanager
    def _transaction(self, name: str) -> Iterator[Connection]:
        """One writing transaction. What the database refuses in it becomes `MigrationFailed`."""
        with _ONE_AT_A_TIME, self._engine.connect().execution_options(**{WRITE: True}) as connection:
            _UNDER_WAY.add(name)
            try:
                with _foreign_keys_off(connection), _surely_undone(connection), connection.begin():
                    if connection.dialect.name == "postgresql":
                        connection.execute(text("SET LOCAL lock_timeout = '15s'"))
                        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
                    yield connection
                    _check_references(connection, name)
            except DBAPIError as error:
                raise MigrationFailed(f"The database refused: {said_by(error)}") from error
            finally:
                _UNDER_WAY.discard(name)


@contextmanager
def _surely_undone(connection: Connection) -> Iterator[None]:
    """Roll back in the driver when the block raises: SQLAlchemy takes a transaction whose end was refused for one that has ended."""
    raw: Any = connection.connection.dbapi_connection
    try:
        yield
    except BaseException:
        raw.rollback()
        raise


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Alembic changes a SQLite table by copying it and dropping the old one, which would remove the rows that refer to it. They are
    looked at before the commit instead. Source: https://www.sqlite.org/lang_altertable.html#otheralter"""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.dbapi_connection  # outside of a transaction, where SQLAlchemy would begin one
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection, name: str) -> None:
    """Raise `MigrationFailed` when a row of the plugin refers to one that is not there (SQLite; others check by themselves)."""
    if connection.dialect.name != "sqlite":
        return
    quote = connection.dialect.identifier_preparer.quote
    for one in _own_tables(connection, name):
        if connection.exec_driver_sql(f"PRAGMA foreign_key_check({quote(one)})").first():
            raise MigrationFailed(f"Rows of its table {one} refer to rows that are gone.")


def _check_unclaimed(connection: Connection, name: str) -> None:
    """A plugin that begins its ledger finds no tables of its name: they would belong to somebody else."""
    taken = [one for one in inspect(connection).get_table_names() if one.startswith(prefix_of(name))]
    if taken:
        raise MigrationFailed(f"There is a table {taken[0]} already, which it did not make.")


def _compare(name: str, rivals: Iterable[str], before: Picture, after: Picture) -> None:
    """Raise `MigrationFailed` when a table that is not the plugin's came, went or was changed."""
    for one in sorted({*before, *after}):
        if is_named_for(name, one, rivals) and (not _LEDGER.match(one) or one == _version_table(name)):
            continue
        if one not in before:
            raise MigrationFailed(f"Its migration makes {one}, whose name does not begin with {prefix_of(name)}.")
        if one not in after:
            raise MigrationFailed(f"Its migration removes {one}, which is not a table of its own.")
        if before[one] != after[one]:
            changed = min(before[one] ^ after[one])
            raise MigrationFailed(f"Its migration changes {one}, which is not a table of its own: {changed[:120]}")


def _check_relations(connection: Connection, name: str) -> None:
    """A row of the core could not be removed any more while a plugin's row refers to it."""
    own = set(_own_tables(connection, name))
    for (_, one), keys in inspect(connection).get_multi_foreign_keys(filter_names=sorted(own)).items():
        for key in keys:
            if key["referred_table"] not in own:
                raise MigrationFailed(
                    f"Its table {one} refers to {key['referred_table']} by a foreign key; keep the number without one."
                )


def _picture(connection: Connection) -> Picture:
    """What all tables are made of: columns, keys, indexes, constraints; on SQLite the statements that made them."""
    parts: dict[str, set[str]] = defaultdict(set)
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("SELECT tbl_name, name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'sqlite_%'")
        )
        for one, item, definition in rows:
            parts[one].add(f"{item} {definition}")
        return {one: frozenset(items) for one, items in parts.items()}
    inspector = inspect(connection)
    for one in (*inspector.get_table_names(), *inspector.get_view_names(), *inspector.get_sequence_names()):
        parts[one].add(one)
    for look in (
        inspector.get_multi_columns,
        inspector.get_multi_indexes,
        inspector.get_multi_pk_constraint,
        inspector.get_multi_foreign_keys,
        inspector.get_multi_unique_constraints,
        inspector.get_multi_check_constraints,
    ):
        found: Mapping[Any, Any] = look(kind=ObjectKind.ANY)
        for (_, one), items in found.items():
            parts[one].update(map(str, items if isinstance(items, list) else [items]))
    return {one: frozenset(items) for one, items in parts.items()}


def _load(connection: Connection, name: str, lines: Iterable[str]) -> int:
    try:
        return write_rows(connection, _reflect(connection, name), lines)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, SQLAlchemyError) as error:
        raise MigrationFailed(f"Its rows cannot be put back: {said_by(error)}") from error


def _drop(connection: Connection, name: str) -> None:
    metadata = MetaData()
    own = _own_tables(connection, name)
    if own:
        metadata.reflect(connection, only=own, resolve_fks=False)
        metadata.drop_all(connection, checkfirst=False)
    if connection.dialect.name == "postgresql":
        _drop_types(connection, name)


def _drop_types(connection: Connection, name: str) -> None:
    """What PostgreSQL keeps beside tables: enumerated types and sequences."""
    inspector = inspect(connection)
    quote = connection.dialect.identifier_preparer.quote
    rivals = _rivals(inspector.get_table_names(), name)
    for one in inspector.get_enums():  # type: ignore[attr-defined]  # PostgreSQL's inspector
        if is_named_for(name, one["name"], rivals):
            connection.execute(text(f"DROP TYPE {quote(one['name'])}"))
    for sequence in inspector.get_sequence_names():
        if is_named_for(name, sequence, rivals):
            connection.execute(text(f"DROP SEQUENCE {quote(sequence)}"))


def _own_tables(connection: Connection, name: str) -> list[str]:
    tables = inspect(connection).get_table_names()
    rivals = _rivals(tables, name)
    return sorted(one for one in tables if is_named_for(name, one, rivals))


def _rivals(tables: Iterable[str], name: str) -> tuple[str, ...]:
    """The other plugins that have a ledger and whose tables' names begin like this plugin's, too."""
    found = (match.group(1) for one in tables if (match := _LEDGER.match(one)))
    return tuple(rival for rival in found if rival != name and rival.startswith(f"{name}_"))


def _reflect(connection: Connection, name: str) -> MetaData:
    own = [one for one in _own_tables(connection, name) if one != _version_table(name)]
    metadata = MetaData()
    if own:
        metadata.reflect(connection, only=own, resolve_fks=False)
    return metadata


def _revision(connection: Connection, name: str) -> str:
    if not inspect(connection).has_table(_version_table(name)):
        return ""
    return connection.scalar(select(column("version_num")).select_from(table(_version_table(name)))) or ""


def _version_table(name: str) -> str:
    return f"{prefix_of(name)}alembic"
