"""Taking a plugin away: first everything it owns is shown, then all of it goes into one archive in `.trash`, then it is thrown away.

Its accounts stay, paused, so that their conversations stay readable; installing the archive again brings everything back.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from app.domain.roles import Permission
from app.errors import Conflict, NotAllowed, NotFound
from app.models import ChannelAccount, Conversation, MissedEvent, Notice, PluginJob, PluginState, PluginValue
from app.plugin_api.texts import translatable
from app.plugin_host import MigrationFailed, Origin, PluginInfo
from app.plugin_host.archives.plugin_files import PluginFiles
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing
from app.services.plugins.data import pause_accounts, throw_away_data
from app.services.plugins.exports import data_files, data_folder, write_export
from app.services.plugins.pulse import raise_generation
from app.services.plugins.record import plugin_record
from app.services.plugins.staging import plugin_there
from app.services.plugins.tables import ledger_of

__all__ = ["OwnedAccount", "Removed", "UninstallPreview", "removed_archive", "uninstall", "uninstall_preview"]

ARCHIVES_KEPT = 5


@dataclass(frozen=True, slots=True)
class OwnedAccount:
    """An account that stays, paused, with its conversations."""

    id: int
    name: str
    conversations: int


@dataclass(frozen=True, slots=True)
class UninstallPreview:
    """Everything a plugin owns. `tables` are names with numbers of rows; `settings` and `secrets` are names. Files are counted, with their
    bytes; `code_files` is 0 where the code is not ours to remove, and `code_stays` says then in a sentence how it goes."""

    name: str
    title: str
    version: str
    tables: tuple[tuple[str, int], ...] = ()
    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    values: int = 0
    jobs: tuple[str, ...] = ()
    data_files: int = 0
    data_bytes: int = 0
    code_files: int = 0
    code_bytes: int = 0
    code_stays: str = ""
    snapshots: int = 0
    accounts: tuple[OwnedAccount, ...] = ()
    missed_events: int = 0
    notices: int = 0


@dataclass(frozen=True, slots=True)
class Removed:
    """A plugin that is gone. `archive` is the file name of its export in `.trash`; `is_empty` when it had stored nothing."""

    name: str
    title: str
    version: str
    archive: str
    is_empty: bool
    paused_accounts: int = 0
    sentences: tuple[str, ...] = ()


def uninstall_preview(core: Core, name: str) -> UninstallPreview:
    """What goes and what stays when a plugin is uninstalled. Raises `NotFound`."""
    info = _get(core, name)
    files = PluginFiles(core.config.home)
    state = core.session.get(PluginState, name)
    data = data_files(data_folder(core, name))
    code = _code_files(info)
    return UninstallPreview(
        name=name,
        title=info.manifest.title if info.manifest else name,
        version=info.version,
        tables=tuple(ledger_of(core).owned_tables(name)),
        settings=tuple(sorted(state.settings)) if state else (),
        secrets=_secret_names(core, state),
        values=_count(core, PluginValue, PluginValue.plugin == name),
        jobs=tuple(
            core.session.scalars(select(PluginJob.name).where(PluginJob.plugin == name).order_by(PluginJob.name))
        ),
        data_files=len(data),
        data_bytes=sum(path.stat().st_size for path in data),
        code_files=len(code),
        code_bytes=sum(path.stat().st_size for path in code),
        code_stays=_code_stays(info),
        snapshots=len(files.archives_of(name, files.snapshots)),
        accounts=_accounts(core, name),
        missed_events=_count(core, MissedEvent, MissedEvent.plugin == name),
        notices=_count(
            core, Notice, Notice.subject.startswith(f"plugin:{name}:", autoescape=True), Notice.closed_at.is_(None)
        ),
    )


def uninstall(core: Core, actor: Actor, name: str) -> Removed:
    """Export a plugin into `.trash` and throw away all it owns: code, tables, settings, values, jobs, files. Its accounts are paused.

    Of one that came with Tidings or as a Python package only what it stored goes, and it is switched off. Raises `NotFound`,
    `NotAllowed` for one that must be used, `Conflict` when its tables cannot be dropped; everything is as before then.
    """
    require(actor, Permission.PLUGINS)
    files = PluginFiles(core.config.home)
    with files.lock():
        info = _get(core, name)
        if info.is_must_use:
            raise NotAllowed(f"{name} is always on here: TIDINGS_MUST_USE_PLUGINS names it.")
        archive = files.archive_path(files.trash, name, info.version, core.clock.now())
        card = write_export(core, info, archive)
        try:
            _take_away(core, files, info)
        except BaseException:
            archive.unlink(missing_ok=True)
            raise
        for path in files.archives_of(name, files.snapshots):
            path.unlink(missing_ok=True)
        files.keep_newest(name, files.trash, ARCHIVES_KEPT)
        paused = _note(core, actor, info, archive.name)
    left_out = tuple(f"{path} could not be put into the archive." for path in card.left_out)
    return Removed(
        name,
        card.title,
        info.version,
        archive.name,
        card.is_empty,
        paused,
        (*left_out, *filter(None, [_code_stays(info)])),
    )


def removed_archive(core: Core, actor: Actor, filename: str) -> Path:
    """The archive of an uninstalled plugin, for downloading. Raises `NotFound`, `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    trash = PluginFiles(core.config.home).trash
    path = trash / Path(filename).name
    if path.name != filename or path.name.startswith(".") or path.suffix != ".zip" or not path.is_file():
        raise NotFound("This archive is not there any more.")
    return path


def _take_away(core: Core, files: PluginFiles, info: PluginInfo) -> None:
    """Stop it, then throw away what it stored; its files come back when that fails."""
    if not info.is_drop_in:
        core.plugins.deactivate(info.name)
        _throw_away(core, info.name)
        with writing(core) as unit:  # without a row one that came with Tidings would be on again
            plugin_record(core, unit, info.name).is_active = False
            raise_generation(unit)
        return
    parking = files.staged_folder(files.new_token())
    try:
        core.plugins.remove(info.name, lambda: files.take_out(info.name, parking))
        try:
            _throw_away(core, info.name)
        except BaseException:
            files.put_in(parking)
            core.plugins.rescan()
            raise
    finally:
        shutil.rmtree(parking, ignore_errors=True)


def _throw_away(core: Core, name: str) -> None:
    try:
        throw_away_data(core, name)
    except MigrationFailed as failure:
        raise Conflict(f"{name} cannot be removed now. {failure}") from failure


def _note(core: Core, actor: Actor, info: PluginInfo, archive: str) -> int:
    with writing(core) as unit:
        paused = pause_accounts(unit, info.name)
        audit(
            unit, actor, "plugin.uninstalled", info.name, version=info.version, archive=archive, paused_accounts=paused
        )
        unit.changed("plugins")
    return paused


def _get(core: Core, name: str) -> PluginInfo:
    info = plugin_there(core, name)
    if info is None:
        raise NotFound(f"There is no plugin called {name}.")
    return info


def _code_files(info: PluginInfo) -> list[Path]:
    if not info.is_drop_in or info.path is None:
        return []
    if info.path.is_file():
        return [info.path]
    return [path for path in info.path.rglob("*") if path.is_file() and not path.is_symlink()]


def _code_stays(info: PluginInfo) -> str:
    if info.origin is Origin.SHIPPED:
        return translatable("It comes with Tidings: its code stays, switched off.")
    if info.origin is Origin.INSTALLED:
        return f"Its code is the Python package {info.distribution or info.module}: remove that with pip uninstall."
    return ""


def _secret_names(core: Core, state: PluginState | None) -> tuple[str, ...]:
    return tuple(sorted(core.vault.unseal(state.secrets))) if state and state.secrets else ()


def _accounts(core: Core, name: str) -> tuple[OwnedAccount, ...]:
    statement = (
        select(ChannelAccount.id, ChannelAccount.name, func.count(Conversation.id))
        .outerjoin(Conversation, Conversation.account_id == ChannelAccount.id)
        .where(ChannelAccount.plugin == name)
        .group_by(ChannelAccount.id, ChannelAccount.name)
        .order_by(ChannelAccount.id)
    )
    return tuple(OwnedAccount(*row) for row in core.session.execute(statement))


def _count(core: Core, table: type, *conditions: object) -> int:
    return core.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0  # type: ignore[arg-type]
