"""`tidings plugin`: which plugins there are and how they fare."""

import importlib
import json
from pathlib import Path

import click

from app.cli.opening import open_installation
from app.errors import Conflict
from app.plugin_api.manifest import PERMISSIONS
from app.plugin_host import State

__all__ = ["plugin"]


_ELSEWHERE = {
    "new": ("plugin_new", "new_plugin"),
    "check": ("plugin_check", "check_plugin_folder"),
    "replay": ("plugin_replay", "replay_fixture"),
}
"""Command to its module in this folder and its function there; imported only when it is asked for."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *_ELSEWHERE]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _ELSEWHERE:
            return super().get_command(ctx, name)
        module, function = _ELSEWHERE[name]
        return getattr(importlib.import_module(f"app.cli.{module}"), function)


@click.group(cls=_Commands)
def plugin() -> None:
    """Look at plugins, switch them on and off, write and check your own."""


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


@plugin.command("activate")
@click.argument("name")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--yes", is_flag=True, help="Agree to its permissions without being asked.")
def activate_plugin(name: str, data: Path | None, yes: bool) -> None:
    """Show what a plugin may do and switch it on; running processes follow within a second."""
    with open_installation(data) as (_, core):
        manifest = core.plugins.info(name).manifest
        if manifest is not None and not yes:
            click.echo(
                "\n".join([f"{manifest.title} may:", *(f"  - {PERMISSIONS[one]}" for one in manifest.permissions)])
            )
            click.confirm("Switch it on?", abort=True)
        info = core.plugins.activate(name)
        if info.state is not State.ACTIVE:
            raise Conflict(f"{name} cannot be switched on. {info.problem}")
        click.echo(f"{name} is switched on.")


@plugin.command("deactivate")
@click.argument("name")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
def deactivate_plugin(name: str, data: Path | None) -> None:
    """Switch a plugin off; running processes follow within a second. Its accounts and settings stay."""
    with open_installation(data) as (_, core):
        core.plugins.deactivate(name)
        click.echo(f"{name} is switched off.")
