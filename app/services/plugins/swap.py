"""One change of a plugin's files and of what it stored, done and undone by whoever starts the plugin after it."""

import shutil
from pathlib import Path

from app.errors import Conflict, NotFound
from app.plugin_host import MigrationFailed, PluginInfo
from app.plugin_host.archives.plugin_files import PluginFiles
from app.plugin_host.finding.drop_ins import find_drop_ins
from app.services.core import Core
from app.services.plugins.data import replace_data, throw_away_data
from app.services.plugins.exports import Export, data_folder, opened_export

__all__ = ["Swap"]


class Swap:
    """`folder` is a staged one; what was unpacked into its `fresh` becomes the plugin's files, nothing changes when there is none. With
    an `export` what the plugin stored is replaced, too. `snapshot` is the export of before, None where there was nothing."""

    def __init__(
        self, core: Core, files: PluginFiles, name: str, folder: Path, export: Export | None, snapshot: Path | None
    ) -> None:
        self.fresh = folder / "new"
        self.sentences: tuple[str, ...] = ()
        self._core = core
        self._files = files
        self._name = name
        self._old = folder / "old"
        self._failed = folder / "failed"
        self._stored = data_folder(core, name)
        self._stored_before = folder / "stored"
        self._export = export
        self._snapshot = snapshot
        self._has_files = False
        self._has_data = False

    def swap(self) -> None:
        """Put the new files, and what the export holds, in place. Raises `MigrationFailed` or OSError; `swap_back` undoes what was done."""
        if self.fresh.is_dir():
            self._files.take_out(self._name, self._old)
            self._has_files = True
            self._files.put_in(self.fresh)
        if self._export is not None:
            self._has_data = True
            if self._export.card.has_files and self._stored.is_dir():
                self._stored.rename(self._stored_before)
            self.sentences = replace_data(self._core, self._there(), self._export)

    def swap_back(self) -> None:
        """Undo `swap`, however far it came. Raises `Conflict` when what was stored cannot be put back; the snapshot still holds it."""
        if self._has_files:
            self._has_files = False
            self._files.take_out(self._name, self._failed)
            self._files.put_in(self._old)
        if self._has_data:
            self._has_data = False
            try:
                self._put_data_back()
            except MigrationFailed as failure:
                kept = f" It is kept in {self._snapshot}." if self._snapshot else ""
                raise Conflict(f"What {self._name} had stored could not be put back. {failure}{kept}") from failure
            finally:
                self._put_files_back()

    def _put_data_back(self) -> None:
        if self._snapshot is None:
            throw_away_data(self._core, self._name)
            return
        with opened_export(self._snapshot, {}, is_ours=True) as before:
            replace_data(self._core, self._there(), before)

    def _put_files_back(self) -> None:
        """The plugin's own files, which no snapshot holds."""
        if self._export is not None and self._export.card.has_files:
            shutil.rmtree(self._stored, ignore_errors=True)
            if self._stored_before.is_dir():
                self._stored_before.rename(self._stored)

    def _there(self) -> PluginInfo:
        """The plugin whose files are in place now, which the host may not have looked at yet."""
        for info in find_drop_ins(self._files.folder):
            if info.name == self._name:
                return info
        try:
            return self._core.plugins.info(self._name)
        except NotFound:
            raise Conflict(f"The files of {self._name} are gone.") from None
