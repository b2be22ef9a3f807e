"""Plugin archives that wait for consent: what each one is, what it asks for, what stands in its way. Nothing of it runs yet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from packaging.version import InvalidVersion, Version

from app.domain.roles import Permission
from app.errors import NotAllowed
from app.models import PluginState
from app.plugin_api.manifest import Manifest
from app.plugin_api.texts import translatable
from app.plugin_host import Origin, PluginInfo, State
from app.plugin_host.archives import Archive, ArchiveError, inspect_archive
from app.plugin_host.archives.plugin_files import PluginFiles
from app.plugin_host.archives.signatures import Signed, trusted_keys
from app.plugin_host.finding.discovery import api_problem
from app.plugin_host.finding.requirements import missing_distribution, missing_plugin
from app.plugin_host.finding.sources import SHELL, UPLOAD, Mark, sources_of, trust_problem
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing
from app.services.plugins.exports import Export, ExportCard, is_export, opened_export

__all__ = ["Arrived", "Staged", "arrived", "discard", "plugin_there", "stage", "staged", "sweep_staged"]

UPLOADS_ARE_OFF = translatable(
    "Uploading plugins is switched off here. Whoever runs this server can allow it with TIDINGS_ALLOW_UPLOADS=1."
)
STAGED_FOR_S = 24 * 60 * 60
_ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Staged:
    """An archive that waits for consent under its `token`.

    `version_now` is that of the plugin it would replace, empty when there is none. `asks` is everything it wants agreed to, `new_asks`
    what was not agreed to before. `problems` are sentences: while there are some, it cannot be installed. For an export `brings_back`
    says what it holds; `has_code` is False when that is data alone.
    """

    token: str
    manifest: Manifest
    signed: Signed
    sha256: str
    version_now: str = ""
    asks: tuple[str, ...] = ()
    new_asks: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    brings_back: ExportCard | None = None
    has_code: bool = True
    file_count: int = 0
    packed_bytes: int = 0
    unpacked_bytes: int = 0

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def is_update(self) -> bool:
        return bool(self.version_now)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A staged archive, open. `code` is None for an export of data alone, `export` for an archive that is none."""

    card: Staged
    code: Archive | None = field(repr=False)
    export: Export | None = field(repr=False)
    mark: Mark


def stage(core: Core, actor: Actor, data: bytes, *, by_shell: bool = False) -> Staged:
    """Look into an archive (or an export) and keep it for a day, until somebody agrees to it or not.

    `by_shell`: on the command line archives are taken even where uploads are off, since who has the shell owns the machine. Raises
    `ArchiveError`, `BrokenSignature`, or `NotAllowed`.
    """
    require(actor, Permission.PLUGINS)
    if not (by_shell or core.config.allow_uploads):
        raise NotAllowed(UPLOADS_ARE_OFF)
    files = PluginFiles(core.config.home)
    if not is_export(BytesIO(data)):
        inspect_archive(data)  # refused ones are never written anywhere
    token = files.new_token()
    try:
        (files.staged_folder(token) / _ARCHIVE).write_bytes(data)
        with arrived(core, token, by_shell=by_shell) as found:
            card = found.card
    except BaseException:
        files.discard(token)
        raise
    with writing(core) as unit:
        audit(
            unit,
            actor,
            "plugin.staged",
            card.name,
            version=card.manifest.version,
            sha256=card.sha256,
            signature=str(card.signed.state),
            signed_by=card.signed.name,
            key=card.signed.key,
        )
    return card


def staged(core: Core, actor: Actor, token: str) -> Staged:
    """What waits under a token. Raises `NotFound` once it was installed, discarded, or is a day old."""
    require(actor, Permission.PLUGINS)
    with arrived(core, token) as found:
        return found.card


def discard(core: Core, actor: Actor, token: str) -> None:
    """Throw away what waits under a token. Nothing happens when there is nothing."""
    require(actor, Permission.PLUGINS)
    PluginFiles(core.config.home).discard(token)


def sweep_staged(core: Core) -> int:
    """Throw away what nobody agreed to within a day; returns how many. Part of housekeeping."""
    return PluginFiles(core.config.home).sweep_staged(STAGED_FOR_S)


@contextmanager
def arrived(core: Core, token: str, *, by_shell: bool = False) -> Iterator[Arrived]:
    """What waits under a token, looked into once more and open for reading. Raises `NotFound`, `ArchiveError`, `BrokenSignature`."""
    files = PluginFiles(core.config.home)
    path = files.staged_folder(token) / _ARCHIVE
    trusted = trusted_keys(files.trusted_keys)
    with path.open("rb") as file:
        has_card = is_export(file)
    if has_card:
        with opened_export(path, trusted) as export:
            yield _arrived(core, token, path, export.code, export, by_shell)
    else:
        yield _arrived(core, token, path, inspect_archive(path.read_bytes(), trusted), None, by_shell)


def _arrived(
    core: Core, token: str, path: Path, code: Archive | None, export: Export | None, by_shell: bool
) -> Arrived:
    manifest = code.manifest if code else _manifest_there(core, export)
    signed = code.signed if code else Signed()
    mark = Mark(signed.name if signed.is_trusted else "", code.sha256 if code else "", SHELL if by_shell else UPLOAD)
    now = plugin_there(core, manifest.name)
    granted = _granted(core, manifest.name)
    card = Staged(
        token=token,
        manifest=manifest,
        signed=signed,
        sha256=code.sha256 if code else "",
        version_now=now.version if now else "",
        asks=manifest.grants,
        new_asks=tuple(grant for grant in manifest.grants if grant not in granted),
        granted=tuple(sorted(granted)),
        problems=tuple(_problems(core, manifest, code, export, now, mark)),
        brings_back=export.card if export else None,
        has_code=code is not None,
        file_count=len(code.files) if code else 0,
        packed_bytes=path.stat().st_size,
        unpacked_bytes=code.unpacked_bytes if code else 0,
    )
    return Arrived(card, code, export, mark)


def _manifest_there(core: Core, export: Export | None) -> Manifest:
    """The manifest of the plugin that an export without code belongs to."""
    assert export is not None
    now = plugin_there(core, export.card.plugin)
    if now is None or now.manifest is None:
        raise ArchiveError(
            f"It holds what the plugin {export.card.plugin} had stored, but not the plugin itself. Install that first."
        )
    return now.manifest


def _problems(
    core: Core, manifest: Manifest, code: Archive | None, export: Export | None, now: PluginInfo | None, mark: Mark
) -> Iterator[str]:
    if core.plugins.is_safe_mode:
        yield translatable("Tidings runs in safe mode, where nothing can be installed. Leave safe mode first.")
    if code is not None:
        yield from filter(None, _problems_of_code(core, manifest, code, now, mark))
    elif export is not None and now is not None and _is_older(now.version, export.card.version):
        yield f"It was stored by version {export.card.version} of {manifest.name}; version {now.version} is installed. Update that first."


def _problems_of_code(
    core: Core, manifest: Manifest, code: Archive, now: PluginInfo | None, mark: Mark
) -> Iterator[str]:
    yield api_problem(manifest)
    yield missing_distribution(manifest)
    yield missing_plugin(manifest, _versions(core, manifest.name))
    origin = Origin.FILE if code.is_single_file else Origin.FOLDER
    coming = PluginInfo(
        manifest.name,
        "",
        manifest=manifest,
        origin=origin,
        is_upload=mark.origin == UPLOAD,
        is_from_shell=mark.origin == SHELL,
        signed_by=mark.signed_by,
    )
    yield trust_problem(coming, sources_of(core.config))
    if now is not None and now.is_shipped:
        yield f"A plugin called {manifest.name} comes with Tidings; this one needs another name."
    elif now is not None and now.origin is Origin.INSTALLED:
        yield f"A plugin called {manifest.name} is installed as the Python package {now.distribution}; update that instead."
    elif now is not None and _is_older(manifest.version, now.version):
        yield (
            f"Version {now.version} is installed, which is newer than {manifest.version}. Go back to the version before, or"
            " uninstall it first."
        )


def plugin_there(core: Core, name: str) -> PluginInfo | None:
    """The plugin of this name that is there now, whatever its state."""
    named = [info for info in core.plugins.infos() if info.name == name and info.origin is not Origin.MISSING]
    return next((info for info in named if info.state is not State.REFUSED), named[0] if named else None)


def _versions(core: Core, apart_from: str) -> Mapping[str, str]:
    return {
        info.name: info.version
        for info in core.plugins.infos()
        if info.state is not State.REFUSED and info.name != apart_from
    }


def _granted(core: Core, name: str) -> frozenset[str]:
    state = core.session.get(PluginState, name)
    return frozenset(state.granted) if state else frozenset()


def _is_older(one: str, other: str) -> bool:
    """Whether a version is older than another; those that cannot be compared are not."""
    try:
        return Version(one) < Version(other)
    except InvalidVersion:
        return False
