"""`tidings plugin`: which plugins there are and how they fare."""

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from app.cli.opening import open_installation
from app.errors import Conflict
from app.plugin_host import PluginInfo, State
from app.plugin_host.permissions import grant_texts
from app.services.core import SYSTEM
from app.services.plugins.switch import rescan_plugins, switch_plugin

__all__ = ["plugin"]


_ELSEWHERE = {
    "new": ("plugin_new", "new_plugin"),
    "check": ("plugin_check", "check_plugin_folder"),
    "replay": ("plugin_replay", "replay_fixture"),
    "install": ("plugin_archives", "install"),
    "update": ("plugin_archives", "update"),
    "rollback": ("plugin_archives", "rollback"),
    "uninstall": ("plugin_archives", "uninstall"),
    "export": ("plugin_archives", "export"),
    "keygen": ("plugin_signatures", "keygen"),
    "sign": ("plugin_signatures", "sign"),
    "verify": ("plugin_signatures", "verify"),
    "trust": ("plugin_signatures", "trust"),
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
    """Print every plugin that was found: where it comes from, its state, what was agreed to, and what is wrong with it."""
    with open_installation(data) as (_, core):
        for info in core.plugins.infos():
            card = _card(info)
            click.echo(json.dumps(card, ensure_ascii=False) if as_json else _line(card))


@plugin.command("activate")
@click.argument("name")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--yes", is_flag=True, help="Agree to everything it asks for without being asked.")
def activate_plugin(name: str, data: Path | None, yes: bool) -> None:
    """Show what a plugin may do and switch it on; running processes follow within a second."""
    with open_installation(data) as (_, core):
        manifest = core.plugins.info(name).manifest
        if manifest is not None and not yes:
            click.echo("\n".join([f"{manifest.title} may:", *(f"  - {one}" for one in grant_texts(manifest.grants))]))
            click.confirm("Switch it on?", abort=True)
        info = switch_plugin(core, SYSTEM, name, True, manifest.grants if manifest else ())
        if info.state is not State.ACTIVE:
            raise Conflict(f"{name} cannot be switched on. {info.problem}")
        click.echo(f"{name} is switched on.")


@plugin.command("deactivate")
@click.argument("name")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
def deactivate_plugin(name: str, data: Path | None) -> None:
    """Switch a plugin off; running processes follow within a second. Its accounts and settings stay."""
    with open_installation(data) as (_, core):
        switch_plugin(core, SYSTEM, name, False)
        click.echo(f"{name} is switched off.")


@plugin.command("rescan")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
def rescan_folder(data: Path | None) -> None:
    """Let running processes look for new, changed and removed plugins; they do within a second."""
    with open_installation(data) as (_, core):
        for info in rescan_plugins(core, SYSTEM):
            click.echo(_line(_card(info)))


def _card(info: PluginInfo) -> dict[str, Any]:
    """A plugin for machines. What was granted to one that is switched off counts only when it is switched on again."""
    asked = info.manifest.grants if info.manifest else ()
    is_on = info.state in (State.ACTIVE, State.WAITING)
    return {
        "name": info.name,
        "title": info.manifest.title if info.manifest else "",
        "version": info.version,
        "origin": str(info.origin),
        "state": str(info.state),
        "is_must_use": info.is_must_use,
        "signed_by": info.signed_by,
        "asked": list(asked),
        "granted": [grant for grant in asked if is_on and grant not in info.missing_grants],
        "missing": list(info.missing_grants),
        "problem": info.problem,
        "warnings": list(info.warnings),
    }


def _line(card: Mapping[str, Any]) -> str:
    text = "{name:<16} {version:<8} {origin:<10} {state:<12} {title}".format_map(card)
    return f"{text}  {card['problem']}" if card["problem"] else text
