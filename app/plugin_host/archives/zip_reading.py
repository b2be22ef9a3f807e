"""Reading a ZIP without trusting a byte of it: everything its directory says is checked before the first file is unpacked.

What the files mean is not known here; `archive` knows it of plugins, `app.services.plugins.exports` of exports.
"""

import io
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.errors import InvalidInput
from app.plugin_host.archives.paths import is_left_out, path_problem, paths_problem

__all__ = ["ArchiveError", "ArchiveLimits", "CheckedZip", "holds"]

_CENTRAL_RECORD = b"PK\x01\x02"
_CHUNK = 1 << 20
_LONGEST_LINE = 100_000_000
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OverflowError,
    IndexError,
    OSError,
)
"""Everything `zipfile` raises for bytes that are not what they say."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Bits of an entry's flags: encrypted, strongly encrypted, directory encrypted."""


class ArchiveError(InvalidInput):
    """An archive that is refused; the sentence says why. Nothing of it was written."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may hold. `ratio` is how many times larger a file of more than a megabyte may become by unpacking it."""

    packed_bytes: int = 20_000_000
    unpacked_bytes: int = 60_000_000
    files: int = 2000
    ratio: int = 100


class CheckedZip:
    """A ZIP whose directory was checked: paths, kinds, numbers and sizes. Raises `ArchiveError` when it is made and while it is read.

    `sizes` are the files in bytes by path; folders and what systems leave behind are left out.
    """

    def __init__(self, file: BinaryIO, limits: ArchiveLimits) -> None:
        if file.seek(0, io.SEEK_END) > limits.packed_bytes:
            raise ArchiveError(f"It is larger than {limits.packed_bytes // 1_000_000} MB.")
        if _count_records(file) > 2 * limits.files:  # counted before a directory of millions is read into memory
            raise ArchiveError(f"It holds more than {limits.files} files.")
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGE as error:
            raise ArchiveError("It is not a ZIP file that can be read.") from error
        self._entries = {entry.orig_filename: entry for entry in _check(self._zip.infolist(), limits)}
        self.sizes = {path: entry.file_size for path, entry in self._entries.items()}

    def read(self, path: str) -> bytes:
        """The bytes of one file, at most as many as the directory says."""
        with self.open(path) as file:
            return file.read()

    def lines(self, path: str) -> Iterator[str]:
        """The lines of a text, one after the other, without what ends them."""
        with self.open(path) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
            while line := text.readline(_LONGEST_LINE):
                if len(line) == _LONGEST_LINE:
                    raise ArchiveError(f"It holds {path} with a line that is too long.")
                yield line.removesuffix("\n")

    def copy(self, path: str, target: Path) -> None:
        """Write one file to `target`, which must not exist; folders above it are made."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.open(path) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """One file, to be read piece by piece."""
        try:
            with self._zip.open(self._entries[path]) as file:
                yield file  # type: ignore[misc]  # typeshed's IO[bytes]
        except _DAMAGE as error:
            if isinstance(error, FileExistsError):
                raise
            raise ArchiveError(f"It is damaged: {path} cannot be read.") from error


def holds(file: BinaryIO, path: str, limits: ArchiveLimits) -> bool:
    """Whether these bytes look like a ZIP with a file of this path. False, too, for one with more files than the limits allow."""
    if _count_records(file) > 2 * limits.files:
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            return path in archive.NameToInfo
    except _DAMAGE:
        return False


def _check(entries: Sequence[zipfile.ZipInfo], limits: ArchiveLimits) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in entries if not is_left_out(entry.orig_filename)]
    for entry in entries:
        _refuse(path_problem(entry.orig_filename) or _entry_problem(entry, limits))
    files = [entry for entry in entries if not entry.is_dir()]
    if len(files) > limits.files:
        raise ArchiveError(f"It holds more than {limits.files} files.")
    if sum(entry.file_size for entry in files) > limits.unpacked_bytes:
        raise ArchiveError(f"Unpacked it would be larger than {limits.unpacked_bytes // 1_000_000} MB.")
    _refuse(paths_problem(entry.orig_filename for entry in files))
    if not files:
        raise ArchiveError("It holds no files.")
    return files


def _entry_problem(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> str:
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & _ENCRYPTED:
        return f"It holds an encrypted file: {name}."
    if kind == stat.S_IFLNK:
        return f"It holds a symbolic link: {name}."
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"It holds something that is neither a file nor a folder: {name}."
    if kind and (kind == stat.S_IFDIR) != entry.is_dir():
        return f"It holds {name}, which is called a file in one place and a folder in another."
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"{name} is packed in a way that is not accepted; use the common one (deflate)."
    if entry.file_size > 1_000_000 and entry.file_size > limits.ratio * entry.compress_size:
        return f"{name} would become more than {limits.ratio} times larger by unpacking it."
    return ""


def _count_records(file: BinaryIO) -> int:
    """How often the mark of a directory entry stands in the file; a good archive may hold a few more of them by chance."""
    file.seek(0)
    count, rest = 0, b""
    while chunk := file.read(_CHUNK):
        count += (rest + chunk).count(_CENTRAL_RECORD)
        rest = (rest + chunk)[1 - len(_CENTRAL_RECORD) :]
    return count


def _refuse(problem: str) -> None:
    if problem:
        raise ArchiveError(problem)
