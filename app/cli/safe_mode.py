"""`tidings safe-mode` and `tidings recovery-link`: getting back in when a plugin or a theme keeps the pages from opening."""

from pathlib import Path

import click

from app.cli.opening import open_installation
from app.services import safe_mode as verbs
from app.services.core import SYSTEM

__all__ = ["recovery_link", "safe_mode"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")


@click.group()
def safe_mode() -> None:
    """Run with only the plugins and the theme that came with Tidings; running processes follow within a second."""


@safe_mode.command("on")
@_DATA
def switch_on(data: Path | None) -> None:
    """Switch safe mode on until it is left."""
    with open_installation(data, starts_plugins=False) as (_, core):
        verbs.switch_on_safe_mode(core, SYSTEM)
        click.echo("Safe mode is on.")


@safe_mode.command("off")
@_DATA
def switch_off(data: Path | None) -> None:
    """Leave safe mode."""
    with open_installation(data, starts_plugins=False) as (_, core):
        verbs.leave_safe_mode(core, SYSTEM)
        click.echo("Safe mode is off.")


@click.command()
@_DATA
def recovery_link(data: Path | None) -> None:
    """Print a link that switches safe mode on. It works once, for a day, and without signing in."""
    with open_installation(data, starts_plugins=False) as (_, core):
        click.echo(verbs.make_recovery_link(core))
