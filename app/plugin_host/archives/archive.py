"""Plugin archives: looking into one, unpacking it, packing and signing one. No database, and nothing of a plugin is imported.

An archive is a ZIP with the plugin's folder at its top (or that folder's files, or a single `.py`), or a bare `.py`. How a ZIP is read
stands in `zip_reading`, what a signature covers in `signatures`, how archives are put in place in `plugin_files`.
"""

import hashlib
import io
import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.plugin_api.errors import ManifestError
from app.plugin_api.manifest import Manifest, decode_manifest
from app.plugin_host.archives.paths import is_left_out
from app.plugin_host.archives.signatures import SIGNATURE_FILE, Signed, sign_files, verify_files
from app.plugin_host.archives.zip_reading import ArchiveError, ArchiveLimits, CheckedZip
from app.plugin_host.finding.sources import MARK_FILE

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveFile",
    "ArchiveLimits",
    "inspect_archive",
    "inspect_files",
    "pack",
    "pack_plugin",
    "plugin_files_of",
    "sign_archive",
    "unpack",
]

MANIFEST_FILE = "manifest.toml"
_LARGEST_BARE_FILE = 2_000_000

Contents = Mapping[str, Callable[[], bytes]]
"""Path → a function that reads the file."""


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file of a plugin: its path below the plugin's folder, its size in bytes and its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A plugin's archive that was looked into and may be unpacked. `files` are sorted by path and leave the signature out; `sha256` is the
    digest of the whole archive, `contents` read a file by its path, the signature's included. `is_single_file` when it is one `.py`."""

    manifest: Manifest
    files: tuple[ArchiveFile, ...]
    signed: Signed
    is_single_file: bool
    contents: Contents = field(repr=False)
    sha256: str = ""
    packed_bytes: int = 0

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

    Raises `ArchiveError`, or `BrokenSignature` when its signature does not fit.
    """
    archive = inspect_files(_contents_of(data, limits or ArchiveLimits()), trusted or {})
    return replace(archive, sha256=hashlib.sha256(data).hexdigest(), packed_bytes=len(data))


def inspect_files(contents: Contents, trusted: Mapping[str, bytes], *, is_signature_read: bool = True) -> Archive:
    """The same for files that were unpacked already or lie in another archive; their paths must have been checked."""
    top = _top_of(contents)
    below = {path.removeprefix(top): contents[path] for path in sorted(contents)}
    if MARK_FILE in below:
        raise ArchiveError(f"It holds {MARK_FILE}, which only Tidings itself writes.")
    single = _single_file(below)
    if single:
        manifest = _manifest(below[single](), single)
        below[f"{manifest.name}.py"] = below.pop(single)
    else:
        manifest = _manifest(below[MANIFEST_FILE](), MANIFEST_FILE)
        if "__init__.py" not in below:
            raise ArchiveError("It holds no __init__.py beside its manifest.toml.")
    if top and top != f"{manifest.name}/":
        raise ArchiveError(
            f"Its folder is called {top.rstrip('/')}, its plugin {manifest.name}; both must be the same."
        )
    files = tuple(_file(path, below[path]()) for path in sorted(below) if path != SIGNATURE_FILE)
    signature = below[SIGNATURE_FILE]() if is_signature_read and SIGNATURE_FILE in below else None
    signed = verify_files({file.path: file.sha256 for file in files}, signature, trusted)
    return Archive(manifest, files, signed, bool(single), below)


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
    name = _manifest((path / MANIFEST_FILE).read_bytes(), MANIFEST_FILE).name
    return pack({f"{name}/{inner}": place.read_bytes() for inner, place in plugin_files_of(path).items()})


def plugin_files_of(folder: Path, *, with_hidden: bool = False) -> dict[str, Path]:
    """The files of a plugin's folder that belong into an archive, by path; hidden ones only when asked for, the host's mark never.

    Raises `ArchiveError` for a symbolic link.
    """
    found: dict[str, Path] = {}
    for place in sorted(folder.rglob("*")):
        parts = place.relative_to(folder).parts
        if "__pycache__" in parts or place.name == MARK_FILE or is_left_out("/".join(parts)):
            continue
        if not with_hidden and any(part.startswith(".") for part in parts):
            continue
        if place.is_symlink():
            raise ArchiveError(f"{place} is a symbolic link; an archive cannot hold those.")
        if place.is_file():
            found["/".join(parts)] = place
    return found


def sign_archive(data: bytes, private_key: Ed25519PrivateKey, signer: str) -> bytes:
    """The archive with a signature in it, in place of any it had. The same archive, key and signer give the same bytes."""
    archive = inspect_files(_contents_of(data, ArchiveLimits()), {}, is_signature_read=False)
    files = {path: read() for path, read in archive.contents.items() if path != SIGNATURE_FILE}
    digests = {file.path: file.sha256 for file in archive.files}
    files[SIGNATURE_FILE] = sign_files(digests, private_key, signer).encode()
    top = "" if archive.is_single_file else f"{archive.name}/"
    return pack({f"{top}{path}": content for path, content in files.items()})


def _contents_of(data: bytes, limits: ArchiveLimits) -> Contents:
    if zipfile.is_zipfile(io.BytesIO(data)):
        archive = CheckedZip(io.BytesIO(data), limits)
        return {path: partial(archive.read, path) for path in archive.sizes}
    if len(data) > min(limits.packed_bytes, _LARGEST_BARE_FILE) or b"\0" in data:
        raise ArchiveError("It is neither a ZIP file nor a Python file.")
    return {"this.py": lambda: data}


def _top_of(paths: Mapping[str, object]) -> str:
    """The folder at the top with a slash, empty when the plugin's files lie at the root. Raises `ArchiveError` for neither."""
    if MANIFEST_FILE in paths or _single_file(paths):
        return ""
    tops = {path.partition("/")[0] for path in paths}
    top = f"{next(iter(tops), '')}/"
    if len(tops) > 1:
        raise ArchiveError("It holds more than one folder at its top; an archive is one plugin.")
    if f"{top}{MANIFEST_FILE}" not in paths:
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
