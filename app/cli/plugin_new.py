"""`tidings plugin new`: writes a plugin that works, to be changed into what one wants."""

import shlex
import sys
from pathlib import Path

import click

from app.plugin_api.manifest import KINDS
from app.scaffold import write_plugin

__all__ = ["new_plugin"]


@click.command("new")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="channel", show_default=True, help="What it is to be.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    help="Where its folder goes; default: here.",
)
def new_plugin(name: str, kind: str, folder: Path) -> None:
    """Write the plugin NAME into a folder of its own: code, manifest, README and tests that pass."""
    written = write_plugin(kind, name, folder)
    target = folder / name
    click.echo(f"{len(written)} files are in {target}. Its tests pass; look:")
    click.echo(f"  cd {target} && {shlex.quote(sys.executable)} -m pytest")
    click.echo(f"  tidings plugin check {target}")
    if target.resolve().parent.name == "plugins":
        click.echo("See it at work, in an installation that is made for it:")
        click.echo(f"  tidings dev {name} --data {target.resolve().parent.parent}")
    else:
        click.echo(f"See it at work: put it into the folder plugins of a home folder, such as try/plugins/{name}:")
        click.echo(f"  tidings dev {name} --data try")
    click.echo("For good:")
    click.echo(f"  tidings plugin install {target}")
