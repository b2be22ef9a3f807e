"""`tidings channel`: configured accounts, and testing their connection."""

import json
from pathlib import Path

import click
from sqlalchemy import select

from app.cli.opening import open_installation
from app.models import ChannelAccount
from app.services.accounts import test_account
from app.services.core import SYSTEM
from app.services.diagnostics import account_diagnostics, as_text

__all__ = ["channel"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
_JSON = click.option("--json", "as_json", is_flag=True, help="For machines.")


@click.group()
def channel() -> None:
    """Look at channel accounts and test them."""


@channel.command("list")
@_DATA
@_JSON
def list_accounts(data: Path | None, as_json: bool) -> None:
    """Print all accounts with their state and last error."""
    with open_installation(data) as (_, core):
        for row in core.session.scalars(select(ChannelAccount).order_by(ChannelAccount.id)):
            line = {
                "id": row.id,
                "channel": row.plugin,
                "name": row.name,
                "address": row.address,
                "state": row.state,
                "last_error": row.last_error,
            }
            text = f"{row.id:<4} {row.plugin:<10} {row.state:<13} {row.name}  {row.address}  {row.last_error}".rstrip()
            click.echo(json.dumps(line, ensure_ascii=False) if as_json else text)


@channel.command()
@_DATA
@_JSON
@click.argument("account", type=int)
def test(data: Path | None, as_json: bool, account: int) -> None:
    """Test the connection of ACCOUNT (its number in `channel list`); exit code 1 when something fails."""
    with open_installation(data) as (_, core):
        report = test_account(core, SYSTEM, account)
        for check in report.checks:
            line = {"check": check.name, "ok": check.is_ok, "detail": check.detail}
            text = f"{'ok  ' if check.is_ok else 'FAIL'} {check.name}  {check.detail}".rstrip()
            click.echo(json.dumps(line, ensure_ascii=False) if as_json else text)
        raise SystemExit(0 if report.is_ok else 1)


@channel.command()
@_DATA
@click.argument("account", type=int)
def diagnostics(data: Path | None, account: int) -> None:
    """Print what helps to find a fault of ACCOUNT, for whoever helps: no credentials, no message contents."""
    with open_installation(data) as (_, core):
        click.echo(as_text(account_diagnostics(core, SYSTEM, account)))
