"""Opening an installation for a command: configuration, app, an app context, and a clear sentence when the database is not ready."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import DBAPIError

from app.config import read_config
from app.errors import ConfigError
from app.schema import must_fit
from app.services.core import Core

__all__ = ["open_installation", "telling_of_the_database"]


@contextmanager
def open_installation(
    data: Path | None = None, *, needs_tables: bool = True, starts_plugins: bool = True
) -> Iterator[tuple[Flask, Core]]:
    """The app without its pages, inside an app context, its plugins started. Raises `ConfigError` when it was never migrated."""
    from app.extensions import db
    from app.factory import create_app

    with telling_of_the_database():
        app = create_app(read_config(data), with_web=False)
        core: Core = app.extensions["tidings"]
        with app.app_context():
            try:
                if needs_tables:
                    must_fit(db.engine)
                if needs_tables and starts_plugins:
                    core.plugins.start()
                yield app, core
            finally:
                db.session.remove()
                db.engine.dispose()


@contextmanager
def telling_of_the_database() -> Iterator[None]:
    """Turn the database driver's errors into one sentence of ours."""
    try:
        yield
    except DBAPIError as error:
        raise ConfigError(f"The database cannot be used: {' '.join(str(error.orig).split())}") from error
