"""`tidings migrate`, and the hidden `prepare` with which `tidings run` begins."""

import json
import logging
from pathlib import Path

import click
from alembic import command
from alembic.util import CommandError
from flask import current_app

from app.cli.opening import open_installation
from app.errors import ConfigError
from app.extensions import db

__all__ = ["migrate", "prepare"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")


@click.command()
@_DATA
def migrate(data: Path | None) -> None:
    """Bring the database's tables up to date, those of the plugins that came with Tidings too."""
    with open_installation(data, needs_tables=False) as (_, core):
        _upgrade()
        core.plugins.upgrade_shipped()
    click.echo("The database is up to date.")


@click.command(hidden=True)
@_DATA
def prepare(data: Path | None) -> None:
    """Migrate, and print what `tidings run` has to tell as JSON."""
    with open_installation(data, needs_tables=False) as (_, core):
        _upgrade()
        core.plugins.upgrade_shipped()
        from app.services.setup import setup_link

        click.echo(json.dumps({"setup_link": setup_link(core)}))


def _upgrade() -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        command.upgrade(current_app.extensions["migrate"].migrate.get_config(), "head")
    except CommandError as error:
        raise ConfigError(f"The database cannot be migrated: {error}. It may be one of a newer Tidings.") from error
    db.session.remove()
