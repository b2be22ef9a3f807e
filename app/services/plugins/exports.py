"""Exports of plugins: one ZIP with a plugin's code and everything it stored, written before an update and an uninstall, and put back.

The ZIP holds `tidings-export.json` (an `ExportCard`), `code/…`, `values.jsonl`, `tables.jsonl` (as `app.plugin_host.tables.ledger` writes
them), and `files.jsonl` with what stands in `files/…`. Secrets travel encrypted: only this installation can read them.
"""

import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, get_origin

from sqlalchemy import select

from app.models import ChannelAccount, PluginState, PluginValue
from app.plugin_api.manifest_fields import is_name
from app.plugin_host.archives import Archive, inspect_files, plugin_files_of
from app.plugin_host.archives.paths import path_problem
from app.plugin_host.archives.zip_reading import ArchiveError, ArchiveLimits, CheckedZip, holds
from app.plugin_host.finding.sources import SHELL, UPLOAD
from app.plugin_host.info import PluginInfo
from app.services.core import Core
from app.services.plugins.tables import ledger_of

__all__ = [
    "EXPORT_LIMITS",
    "Export",
    "ExportCard",
    "data_files",
    "data_folder",
    "is_export",
    "opened_export",
    "read_card",
    "write_export",
]

CARD_FILE = "tidings-export.json"
FORMAT = 1
_LARGEST_CARD = 10_000_000
EXPORT_LIMITS = ArchiveLimits(packed_bytes=2_000_000_000, unpacked_bytes=8_000_000_000, files=100_000, ratio=2000)
"""Rows of a table become several hundred times smaller by packing, and only those who may install plugins hand exports in."""


@dataclass(frozen=True, slots=True)
class ExportCard:
    """What an export holds. `revision` is that of the tables, `rows` are counted by table. `origin` is that of the code's mark: upload,
    shell, or empty where it was put there by hand. `has_files` is False where the plugin's own files were not packed, `left_out` are
    files of its code that no archive can hold. `accounts` are ids and states of its accounts, which stay in the database."""

    plugin: str
    version: str
    exported_at: str
    title: str = ""
    revision: str = ""
    is_active: bool = False
    signed_by: str = ""
    origin: str = ""
    granted: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    secrets: str = field(default="", repr=False)
    rows: Mapping[str, int] = field(default_factory=dict)
    values: int = 0
    files: int = 0
    has_files: bool = True
    code_files: int = 0
    accounts: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def is_empty(self) -> bool:
        """Whether the plugin had stored nothing."""
        return not (self.rows or self.values or self.files or self.settings or self.secrets)


@dataclass(frozen=True, slots=True)
class Export:
    """An export that is open for reading. `code` is None when it holds data alone, as of plugins that came as Python packages."""

    card: ExportCard
    code: Archive | None
    archive: CheckedZip = field(repr=False)

    def values(self) -> Iterator[tuple[str, Any]]:
        """The store's keys and JSON values."""
        for item in self._items("values.jsonl", "key", "value"):
            yield str(item["key"]), item["value"]

    def table_lines(self) -> Iterator[str]:
        """The rows of its tables, for the ledger."""
        return self.archive.lines("tables.jsonl")

    def copy_files(self, folder: Path) -> None:
        """Write the plugin's own files below `folder`, which is made when there are some. Raises `ArchiveError` for paths that lead out."""
        for item in self._items("files.jsonl", "number", "path"):
            path, source = PurePosixPath(str(item["path"])), f"files/{item['number']}"
            if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in str(path):
                raise ArchiveError("It holds a path that leads out of its folder.")
            if source not in self.archive.sizes:
                raise ArchiveError(f"It is damaged: {source} is missing.")
            self.archive.copy(source, folder / path)

    def _items(self, path: str, *keys: str) -> Iterator[Mapping[str, Any]]:
        """The lines of a file as JSON objects that have these keys."""
        for line in self.archive.lines(path):
            try:
                item = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ArchiveError(f"It is damaged: {path} cannot be read.") from error
            if not isinstance(item, Mapping) or any(key not in item for key in keys):
                raise ArchiveError(f"It is damaged: {path} cannot be read.")
            yield item


def data_folder(core: Core, name: str) -> Path:
    """Where a plugin keeps its own files; it may not be there."""
    return core.config.home / "plugin_files" / name


def data_files(folder: Path) -> list[Path]:
    """A plugin's own files, in order; links are passed over."""
    return [place for place in sorted(folder.rglob("*")) if place.is_file() and not place.is_symlink()]


def write_export(core: Core, info: PluginInfo, path: Path, *, with_files: bool = True) -> ExportCard:
    """Write everything a plugin is and has to `path`, whole or not at all; the plugin may run meanwhile. Without its own files when it is
    a snapshot: an update does not touch those."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(fresh, "x", zipfile.ZIP_DEFLATED) as archive:
            code, left_out = _write_code(archive, info)
            data = _write_data(core, info.name, archive, with_files)
            card = _card(core, info, code_files=code, left_out=left_out, **data)
            archive.writestr(CARD_FILE, json.dumps(asdict(card), ensure_ascii=False, indent=1))
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)
    return card


def is_export(file: BinaryIO) -> bool:
    """Whether these bytes look like an export; whether they are one turns out when it is opened."""
    return holds(file, CARD_FILE, EXPORT_LIMITS)


@contextmanager
def opened_export(path: Path, trusted: Mapping[str, bytes], *, is_ours: bool = False) -> Iterator[Export]:
    """Read an export. `is_ours` for one that never left `<home>/plugins`: its code may have been changed after it was signed. Raises
    `ArchiveError` or `BrokenSignature`."""
    with path.open("rb") as file:
        archive = CheckedZip(file, EXPORT_LIMITS)
        card = _read_card(archive)
        code = {
            inner.removeprefix("code/"): partial(archive.read, inner)
            for inner in archive.sizes
            if inner.startswith("code/")
        }
        if not is_ours:
            _check_size(card.plugin, [archive.sizes[f"code/{inner}"] for inner in code])
        opened = inspect_files(code, trusted, is_signature_read=not is_ours) if code else None
        if opened is not None and opened.name != card.plugin:
            raise ArchiveError(f"It is an export of {card.plugin}, but holds the code of {opened.name}.")
        yield Export(card, opened, archive)


def _check_size(plugin: str, sizes: Sequence[int]) -> None:
    """The code in an export may be as large as in an archive, and no larger: all of it is read before anybody agreed to it."""
    limits = ArchiveLimits()
    if len(sizes) > limits.files or sum(sizes) > limits.unpacked_bytes:
        raise ArchiveError(
            f"The code of {plugin} in it is more than {limits.files} files or {limits.unpacked_bytes // 1_000_000} MB."
        )


# ---- writing
def _card(core: Core, info: PluginInfo, **counted: Any) -> ExportCard:
    state = core.session.get(PluginState, info.name)
    accounts = core.session.execute(
        select(ChannelAccount.id, ChannelAccount.state).where(ChannelAccount.plugin == info.name)
    )
    return ExportCard(
        plugin=info.name,
        version=info.version,
        title=info.manifest.title if info.manifest else info.name,
        exported_at=core.clock.now().isoformat(),
        revision=ledger_of(core).revision(info.name),
        signed_by=info.signed_by,
        origin=UPLOAD if info.is_upload else SHELL if info.is_from_shell else "",
        is_active=bool(state and state.is_active),
        granted=tuple(state.granted) if state else (),
        settings=dict(state.settings) if state else {},
        secrets=state.secrets if state else "",
        accounts={str(account_id): account_state for account_id, account_state in accounts},
        **counted,
    )


def _write_code(archive: zipfile.ZipFile, info: PluginInfo) -> tuple[int, tuple[str, ...]]:
    """How many files of code were written, and which could not be."""
    if not info.is_drop_in or info.path is None:
        return 0, ()
    if info.path.is_file():
        archive.write(info.path, f"code/{info.path.name}")
        return 1, ()
    left_out = []
    for path, place in (found := plugin_files_of(info.path, with_hidden=True)).items():
        if path_problem(f"code/{path}"):
            left_out.append(path)
        else:
            archive.write(place, f"code/{path}")
    return len(found) - len(left_out), tuple(left_out)


def _write_data(core: Core, name: str, archive: zipfile.ZipFile, with_files: bool) -> dict[str, Any]:
    values = core.session.execute(
        select(PluginValue.key, PluginValue.value).where(PluginValue.plugin == name).order_by(PluginValue.key)
    )
    ledger = ledger_of(core)
    value_count = _write_lines(archive, "values.jsonl", (_line(key=key, value=value) for key, value in values))
    core.session.rollback()
    _write_lines(archive, "tables.jsonl", ledger.dump(name))
    folder = data_folder(core, name)
    files = data_files(folder) if with_files else []
    numbered = list(enumerate(files, start=1))
    lines = (_line(number=number, path=place.relative_to(folder).as_posix()) for number, place in numbered)
    _write_lines(archive, "files.jsonl", lines)
    for number, place in numbered:
        archive.write(place, f"files/{number}")
    rows = {table: count for table, count in ledger.owned_tables(name)}
    return {"values": value_count, "files": len(files), "has_files": with_files, "rows": rows}


def _write_lines(archive: zipfile.ZipFile, path: str, lines: Iterator[str]) -> int:
    count = 0
    with archive.open(path, "w", force_zip64=True) as file:
        for line in lines:
            file.write(f"{line}\n".encode())
            count += 1
    return count


def _line(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False)


# ---- reading
def read_card(path: Path) -> ExportCard:
    """What an export says of itself. Raises `ArchiveError`."""
    with path.open("rb") as file:
        return _read_card(CheckedZip(file, EXPORT_LIMITS))


def _read_card(archive: CheckedZip) -> ExportCard:
    missing = {CARD_FILE, "values.jsonl", "tables.jsonl", "files.jsonl"} - set(archive.sizes)
    if missing:
        raise ArchiveError(f"It is not an export of a plugin: {min(missing)} is missing.")
    if archive.sizes[CARD_FILE] > _LARGEST_CARD:
        raise ArchiveError(f"Its {CARD_FILE} is larger than {_LARGEST_CARD // 1_000_000} MB.")
    try:
        data = json.loads(archive.read(CARD_FILE))
        if data.get("format") != FORMAT:
            raise ArchiveError("It is an export that this version of Tidings does not know.")
        card = ExportCard(**{**data, **{key: tuple(data[key]) for key in ("granted", "left_out")}})
        _check_card(card)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ArchiveError(f"Its {CARD_FILE} cannot be read.") from error
    return card


def _check_card(card: ExportCard) -> None:
    """Raise TypeError or ValueError for a card whose fields are not of their types."""
    for one in fields(card):
        if not isinstance(getattr(card, one.name), get_origin(one.type) or one.type):  # type: ignore[arg-type]  # no string here
            raise TypeError(one.name)
    if not all(isinstance(text, str) for text in (*card.granted, *card.left_out, *card.accounts.values())):
        raise TypeError("no text")
    if not all(isinstance(count, int) for count in card.rows.values()):
        raise TypeError("no number")
    if not is_name(card.plugin):
        raise ValueError("no name of a plugin")
