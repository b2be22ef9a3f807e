"""Flask extensions, made once and bound to an app by `app.factory`, and how SQLite connections are opened."""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import MutableMapping
from contextlib import ExitStack
from typing import Any

from flask_babel import Babel
from flask_security.core import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["Base", "babel", "csrf", "db", "prepare_engine", "security"]

WRITE = "tidings_write"
"""Execution option of a connection whose next transaction writes."""
FLEETING = "tidings_fleeting"
"""Execution option of one whose writing may be lost when the machine loses power: on SQLite nobody waits for the disk then."""

_PATIENCE_S = 15.0
_LOOK_MS = 2
_BUSY = "database is locked"
_LINE = "tidings_line"
"""Where a connection that writes keeps its place in the line."""
_line = threading.Lock()
"""Held by the thread of this process that writes, or is first in line to write."""


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
    event.listen(engine, "checkin", _given_back)


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
        _leave_line(connection.info)
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
    """Begin to write once nobody else does, and stay first in line until the connection is given back.

    The threads of this process stand in one line, the processes that use the database in another; whoever leaves wakes the next at
    once. SQLite by itself only looks again and again, less often each time, so that whoever waits longest loses to everybody who comes
    later. Writers that know of no line are waited for as well.
    """
    if _LINE not in connection.info:
        connection.info[_LINE] = _stand_in_line(connection.engine.url.database or "")
    try:
        _begin_when_free(connection)
    except BaseException:
        _leave_line(connection.info)
        raise


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


def _stand_in_line(database: str) -> ExitStack:
    """Returns what ends it once this thread is first; a process that dies leaves the line. Whoever waited too long in this process tries
    its luck without."""
    with ExitStack() as line:
        if _line.acquire(timeout=_PATIENCE_S):
            line.callback(_line.release)
            if os.path.isfile(database):
                fcntl.flock(line.enter_context(open(f"{database}-line", "ab")), fcntl.LOCK_EX)
        return line.pop_all()


def _given_back(_connection: Any, record: ConnectionPoolEntry) -> None:
    _leave_line(record.info)


def _leave_line(info: MutableMapping[Any, Any]) -> None:
    line = info.pop(_LINE, None)
    if line is not None:
        line.close()
