"""Opening an installation for a command: configuration, app, an app context, and a clear sentence when the database is not ready."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from app.config import read_config
from app.errors import ConfigError
from app.services.core import Core

__all__ = ["open_installation"]


@contextmanager
def open_installation(data: Path | None = None, *, needs_tables: bool = True) -> Iterator[tuple[Flask, Core]]:
    """The app without its pages, inside an app context, its plugins started. Raises `ConfigError` when it was never migrated."""
    from app.extensions import db
    from app.factory import create_app

    app = create_app(read_config(data), with_web=False)
    core: Core = app.extensions["tidings"]
    with app.app_context():
        try:
            if needs_tables and not inspect(db.engine).has_table("counter"):
                raise ConfigError("The database is empty. Run `tidings migrate` first.")
            if needs_tables:
                core.plugins.start()
            yield app, core
        except OperationalError as error:
            raise ConfigError(f"The database cannot be used: {error.orig}") from error
        finally:
            db.session.remove()
            db.engine.dispose()
