"""`tidings plugin install`, `update`, `rollback`, `uninstall`, `export`: archives of plugins on the command line of the server.

Who has the shell owns the machine, so archives are taken here even where uploads are off. Signing is in `plugin_signatures`.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from app.cli.opening import open_installation
from app.errors import NotFound
from app.plugin_api.manifest import HOST_GRANT, PERMISSIONS
from app.plugin_host import State
from app.plugin_host.archives import pack_plugin
from app.plugin_host.archives.signatures import Signed, SignedState
from app.services.core import SYSTEM, Core
from app.services.plugins import archives
from app.services.plugins.exports import ExportCard
from app.services.plugins.removal import UninstallPreview, removed_archive, uninstall_preview
from app.services.plugins.removal import uninstall as remove_plugin

__all__ = ["export", "install", "rollback", "signed_line", "uninstall", "update"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
_YES = click.option("--yes", is_flag=True, help="Agree without being asked.")
_SOURCE = click.argument("source", type=click.Path(exists=True, path_type=Path))


@click.command()
@_SOURCE
@click.option("--off", is_flag=True, help="Leave it switched off.")
@_DATA
@_YES
def install(source: Path, off: bool, data: Path | None, yes: bool) -> None:
    """Install the plugin in SOURCE: an archive, an export, a folder or a single .py. Running processes follow within a second."""
    with open_installation(data) as (_, core):
        _install(core, source, switch_on=not off, yes=yes)


@click.command()
@_SOURCE
@_DATA
@_YES
def update(source: Path, data: Path | None, yes: bool) -> None:
    """Update an installed plugin to the version in SOURCE; when that cannot start, everything is as before."""
    with open_installation(data) as (_, core):
        _install(core, source, switch_on=False, yes=yes, must_be_there=True)


@click.command()
@click.argument("name")
@_DATA
@_YES
def rollback(name: str, data: Path | None, yes: bool) -> None:
    """Put the plugin NAME back to what it was before its last update: its code and what it had stored then."""
    with open_installation(data) as (_, core):
        version = archives.previous_version(core, name)
        if version and not yes:
            click.echo(f"{name} goes back to version {version} and to what it had stored then.")
            click.confirm("Go back?", abort=True)
        click.echo(_outcome(archives.go_back(core, SYSTEM, name)))


@click.command()
@click.argument("name")
@click.option("--preview", is_flag=True, help="Only print what would go and what would stay.")
@_DATA
@_YES
def uninstall(name: str, preview: bool, data: Path | None, yes: bool) -> None:
    """Remove the plugin NAME and all it stored, after packing it into one archive. Its accounts stay, paused."""
    with open_installation(data) as (_, core):
        click.echo("\n".join(_preview_lines(uninstall_preview(core, name))))
        if preview:
            return
        if not yes:
            click.confirm(f"Remove {name}?", abort=True)
        removed = remove_plugin(core, SYSTEM, name)
        click.echo(f"{name} is removed. What it was and had is in {removed_archive(core, SYSTEM, removed.archive)}")
        for sentence in removed.sentences:
            click.echo(sentence)


@click.command()
@click.argument("name")
@click.option("--to", type=click.Path(path_type=Path), help="File to write; without it <name>-<version>.zip here.")
@_DATA
def export(name: str, to: Path | None, data: Path | None) -> None:
    """Write the plugin NAME and everything it stored into one archive, which `install` brings back."""
    with open_installation(data) as (_, core):
        target = to or Path(f"{name}-{core.plugins.info(name).version}.zip")
        card = archives.export_plugin(core, SYSTEM, name, target)
        click.echo(f"{target}: {_contents(card)}")


def signed_line(signed: Signed) -> str:
    """Who signed something, as a sentence."""
    if signed.state is SignedState.TRUSTED:
        return f"Signed by {signed.name} (key {signed.key}), who is trusted here."
    if signed.state is SignedState.UNKNOWN:
        return f"Signed with the key {signed.key}, which is not trusted here; it calls itself {signed.name}."
    return "Not signed."


def _install(core: Core, source: Path, *, switch_on: bool, yes: bool, must_be_there: bool = False) -> None:
    card = archives.stage(core, SYSTEM, pack_plugin(source), by_shell=True)
    try:
        if must_be_there and not card.version_now:
            raise NotFound(f"There is no plugin called {card.name} to update; use `tidings plugin install`.")
        if not card.problems and not yes:
            click.echo("\n".join(_card_lines(card)))
            click.confirm("Update it?" if card.is_update else "Install it?", abort=True)
        restored_on = card.brings_back is not None and card.brings_back.is_active
        is_on = switch_on and (card.brings_back is None or restored_on)
        done = archives.install(core, SYSTEM, card.token, card.asks, switch_on=is_on, by_shell=True)
    finally:
        archives.discard(core, SYSTEM, card.token)
    click.echo(_outcome(done))


def _outcome(done: archives.Installed) -> str:
    info = done.info
    version = (
        f"{done.version_before} → {info.version}" if done.version_before not in ("", info.version) else info.version
    )
    state = {State.ACTIVE: "is on", State.INACTIVE: "is off", State.WAITING: "waits for consent"}.get(
        info.state, "cannot run"
    )
    return "\n".join([f"{info.name} {version} is in place and {state}.", *done.sentences])


def _card_lines(card: archives.Staged) -> Iterator[str]:
    before = f" (version {card.version_now} is installed)" if card.version_now else ""
    yield f"{card.manifest.title} {card.manifest.version}{before}: {card.manifest.summary}"
    yield signed_line(card.signed)
    if card.brings_back is not None:
        yield f"It brings back {_contents(card.brings_back)}."
    if not card.asks:
        yield "It asks for nothing."
        return
    yield "It may:"
    for grant in card.asks:
        is_host = grant.startswith(HOST_GRANT)
        text = f"Talk to {grant.removeprefix(HOST_GRANT)}" if is_host else PERMISSIONS[grant]
        yield f"  - {text}{' (new)' if card.version_now and grant in card.new_asks else ''}"


def _preview_lines(preview: UninstallPreview) -> Iterator[str]:
    yield f"{preview.title} {preview.version}"
    for table, rows in preview.tables:
        yield f"  table {table}: {rows} rows"
    for word, names in (("settings", preview.settings), ("secrets", preview.secrets), ("jobs", preview.jobs)):
        if names:
            yield f"  {word}: {', '.join(names)}"
    counts = {
        "values": preview.values,
        "missed events": preview.missed_events,
        "notices": preview.notices,
        "snapshots": preview.snapshots,
    }
    for word, count in counts.items():
        if count:
            yield f"  {word}: {count}"
    if preview.data_files:
        yield f"  files of its own: {preview.data_files} ({_size(preview.data_bytes)})"
    if preview.code_files:
        yield f"  files of code: {preview.code_files} ({_size(preview.code_bytes)})"
    for account in preview.accounts:
        yield f"  stays, paused: the account {account.name} with {account.conversations} conversations"
    if preview.code_stays:
        yield f"  {preview.code_stays}"


def _contents(card: ExportCard) -> str:
    rows = sum(card.rows.values())
    parts = [f"version {card.version}", f"{rows} rows of {len(card.rows)} tables", f"{card.values} values"]
    return ", ".join([*parts, f"{len(card.settings)} settings", f"{card.files} files"])


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.1f} kB"
