"""Flask extensions, made once and bound to an app by `app.factory`, and how SQLite connections are opened."""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import Babel
from flask_migrate import Migrate
from flask_security.core import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase

__all__ = ["Base", "babel", "csrf", "db", "migrate", "prepare_engine", "security"]

WRITE = "tidings_write"
"""Execution option of a connection whose next transaction writes."""
FLEETING = "tidings_fleeting"
"""Execution option of one whose writing may be lost when the machine loses power: on SQLite nobody waits for the disk then."""

_PATIENCE_S = 15.0
_LOOK_MS = 2
_BUSY = "database is locked"
_line = threading.Lock()
"""Held by the thread of this process that is first in line to write."""


class Base(DeclarativeBase):
    """Base of all tables; constraints get predictable names so that migrations can name them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()
security = Security()


def prepare_engine(engine: Engine) -> None:
    """Make SQLite safe for several processes: WAL, foreign keys, waiting for locks, and writers that lock from the start.

    A transaction that reads first and writes later cannot be upgraded while another writes (SQLITE_BUSY at once), hence IMMEDIATE.
    Nothing happens on other databases. Source: https://www.sqlite.org/lang_transaction.html
    """
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _open_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_PATIENCE_S * 1000:.0f}",
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(WRITE, False):
        connection.exec_driver_sql("BEGIN")
        return
    _be_careful(connection, is_fleeting=options.get(FLEETING, False))
    _begin_in_turn(connection)


def _be_careful(connection: Connection, *, is_fleeting: bool) -> None:
    """Wait for the disk at the commit, or do not. In WAL mode the database is sound either way."""
    wanted = "NORMAL" if is_fleeting else "FULL"
    if connection.info.get("synchronous", "FULL") != wanted:
        _raw(connection).execute(f"PRAGMA synchronous={wanted}")
        connection.info["synchronous"] = wanted


def _begin_in_turn(connection: Connection) -> None:
    """Begin to write once nobody else does. One thread on this machine looks every two milliseconds and the others stand in line behind
    it: SQLite by itself looks less and less often, down to ten times a second, so that whoever waits longest loses to everybody who
    comes later."""
    with _in_line(connection.engine.url.database or ""):
        _begin_when_free(connection)


def _begin_when_free(connection: Connection) -> None:
    until, raw = time.monotonic() + _PATIENCE_S, _raw(connection)
    raw.execute(f"PRAGMA busy_timeout={_LOOK_MS}")
    try:
        while time.monotonic() < until:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if _BUSY not in str(error):
                    break
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # what is wrong, in the words of SQLAlchemy
    finally:
        raw.execute(f"PRAGMA busy_timeout={_PATIENCE_S * 1000:.0f}")


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


@contextmanager
def _in_line(database: str) -> Iterator[None]:
    """Be the first in line: among the threads of this process, then among the processes that use the database. Whoever ends leaves it."""
    is_first = _line.acquire(timeout=_PATIENCE_S)
    try:
        if not is_first or not os.path.isfile(database):
            yield
            return
        with open(f"{database}-line", "ab") as line:
            fcntl.flock(line, fcntl.LOCK_EX)
            yield
    finally:
        if is_first:
            _line.release()
