"""Opening an installation for a bench: the real app with its plugins, on a folder of the bench's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.services.core import Core

__all__ = ["ROOT", "core_of", "create_bare_app", "opened", "served"]

ROOT = Path(__file__).resolve().parent.parent / ".build" / "bench"
"""Where seeded databases and the files of a run stand; `make clean` removes it."""


@contextmanager
def opened(home: Path) -> Iterator[Flask]:
    """The app on `home` without pages, its plugins started, inside an app context."""
    app = create_bare_app(home)
    with app.app_context():
        core_of(app).plugins.start()
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def served(home: Path) -> Iterator[Flask]:
    """The app on `home` with its pages and plugins. No app context is open, so that each request gets one of its own."""
    app = create_app(Config(home=home, log_level="WARNING", dns="off"))
    with app.app_context():
        core_of(app).plugins.start()
    yield app
    with app.app_context():
        db.engine.dispose()


def create_bare_app(home: Path) -> Flask:
    """The app on `home` without pages and plugins."""
    return create_app(Config(home=home, log_level="WARNING", dns="off"), with_web=False)


def core_of(app: Flask) -> Core:
    """The installation as services see it."""
    return app.extensions["tidings"]
