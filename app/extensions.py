"""Flask extensions, made once and bound to an app by `app.factory`, and how SQLite connections are opened."""

import sqlite3
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
        "busy_timeout=15000",
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
