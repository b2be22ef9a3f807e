"""`tidings find-mail-servers`: what the account form would find out from a mail address, step by step."""

import json
from pathlib import Path

import click

from app.cli.opening import open_installation
from app.errors import InvalidInput
from app.plugin_api.channel import MAIL, Found
from app.services.core import Core
from app.services.finding import found_settings

__all__ = ["find_mail_servers"]


@click.command()
@click.argument("address")
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def find_mail_servers(address: str, data: Path | None, as_json: bool) -> None:
    """Look for the servers of ADDRESS and print who was asked and what they said; exit code 1 when none were found."""
    if not all(address.strip().rpartition("@")):
        raise InvalidInput(f"{address} is not a mail address.")
    with open_installation(data) as (_, core):
        found = _asked(core, address.strip())
    click.echo(_as_json(found) if as_json else "\n".join(_lines(found)))
    raise SystemExit(0 if found.values and all(check.is_ok for check in found.told) else 1)


def _asked(core: Core, address: str) -> Found:
    """The answer of the first mail channel that looks for anything. Raises `InvalidInput` when there is none."""
    for channel in (each for each in core.plugins.channels.values() if each.address_kind == MAIL):
        found = found_settings(core, channel, {"address": address})
        if found.steps or found.told:
            return found
    raise InvalidInput("No plugin that is switched on looks for mail servers.")


def _lines(found: Found) -> list[str]:
    steps = [f"{asked}\n    {answer}" for asked, answer in found.steps]
    told = [f"{'ok  ' if check.is_ok else 'FAIL'} {check.name}  {check.detail}" for check in found.told]
    return [*steps, "", *told, *(f"{name}: {value}" for name, value in found.values.items())]


def _as_json(found: Found) -> str:
    steps = [{"asked": asked, "answer": answer} for asked, answer in found.steps]
    told = [{"check": check.name, "ok": check.is_ok, "detail": check.detail} for check in found.told]
    return json.dumps({"steps": steps, "told": told, "values": dict(found.values)}, ensure_ascii=False)
