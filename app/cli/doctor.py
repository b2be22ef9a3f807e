"""`tidings doctor`: looks at everything an installation needs and says what to do about each finding."""

import importlib.metadata
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from sqlalchemy import select, text

from app.cli.opening import open_installation
from app.config import read_config
from app.domain.terms import SOON
from app.errors import AppError
from app.extensions import db
from app.jobs.queue import Queue
from app.models import ChannelAccount, EventState, InboundEvent
from app.plugin_host import State
from app.queries.reconciliation import compared_facts
from app.schema import current_revision, newest_revision
from app.services.accounts import test_account
from app.services.agents import has_agents
from app.services.channel_health import first_to_end
from app.services.core import SYSTEM, Core

__all__ = ["doctor"]

OUR_NAMES = ("app", "connectors", "forms", "plugins", "themes", "tidings")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at one thing: `level` is ok, warning or serious; `advice` says what to do unless it is ok."""

    subject: str
    level: str
    detail: str
    advice: str = ""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(data: Path | None, as_json: bool) -> None:
    """Check configuration, database, permissions, assets, names, clock, plugins and every account. Exit code 1 if any is serious."""
    is_serious = False
    for finding in _findings(data):
        is_serious = is_serious or finding.level == "serious"
        if as_json:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            mark = {"ok": "ok     ", "warning": "warning", "serious": "SERIOUS"}[finding.level]
            click.echo(
                f"{mark}  {finding.subject}: {finding.detail}" + (f"  -> {finding.advice}" if finding.advice else "")
            )
    raise SystemExit(1 if is_serious else 0)


def _findings(data: Path | None) -> Iterator[Finding]:
    try:
        config = read_config(data)
    except AppError as error:
        yield Finding("Configuration", "serious", str(error), "Correct the variable and run doctor again.")
        return
    yield Finding("Configuration", "ok", f"home is {config.home.resolve()}, address is {config.address}")
    yield from _names()
    yield _home(config.home)
    yield _assets(config.theme)
    yield _clock()
    try:
        with open_installation(data) as (app, core):
            yield from _database(core)
            yield _queue(app.extensions["tidings.queue"])
            yield from _plugins(core)
            yield from _people(core)
            yield from _accounts(core)
            yield from _journal(core)
    except AppError as error:
        yield Finding("Database", "serious", str(error), "Run `tidings migrate`, or correct TIDINGS_DATABASE_URL.")


def _names() -> Iterator[Finding]:
    owners = importlib.metadata.packages_distributions()
    for name in OUR_NAMES:
        others = sorted(set(owners.get(name, [])) - {"tidings"})
        if others:
            advice = f"Install Tidings in an environment of its own, or remove {others[0]}."
            yield Finding(
                "Import names", "serious", f"{', '.join(others)} also brings a package called {name!r}", advice
            )
            return
    yield Finding("Import names", "ok", "no other package uses ours")


def _home(home: Path) -> Finding:
    key = home / "secret.key"
    if not os.access(home, os.W_OK):
        return Finding(
            "Home folder",
            "serious",
            f"{home} cannot be written",
            f"Give the user that runs Tidings the right to write {home}.",
        )
    if key.exists() and key.stat().st_mode & 0o077:
        return Finding("Key file", "serious", f"{key} can be read by others", f"Run: chmod 600 {key}")
    if home.stat().st_mode & 0o077:
        return Finding("Home folder", "warning", f"{home} is open to others on this machine", f"Run: chmod 700 {home}")
    free_mb = shutil.disk_usage(home).free // 1_000_000
    if free_mb < 500:
        return Finding("Disk", "warning", f"{free_mb} MB free", "Make room before mail cannot be stored.")
    return Finding("Home folder", "ok", f"writable, {free_mb // 1000} GB free")


def _assets(theme: str) -> Finding:
    folder = ROOT / "themes" / theme / "static" / "dist"
    if (folder / "manifest.json").exists():
        return Finding("Browser assets", "ok", "built")
    return Finding("Browser assets", "serious", f"{folder} is empty", "Run `make assets`.")


def _clock() -> Finding:
    if time.time() < 1_760_000_000:
        return Finding(
            "Clock", "serious", "the system clock is in the past", "Set the clock; mail and sign-in depend on it."
        )
    return Finding("Clock", "ok", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))


def _database(core: Core) -> Iterator[Finding]:
    dialect = db.engine.dialect.name
    with db.engine.connect() as connection:
        if dialect == "sqlite":
            answer = connection.execute(text("PRAGMA quick_check(1)")).scalar()
            if answer != "ok":
                yield Finding("Database", "serious", f"SQLite says: {answer}", "Restore the database from a backup.")
                return
    current, needed = current_revision(db.engine), newest_revision()
    if current != needed:
        found = f"its tables are at {current or 'none'}, the program needs {needed}"
        yield Finding("Database", "serious", found, "Run `tidings migrate`.")
    else:
        yield Finding("Database", "ok", f"{dialect}, tables are up to date")


def _queue(queue: Queue) -> Finding:
    problem = queue.problem()
    if problem:
        advice = "Start it, or correct TIDINGS_QUEUE_URL. Until then work is found by looking, every second or two."
        return Finding("Queue", "serious", problem, advice)
    return Finding("Queue", "ok", "answers")


_ADVICE = {
    State.REFUSED: "Correct what is wrong or remove it, then run `tidings plugin rescan`.",
    State.WAITING: "Run `tidings plugin activate` to see what it asks for and agree, or switch it off.",
    State.QUARANTINED: "Update or repair it and switch it on again, or switch it off.",
    State.INACTIVE: "Leave safe mode when what was broken is repaired.",
}


def _plugins(core: Core) -> Iterator[Finding]:
    if core.plugins.is_safe_mode:
        yield Finding("Safe mode", "warning", "only the plugins that came with Tidings run", _ADVICE[State.INACTIVE])
    for info in core.plugins.infos():
        subject = f"Plugin {info.name}"
        if info.problem:
            level = "serious" if info.is_must_use else "warning"
            yield Finding(subject, level, f"{info.state}: {info.problem}", _ADVICE[info.state])
        else:
            yield Finding(subject, "ok", str(info.state))


def _people(core: Core) -> Iterator[Finding]:
    if not has_agents(core):
        yield Finding("People", "warning", "there is no admin yet", "Open the link that `tidings run` prints.")


def _accounts(core: Core) -> Iterator[Finding]:
    rows = core.session.execute(select(ChannelAccount.id, ChannelAccount.name, ChannelAccount.state)).all()
    core.session.rollback()
    if not rows:
        yield Finding("Accounts", "warning", "no channel is connected", "Connect one under Accounts.")
    for account_id, name, state in rows:
        if state == "paused":
            yield Finding(f"Account {name}", "ok", "paused")
            continue
        try:
            report = test_account(core, SYSTEM, account_id)
        except AppError as error:
            yield Finding(f"Account {name}", "serious", str(error), "Activate its plugin, or remove the account.")
            continue
        if report.is_ok:
            yield _sign_in(core, account_id, name, needs_sign_in=report.needs_sign_in)
            yield from _missing(core, account_id, name)
        else:
            yield Finding(
                f"Account {name}", "serious", report.problem, "Open the account's page and sign in again or correct it."
            )


def _sign_in(core: Core, account_id: int, name: str, *, needs_sign_in: bool) -> Finding:
    """An account whose connection works: for how long."""
    subject, advice = f"Account {name}", "Open the account's page and sign in."
    if needs_sign_in:
        return Finding(subject, "serious", "waits for its owner to sign in at the provider", advice)
    term = first_to_end(core, account_id)
    core.session.rollback()
    if term is None or term.ends_at > core.clock.now() + SOON:
        return Finding(subject, "ok", "connected")
    if term.ends_at <= core.clock.now():
        return Finding(subject, "serious", f"{term.label}: ended on {term.ends_at:%Y-%m-%d}", advice)
    return Finding(subject, "warning", f"connected; {term.label}: ends on {term.ends_at:%Y-%m-%d}", advice)


def _missing(core: Core, account_id: int, name: str) -> Iterator[Finding]:
    """What the last comparison with the provider did not find here."""
    facts = compared_facts(core.session, account_id)
    core.session.rollback()
    if facts is not None and facts.missing:
        detail = f"{facts.missing} of {facts.on_server} messages on the server are not here"
        yield Finding(f"Account {name}", "warning", detail, f"Run `tidings reconcile --account {account_id} --repair`.")


def _journal(core: Core) -> Iterator[Finding]:
    waiting = len(
        core.session.scalars(
            select(InboundEvent.id).where(InboundEvent.state == EventState.UNDELIVERED).limit(1000)
        ).all()
    )
    if waiting:
        yield Finding(
            "Undelivered tray",
            "warning",
            f"{waiting} messages wait",
            "Look at them under Undelivered: retry or discard.",
        )
    else:
        yield Finding("Undelivered tray", "ok", "empty")
