"""Whether the tables of the database are those this program needs. What they are stands in `app/migrations/versions`."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["must_fit", "newest_revision"]

_VERSIONS = Path(__file__).resolve().parent / "migrations" / "versions"


def newest_revision() -> str:
    """The revision of the newest migration: the number its file's name begins with."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("*.py"))


def must_fit(engine: "Engine") -> None:
    """Raise `ConfigError` with what to do unless the tables are exactly the program's."""
    from sqlalchemy import inspect, text

    if not inspect(engine).has_table("alembic_version"):
        raise ConfigError("The database is empty. Run `tidings migrate` first.")
    with engine.connect() as connection:
        current = connection.scalar(text("SELECT version_num FROM alembic_version"))
    needed = newest_revision()
    if current is None or current < needed:
        raise ConfigError(
            f"The database's tables are at {current}, the program needs {needed}. Run `tidings migrate` first."
        )
    if current > needed:
        raise ConfigError(
            f"The database's tables are at {current}, this program knows {needed}: it is older than the database. Update Tidings."
        )
