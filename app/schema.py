"""The tables of the database: making them what this program needs, and whether they are. What they are stands in
`app/migrations/versions`. Alembic is loaded only by those who change them."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

__all__ = ["current_revision", "migrations", "must_fit", "newest_revision", "upgrade"]

_VERSIONS = Path(__file__).resolve().parent / "migrations" / "versions"


def migrations() -> "Config":
    """What Alembic's commands work with; they run inside an app context, on the app's database."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_VERSIONS.parent).replace("%", "%%"))
    return config


def upgrade() -> None:
    """Bring the core's tables up to date; plugins follow with `PluginHost.upgrade_shipped`. Call it inside an app context, before plugins
    start. Raises `ConfigError` when the database knows a newer program."""
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(migrations(), "head")
    except CommandError as error:
        raise ConfigError(f"The database cannot be migrated: {error}. It may be one of a newer Tidings.") from error


def newest_revision() -> str:
    """The revision of the newest migration: the number its file's name begins with."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("*.py"))


def current_revision(engine: "Engine") -> str:
    """The revision the tables are at; empty when there are none."""
    from sqlalchemy import inspect, text

    if not inspect(engine).has_table("alembic_version"):
        return ""
    with engine.connect() as connection:
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def must_fit(engine: "Engine") -> None:
    """Raise `ConfigError` with what to do unless the tables are exactly the program's."""
    current, needed = current_revision(engine), newest_revision()
    if not current:
        raise ConfigError("The database is empty. Run `tidings migrate` first.")
    if current < needed:
        raise ConfigError(
            f"The database's tables are at {current}, the program needs {needed}. Run `tidings migrate` first."
        )
    if current > needed:
        raise ConfigError(
            f"The database's tables are at {current}, this program knows {needed}: it is older than the database. Update Tidings."
        )
