"""`tidings plugin check`: what a reviewer would say about a plugin, and the badge it has earned."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from app.config import read_config
from app.errors import NotFound
from app.plugin_check import RULES, Level, Report, badge_svg, badge_text, check_plugin
from app.plugin_host import discover

__all__ = ["check_plugin_folder"]


@click.command("check")
@click.argument("plugin")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--badge", type=click.Path(path_type=Path, dir_okay=False), help="Write the badge as SVG into this file.")
def check_plugin_folder(plugin: str, data: Path | None, as_json: bool, badge: Path | None) -> None:
    """Check PLUGIN, a folder, a file, or the name of one that is there. Nothing of it is imported; exit code 1 when there are errors."""
    report = check_plugin(_place(plugin, data))
    click.echo(_as_json(report) if as_json else _as_text(report))
    if badge is not None:
        badge.write_text(badge_svg(report), encoding="utf-8")
    raise SystemExit(0 if report.is_sound else 1)


def _place(plugin: str, data: Path | None) -> Path:
    if Path(plugin).exists():
        return Path(plugin)
    folder = read_config(data).home / "plugins"
    dropped_in = next((one for one in (folder / plugin, folder / f"{plugin}.py") if one.exists()), None)
    if dropped_in is not None:
        return dropped_in
    found = next((info.path for info in discover() if info.name == plugin and info.path), None)
    if found is None:
        raise NotFound(f"There is no folder and no plugin called {plugin}.")
    return found


def _as_json(report: Report) -> str:
    data = {
        "plugin": report.plugin,
        "version": report.version,
        "tier": report.tier,
        "errors": report.count(Level.ERROR),
        "warnings": report.count(Level.WARNING),
        "lacking": list(report.lacking),
        "findings": [asdict(finding) for finding in report.findings],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _as_text(report: Report) -> str:
    lines = []
    for finding in report.findings:
        lines += [f"{finding.level:<8}{finding.place}  {finding.text}", f"        {finding.advice}  ({finding.rule})"]
    errors, warnings = report.count(Level.ERROR), report.count(Level.WARNING)
    lines += [f"{errors} errors, {warnings} warnings", badge_text(report)]
    if report.lacking:
        lines.append("For the next tier:")
        lines += [f"  {name}: {RULES[name].promise if name in RULES else 'There are none.'}" for name in report.lacking]
    return "\n".join(lines)
