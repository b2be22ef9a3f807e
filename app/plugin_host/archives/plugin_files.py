"""The files of drop-in plugins below `<home>/plugins`, put in place and taken away by renames, and what the host keeps beside them.

`.staged` holds what was uploaded and waits for consent, `.snapshots` what updates replaced, `.trash` what was uninstalled. All of it
stands on one file system, so that a plugin is there wholly or not at all.
"""

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from app.errors import Conflict, NotFound
from app.plugin_host.finding.sources import mark_path

__all__ = ["PluginFiles"]

_TOKEN = re.compile(r"[0-9a-f]{32}\Z")


class PluginFiles:
    """The plugins folder of one home folder. Folders are made when something is put into them."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "plugins"
        self.staged = self.folder / ".staged"
        self.snapshots = self.folder / ".snapshots"
        self.trash = self.folder / ".trash"
        self.trusted_keys = home / "trusted_keys"

    # ---- a plugin in its place
    def parts(self, name: str) -> list[Path]:
        """What stands in the folder for a plugin now: its folder, its one file, the mark beside that."""
        file = self.folder / f"{name}.py"
        return [path for path in (self.folder / name, file, mark_path(file)) if os.path.lexists(path)]

    def take_out(self, name: str, parking: Path) -> None:
        """Move a plugin aside into `parking`, which must be empty. Nothing happens when there is none."""
        parking.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self.parts(name):
            path.rename(parking / path.name)

    def put_in(self, parking: Path) -> None:
        """Move everything in `parking` into its place. Nothing of it may be there."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(parking.iterdir()):
            path.rename(self.folder / path.name)

    # ---- what waits for consent
    def new_token(self) -> str:
        """Make a folder for something that was uploaded; its name is its token, which nobody guesses."""
        token = secrets.token_hex(16)
        (self.staged / token).mkdir(mode=0o700, parents=True)
        return token

    def staged_folder(self, token: str) -> Path:
        """The folder of a token. Raises `NotFound`."""
        folder = self.staged / token
        if not _TOKEN.match(token) or not folder.is_dir():
            raise NotFound("This upload is not there any more. Upload it once more.")
        return folder

    def discard(self, token: str) -> None:
        """Throw away what was staged under a token. Nothing happens when there is nothing."""
        if _TOKEN.match(token):
            shutil.rmtree(self.staged / token, ignore_errors=True)

    def sweep_staged(self, older_than_s: float) -> int:
        """Throw away what was staged longer ago than this; returns how many."""
        limit = time.time() - older_than_s
        old = [path for path in _entries(self.staged) if path.stat().st_mtime < limit]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return len(old)

    # ---- what was kept
    def archives_of(self, name: str, folder: Path) -> list[Path]:
        """The kept archives of a plugin in `.snapshots` or `.trash`, the newest first."""
        named = re.compile(re.escape(name) + r"-[^-]*-\d{8}T\d{12}\.zip\Z")
        return sorted((path for path in _entries(folder) if named.match(path.name)), key=_time_of, reverse=True)

    def archive_path(self, folder: Path, name: str, version: str, now: datetime) -> Path:
        """Where an archive of a plugin made at this moment is kept: `<name>-<version>-<time>.zip`."""
        safe = re.sub(r"[^0-9A-Za-z.+!_]", "_", version or "0")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        newest = next(map(_time_of, self.archives_of(name, folder)), "")
        while (made := f"{now:%Y%m%dT%H%M%S%f}") <= newest:  # in the same moment, or the clock was set back
            now = datetime.strptime(newest, "%Y%m%dT%H%M%S%f") + timedelta(microseconds=1)
        return folder / f"{name}-{safe}-{made}.zip"

    def keep_newest(self, name: str, folder: Path, count: int) -> None:
        """Throw away all but the newest kept archives of a plugin."""
        for path in self.archives_of(name, folder)[count:]:
            path.unlink(missing_ok=True)

    # ---- one at a time
    @contextmanager
    def lock(self) -> Iterator[None]:
        """Change plugins in this home folder, while nobody else does. Raises `Conflict` at once when somebody does."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(
                    "Another plugin is being installed or removed right now. Try again in a moment."
                ) from None
            yield
        finally:
            os.close(descriptor)


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _time_of(path: Path) -> str:
    return path.stem.rpartition("-")[2]
