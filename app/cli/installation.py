"""`tidings migrate`, and the hidden `prepare` with which `tidings run` begins."""

import json
from pathlib import Path

import click

from app.cli.opening import open_installation
from app.extensions import db
from app.schema import upgrade
from app.services.core import Core

__all__ = ["migrate", "prepare"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")


@click.command()
@_DATA
def migrate(data: Path | None) -> None:
    """Bring the database's tables up to date, those of the plugins that came with Tidings too."""
    with open_installation(data, needs_tables=False) as (_, core):
        _upgrade(core)
    click.echo("The database is up to date.")


@click.command(hidden=True)
@_DATA
def prepare(data: Path | None) -> None:
    """Migrate, and print what `tidings run` has to tell as JSON."""
    with open_installation(data, needs_tables=False) as (_, core):
        _upgrade(core)
        from app.services.setup import setup_link

        click.echo(json.dumps({"setup_link": setup_link(core)}))


def _upgrade(core: Core) -> None:
    upgrade()
    db.session.remove()
    core.plugins.upgrade_shipped()
