"""`tidings plugin`: which plugins there are and how they fare."""

import json
from pathlib import Path

import click

from app.cli.opening import open_installation

__all__ = ["plugin"]


@click.group()
def plugin() -> None:
    """Look at plugins."""


@plugin.command("list")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def list_plugins(data: Path | None, as_json: bool) -> None:
    """Print every plugin that was found, its state, and what is wrong with it."""
    with open_installation(data) as (_, core):
        for info in core.plugins.infos():
            line = {
                "name": info.name,
                "title": info.manifest.title if info.manifest else "",
                "version": info.manifest.version if info.manifest else "",
                "state": str(info.state),
                "problem": info.problem or "",
            }
            trouble = f"  {line['problem']}" if line["problem"] else ""
            text = f"{line['name']:<16} {line['version']:<8} {line['state']:<12} {line['title']}{trouble}"
            click.echo(json.dumps(line, ensure_ascii=False) if as_json else text)
