"""Plugins that stand as files below `<home>/plugins`: which there are, what is wrong with their files, and whether those changed."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from app.plugin_api.manifest_fields import is_name
from app.plugin_api.texts import translatable
from app.plugin_host.finding.sources import SHELL, UPLOAD, read_mark
from app.plugin_host.info import Origin, PluginInfo

__all__ = ["MODULE_PREFIX", "files_problem", "find_drop_ins", "fingerprint_files"]

MODULE_PREFIX = "tidings_plugin_"
"""What stands before a drop-in's name where Python imports it."""

MOST_FILES = 5000
_CACHE = "__pycache__"


def find_drop_ins(folder: Path) -> Iterator[PluginInfo]:
    """Each folder and each `.py` file, by name. What begins with a dot is the host's own; other files are nobody's plugin."""
    for path in sorted(_entries(folder)):
        is_file = path.suffix == ".py" and not path.is_dir()
        if not is_file and not path.is_dir():
            continue
        name = path.stem if is_file else path.name
        mark = read_mark(path)
        yield PluginInfo(
            name=name,
            entry_point=f"{MODULE_PREFIX}{name}",
            path=path,
            origin=Origin.FILE if is_file else Origin.FOLDER,
            is_upload=mark is not None and mark.origin == UPLOAD,
            is_from_shell=mark is not None and mark.origin == SHELL,
            signed_by=mark.signed_by if mark else "",
        )


def files_problem(info: PluginInfo) -> str:
    """What is wrong with the name or the files of a drop-in, as a sentence; empty when nothing is."""
    path = info.path
    assert path is not None
    if not is_name(info.name):
        return (
            f"{path.name!r} cannot be the name of a plugin; that is 2 to 40 lower-case letters, digits and underscores,"
            " a letter first."
        )
    if path.is_symlink():
        return f"{path.name} is a symbolic link; put the files themselves there."
    if info.origin is Origin.FILE:
        return ""
    if not (path / "__init__.py").is_file():
        return translatable("Its folder has no __init__.py.")
    return _tree_problem(path)


def fingerprint_files(path: Path) -> str:
    """A text that changes when a file or a file of a folder is written, added or removed; what Python compiled does not count."""
    digest = hashlib.sha256()
    for one in [path] if path.is_file() else _files(path):
        try:
            found = one.lstat()
        except OSError:  # it was removed just now: the next look finds it gone
            continue
        digest.update(f"{one.relative_to(path)}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ctime_ns}\n".encode())
    return digest.hexdigest()


def _entries(folder: Path) -> list[Path]:
    try:
        return [one for one in folder.iterdir() if not one.name.startswith(".") and one.name != _CACHE]
    except OSError:  # there is no such folder, which is how most installations stay
        return []


def _tree_problem(folder: Path) -> str:
    for count, one in enumerate(_files(folder), start=1):
        if one.is_symlink():
            return f"{one.relative_to(folder)} is a symbolic link; a plugin brings its files themselves."
        if not one.is_file():
            return f"{one.relative_to(folder)} is no ordinary file."
        if count > MOST_FILES:
            return f"It holds more than {MOST_FILES} files."
    return ""


def _files(folder: Path) -> Iterator[Path]:
    """Everything in a folder that is not itself a folder, in a stable order; links are not followed."""
    for here, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(here, name))]
        folders[:] = sorted(name for name in folders if name != _CACHE and name not in links)
        yield from (Path(here, name) for name in sorted([*files, *links]))
