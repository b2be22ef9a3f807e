"""Installing, updating, going back, restoring: the files of a plugin and what it stored change together, or not at all.

What waits for consent is in `staging`, taking a plugin away in `removal`, the format of snapshots in `exports`.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.roles import Permission
from app.errors import AppError, Conflict, NotFound
from app.models import PluginState
from app.plugin_host import MigrationFailed, PluginInfo, State
from app.plugin_host.archives import Archive, unpack
from app.plugin_host.archives.plugin_files import PluginFiles
from app.plugin_host.finding.sources import Mark, write_mark
from app.plugin_host.manager import UpdateFailed
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing
from app.services.plugins.data import resume_accounts
from app.services.plugins.exports import Export, ExportCard, opened_export, read_card, write_export
from app.services.plugins.record import plugin_record
from app.services.plugins.staging import Staged, arrived, discard, plugin_there, stage, staged
from app.services.plugins.swap import Swap

__all__ = [
    "Installed",
    "Staged",
    "UpdateFailed",
    "discard",
    "export_plugin",
    "go_back",
    "install",
    "previous_version",
    "restore",
    "stage",
    "staged",
]

SNAPSHOTS_KEPT = 5


@dataclass(frozen=True, slots=True)
class Installed:
    """A plugin after its files were changed. `version_before` is empty when it was not there. `sentences` tell what could not be brought
    back, and why it does not run where it should."""

    info: PluginInfo
    version_before: str = ""
    sentences: tuple[str, ...] = ()


def install(
    core: Core, actor: Actor, token: str, agreed: Collection[str], *, switch_on: bool = False, by_shell: bool = False
) -> Installed:
    """Install or update what was staged, or restore it when it is an export. What was on stays on, what was off stays off unless
    `switch_on`. `agreed` is what was agreed to now, as in `Manifest.grants`.

    Before anything is replaced, a snapshot is made. When the new version cannot start or its tables cannot be brought up to date,
    everything is as it was and `UpdateFailed` says why. Raises `Conflict` for what stands in its way, `NotFound`, `NotAllowed`.
    """
    require(actor, Permission.PLUGINS)
    files = PluginFiles(core.config.home)
    with files.lock(), arrived(core, token, by_shell=by_shell) as found:
        card = found.card
        if card.problems:
            raise Conflict(card.problems[0])
        now = plugin_there(core, card.name)
        agreed = frozenset(agreed) | frozenset(card.granted)
        if switch_on or _is_on(core, now):
            _must_be_agreed(card, agreed)
        change = _Change(core, actor, files, files.staged_folder(token), card.name, now, agreed)
        action = "plugin.restored" if found.export else "plugin.updated" if now else "plugin.installed"
        installed = change.make(action, found.code, found.mark, found.export)
        if switch_on and installed.info.state is State.INACTIVE:
            info = core.plugins.activate(card.name, agreed)
            installed = Installed(info, installed.version_before, (*installed.sentences, *filter(None, [info.problem])))
    files.discard(token)
    return installed


def go_back(core: Core, actor: Actor, name: str) -> Installed:
    """Put a plugin back to the snapshot made before its last change: code, tables, settings, values; what it stored since is lost, apart
    from a snapshot of it, to which going back once more returns. Raises `Conflict` when there is none, `UpdateFailed`, `NotFound`."""
    require(actor, Permission.PLUGINS)
    files = PluginFiles(core.config.home)
    with files.lock():
        path = _snapshot_of(core, files, name)
        now = plugin_there(core, name)
        if path is None or now is None:
            raise Conflict(f"There is no earlier version of {name} to go back to.")
        token = files.new_token()
        try:
            with opened_export(path, {}, is_ours=True) as export:
                mark = Mark(export.card.signed_by, "", export.card.origin) if export.card.origin else None
                granted = frozenset(export.card.granted)
                change = _Change(core, actor, files, files.staged_folder(token), name, now, granted)
                return change.make("plugin.rolled_back", export.code, mark, export)
        finally:
            files.discard(token)


def restore(core: Core, actor: Actor, data: bytes, agreed: Collection[str], *, by_shell: bool = False) -> Installed:
    """Install an export and bring back everything it holds, switched on if it was on then. Raises what `stage` and `install` raise."""
    card = stage(core, actor, data, by_shell=by_shell)
    if card.brings_back is None:
        discard(core, actor, card.token)
        raise Conflict("This is the archive of a plugin, not an export of what one had stored.")
    return install(core, actor, card.token, agreed, switch_on=card.brings_back.is_active, by_shell=by_shell)


def previous_version(core: Core, name: str) -> str:
    """The version that `go_back` would return to; empty when there is none."""
    path = _snapshot_of(core, PluginFiles(core.config.home), name)
    return read_card(path).version if path else ""


def export_plugin(core: Core, actor: Actor, name: str, path: Path) -> ExportCard:
    """Write everything a plugin is and has to a new file. Raises `NotFound`, or `Conflict` when the file is there."""
    require(actor, Permission.PLUGINS)
    info = plugin_there(core, name)
    if info is None:
        raise NotFound(f"There is no plugin called {name}.")
    if path.exists():
        raise Conflict(f"{path} is there already.")
    card = write_export(core, info, path)
    with writing(core) as unit:
        audit(unit, actor, "plugin.exported", name, version=info.version)
    return card


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of the plugin `name`, `now` being what is there; the lock of the plugins folder is held. `folder` is a staged one."""

    core: Core
    actor: Actor
    files: PluginFiles
    folder: Path
    name: str
    now: PluginInfo | None
    agreed: Collection[str]

    def make(self, action: str, code: Archive | None, mark: Mark | None, export: Export | None) -> Installed:
        """Snapshot, swap, migrate, start; or everything as before and `UpdateFailed`."""
        version = code.manifest.version if code else export.card.version if export else ""
        before = self.now.version if self.now else ""
        with self._snapshot() as snapshot:
            swap = Swap(self.core, self.files, self.name, self.folder, export, snapshot)
            if code is not None:
                target = unpack(code, swap.fresh)
                if mark is not None:
                    write_mark(target, mark)
            try:
                info = self._swap(swap) if code is not None else self._swap_data(swap)
            except UpdateFailed as failure:
                self._note("plugin.update_failed", version, before, reason=str(failure)[:500])
                raise
        self._remember(snapshot)
        if export is not None and export.card.has_files:  # a snapshot says nothing about accounts: they never stopped
            with writing(self.core) as unit:
                resume_accounts(unit, self.name, export.card.accounts)
        signed_by = mark.signed_by if mark else ""
        self._note(action, version, before, agreed=sorted(self.agreed), signed_by=signed_by)
        return Installed(info, before, swap.sentences)

    def _swap(self, swap: Swap) -> PluginInfo:
        return self.core.plugins.update(self.name, swap.swap, swap.swap_back, self.agreed)

    def _swap_data(self, swap: Swap) -> PluginInfo:
        """Replace what is stored by a plugin whose code is not ours to replace: it is off meanwhile, and on again when it was."""
        is_on = _is_on(self.core, self.now)
        if is_on:
            self.core.plugins.deactivate(self.name)
        try:
            swap.swap()
            if is_on and (info := self.core.plugins.activate(self.name, self.agreed)).state is not State.ACTIVE:
                raise UpdateFailed(info.problem)
        except BaseException as failure:
            swap.swap_back()
            if is_on:
                self.core.plugins.activate(self.name, self.agreed)
            if isinstance(failure, (MigrationFailed, AppError, OSError)):
                raise UpdateFailed(str(failure)) from failure
            raise
        return self.core.plugins.info(self.name)

    @contextmanager
    def _snapshot(self) -> Iterator[Path | None]:
        """An export of what is there, None when nothing is; thrown away when the block fails, since nothing was changed then."""
        if self.now is None:
            yield None
            return
        if len([path for path in self.files.parts(self.name) if not path.name.startswith(".")]) > 1:
            raise Conflict(
                f"There is both a folder and a file of {self.name} in the plugins folder. Remove one of them."
            )
        now = self.core.clock.now()
        path = self.files.archive_path(self.files.snapshots, self.name, self.now.version, now)
        try:
            card = write_export(self.core, self.now, path, with_files=False)
            if card.left_out:
                raise Conflict(f"It cannot be replaced safely: no snapshot can hold {card.left_out[0]}.")
            yield path
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _remember(self, snapshot: Path | None) -> None:
        if snapshot is None or self.now is None or not self.now.is_drop_in:
            return
        with writing(self.core) as unit:
            plugin_record(self.core, unit, self.name).snapshot = snapshot.name
        self.files.keep_newest(self.name, self.files.snapshots, SNAPSHOTS_KEPT)

    def _note(self, action: str, version: str, before: str, **data: Any) -> None:
        with writing(self.core) as unit:
            audit(unit, self.actor, action, self.name, version=version, before=before, **data)
            unit.changed("plugins")


def _is_on(core: Core, info: PluginInfo | None) -> bool:
    """Whether a plugin is switched on, running or not."""
    if info is None:
        return False
    state = core.session.get(PluginState, info.name)
    return info.is_must_use or (state.is_active if state else info.is_shipped)


def _must_be_agreed(card: Staged, agreed: Collection[str]) -> None:
    missing = [grant for grant in card.asks if grant not in agreed]
    if missing:
        raise Conflict(f"{card.manifest.title} asks for more than was agreed to: {', '.join(missing)}.")


def _snapshot_of(core: Core, files: PluginFiles, name: str) -> Path | None:
    state = core.session.get(PluginState, name)
    kept = state.snapshot if state else ""
    return next((path for path in files.archives_of(name, files.snapshots) if path.name == kept), None)
