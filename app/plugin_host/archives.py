"""Plugin archives: looking into one without trusting a byte of it, unpacking it, packing and signing one. No database, nothing imported.

An archive is a ZIP with the plugin's folder at its top (or that folder's files, or a single `.py`), or a bare `.py`. Which paths it may
hold stands in `archive_paths`, what a signature covers in `signatures`, where archives are installed in `plugin_files`.
"""

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.errors import InvalidInput
from app.plugin_api.errors import ManifestError
from app.plugin_api.manifest import Manifest, decode_manifest
from app.plugin_host.archive_paths import is_left_out, path_problem, paths_problem
from app.plugin_host.signatures import SIGNATURE_FILE, Signed, sign_files, verify_files

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveFile",
    "ArchiveLimits",
    "inspect_archive",
    "pack",
    "pack_plugin",
    "read_zip",
    "sign_archive",
    "unpack",
]

MANIFEST_FILE = "manifest.toml"
_CENTRAL_RECORD = b"PK\x01\x02"
_KINDS_OF_DAMAGE = (
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


class ArchiveError(InvalidInput):
    """An archive that is refused; the sentence says why. Nothing of it was written."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may hold. `ratio` is how many times larger a file of more than a megabyte may become by unpacking it."""

    packed_bytes: int = 20_000_000
    unpacked_bytes: int = 60_000_000
    files: int = 2000
    ratio: int = 100


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file of a plugin: its path below the plugin's folder, its size in bytes and its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A plugin's archive that was looked into and may be unpacked. `files` are sorted by path and leave the signature out; `sha256` is the
    digest of the whole archive. `is_single_file` when the plugin is one `.py`."""

    manifest: Manifest
    files: tuple[ArchiveFile, ...]
    signed: Signed
    sha256: str
    packed_bytes: int
    is_single_file: bool = False
    contents: Mapping[str, Callable[[], bytes]] = field(default_factory=dict, repr=False)
    """Reads a file by its path, the signature's included."""

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def unpacked_bytes(self) -> int:
        return sum(file.size for file in self.files)


def inspect_archive(
    data: bytes, trusted: Mapping[str, bytes] | None = None, limits: ArchiveLimits | None = None
) -> Archive:
    """Look into an archive and check everything that can be checked without running it. `trusted` are the keys of the trust store.

    Raises `ArchiveError`, `BrokenSignature` when its signature does not fit, or `ManifestError`'s sentence as an `ArchiveError`.
    """
    return _inspect(data, trusted or {}, limits or ArchiveLimits(), is_signature_read=True)


def unpack(archive: Archive, folder: Path) -> Path:
    """Write the files of an archive below `folder`, as `<name>/…` or `<name>.py`, and return that path, which must not exist yet."""
    target = folder / (f"{archive.name}.py" if archive.is_single_file else archive.name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digests = {file.path: file.sha256 for file in archive.files}
    for path, read in archive.contents.items():
        if archive.is_single_file and path == SIGNATURE_FILE:
            continue
        content = read()
        if path in digests and hashlib.sha256(content).hexdigest() != digests[path]:
            raise ArchiveError("The archive changed while it was unpacked.")
        place = target if archive.is_single_file else target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            file.write(content)
    return target


def pack(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of these files by path. The same files give the same bytes: sorted, without times and owners."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def pack_plugin(path: Path) -> bytes:
    """The archive of a plugin that lies in a folder; a file is given as it is. Hidden files and compiled Python are left out.

    Raises `ArchiveError`.
    """
    if path.is_file():
        return path.read_bytes()
    if not (path / MANIFEST_FILE).is_file():
        raise ArchiveError(f"{path} is neither a plugin's folder (it has no {MANIFEST_FILE}) nor an archive.")
    files: dict[str, bytes] = {}
    for one in sorted(path.rglob("*")):
        parts = one.relative_to(path).parts
        if any(part.startswith(".") or part == "__pycache__" for part in parts) or is_left_out("/".join(parts)):
            continue
        if one.is_symlink():
            raise ArchiveError(f"{one} is a symbolic link; an archive cannot hold those.")
        if one.is_file():
            files["/".join(parts)] = one.read_bytes()
    name = _manifest(files[MANIFEST_FILE], MANIFEST_FILE).name
    return pack({f"{name}/{inner}": content for inner, content in files.items()})


def sign_archive(data: bytes, private_key: Ed25519PrivateKey, signer: str) -> bytes:
    """The archive with a signature in it, in place of any it had. The same archive, key and signer give the same bytes."""
    archive = _inspect(data, {}, ArchiveLimits(), is_signature_read=False)
    files = {path: read() for path, read in archive.contents.items() if path != SIGNATURE_FILE}
    digests = {file.path: file.sha256 for file in archive.files}
    files[SIGNATURE_FILE] = sign_files(digests, private_key, signer).encode()
    top = "" if archive.is_single_file else f"{archive.name}/"
    return pack({f"{top}{path}": content for path, content in files.items()})


# ---- the ZIP itself
def read_zip(data: bytes, limits: ArchiveLimits) -> dict[str, Callable[[], bytes]]:
    """The files of a ZIP: path → a function that reads it. All that the ZIP's directory says was checked. Raises `ArchiveError`, the
    functions too when the bytes are damaged."""
    if len(data) > limits.packed_bytes:
        raise ArchiveError(f"It is larger than {limits.packed_bytes // 1_000_000} MB.")
    if data.count(_CENTRAL_RECORD) > 2 * limits.files:  # counted before a directory of millions is read into memory
        raise ArchiveError(f"It holds more than {limits.files} files.")
    archive = _open(data)
    entries = [entry for entry in archive.infolist() if not is_left_out(entry.orig_filename)]
    for entry in entries:
        _refuse(_entry_problem(entry, limits))
    files = [entry for entry in entries if not entry.is_dir()]
    if len(files) > limits.files:
        raise ArchiveError(f"It holds more than {limits.files} files.")
    if sum(entry.file_size for entry in files) > limits.unpacked_bytes:
        raise ArchiveError(f"Unpacked it would be larger than {limits.unpacked_bytes // 1_000_000} MB.")
    _refuse(paths_problem(entry.orig_filename for entry in files))
    if not files:
        raise ArchiveError("It holds no files.")
    return {entry.orig_filename: _reader(archive, entry) for entry in files}


def _open(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _KINDS_OF_DAMAGE as error:
        raise ArchiveError("It is not a ZIP file that can be read.") from error


def _reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return archive.read(entry)  # at most as many bytes as the directory says, or an error
        except _KINDS_OF_DAMAGE as error:
            raise ArchiveError(f"It is damaged: {entry.orig_filename} cannot be read.") from error

    return read


def _entry_problem(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> str:
    problem = path_problem(entry.orig_filename)
    if problem:
        return problem
    mode = entry.external_attr >> 16
    kind = stat.S_IFMT(mode)
    name = entry.orig_filename
    if entry.flag_bits & 0x1 or entry.flag_bits & 0x40 or entry.flag_bits & 0x2000:
        return f"It holds an encrypted file: {name}."
    if kind == stat.S_IFLNK:
        return f"It holds a symbolic link: {name}."
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"It holds something that is neither a file nor a folder: {name}."
    if (kind == stat.S_IFDIR) != entry.is_dir() and kind:
        return f"It holds {name}, which is called a file in one place and a folder in another."
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"{name} is packed in a way that is not accepted; use the common one (deflate)."
    if entry.file_size > 1_000_000 and entry.file_size > limits.ratio * entry.compress_size:
        return f"{name} would become more than {limits.ratio} times larger by unpacking it."
    return ""


# ---- what it means
def _inspect(data: bytes, trusted: Mapping[str, bytes], limits: ArchiveLimits, *, is_signature_read: bool) -> Archive:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return _bare_file(data, limits)
    members = read_zip(data, limits)
    top = _top_of(members)
    contents = {path.removeprefix(top): members[path] for path in sorted(members)}
    single = _single_file(contents)
    if single:
        manifest = _manifest(contents[single](), single)
        contents[f"{manifest.name}.py"] = contents.pop(single)
    else:
        manifest = _manifest(contents[MANIFEST_FILE](), MANIFEST_FILE)
        if "__init__.py" not in contents:
            raise ArchiveError("It holds no __init__.py beside its manifest.toml.")
    if top and top != f"{manifest.name}/":
        raise ArchiveError(
            f"Its folder is called {top.rstrip('/')}, its plugin {manifest.name}; both must be the same."
        )
    files = tuple(_file(path, contents[path]()) for path in sorted(contents) if path != SIGNATURE_FILE)
    signature = contents[SIGNATURE_FILE]() if is_signature_read and SIGNATURE_FILE in contents else None
    signed = verify_files({file.path: file.sha256 for file in files}, signature, trusted)
    digest = hashlib.sha256(data).hexdigest()
    return Archive(manifest, files, signed, digest, len(data), bool(single), contents)


def _bare_file(data: bytes, limits: ArchiveLimits) -> Archive:
    if len(data) > min(limits.packed_bytes, 2_000_000) or b"\0" in data:
        raise ArchiveError("It is neither a ZIP file nor a Python file.")
    manifest = _manifest(data, "this file.py")
    path = f"{manifest.name}.py"
    file = _file(path, data)
    return Archive(manifest, (file,), Signed(), file.sha256, len(data), True, {path: lambda: data})


def _top_of(members: Mapping[str, object]) -> str:
    """The folder at the top with a slash, empty when the plugin's files lie at the root. Raises `ArchiveError` for neither."""
    if MANIFEST_FILE in members or _single_file(members):
        return ""
    tops = {path.partition("/")[0] for path in members}
    top = f"{next(iter(tops))}/"
    if len(tops) > 1:
        raise ArchiveError("It holds more than one folder at its top; an archive is one plugin.")
    if f"{top}{MANIFEST_FILE}" not in members:
        raise ArchiveError("It holds no manifest.toml, neither at its top nor in the folder there.")
    return top


def _single_file(paths: Mapping[str, object]) -> str:
    """The only file of a plugin that is a single `.py`, empty for others."""
    others = [path for path in paths if path != SIGNATURE_FILE]
    return others[0] if len(others) == 1 and others[0].endswith(".py") and "/" not in others[0] else ""


def _manifest(content: bytes, file: str) -> Manifest:
    try:
        return decode_manifest(content, file)
    except ManifestError as error:
        raise ArchiveError(f"Its manifest cannot be accepted. {error}") from error


def _file(path: str, content: bytes) -> ArchiveFile:
    return ArchiveFile(path, len(content), hashlib.sha256(content).hexdigest())


def _refuse(problem: str) -> None:
    if problem:
        raise ArchiveError(problem)
