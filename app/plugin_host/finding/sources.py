"""Which plugins an installation trusts: the switches of its configuration, and the mark beside a plugin that came as an archive."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.config import Config
from app.plugin_api.texts import translatable
from app.plugin_host.info import PluginInfo

__all__ = [
    "MARK_FILE",
    "SHELL",
    "UPLOAD",
    "Mark",
    "Sources",
    "mark_path",
    "read_mark",
    "sources_of",
    "trust_problem",
    "write_mark",
]

MARK_FILE = ".tidings.json"
UPLOAD = "upload"
SHELL = "shell"


@dataclass(frozen=True, slots=True)
class Sources:
    """`folder` holds the drop-ins and uploads, None when there is no such place. `must_use` are always on; unless `allowed` is empty, no
    other plugin is imported."""

    folder: Path | None = None
    allow_drop_ins: bool = False
    allow_uploads: bool = False
    require_signature: bool = False
    must_use: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mark:
    """Written beside a plugin that was unpacked from an archive: who signed it (empty: nobody whom we trust), the archive's SHA-256, and
    whether an admin uploaded it or somebody with the shell of this machine installed it."""

    signed_by: str = ""
    sha256: str = ""
    origin: str = UPLOAD


def sources_of(config: Config) -> Sources:
    """Which plugins the installation with this configuration trusts."""
    return Sources(
        folder=config.home / "plugins",
        allow_drop_ins=config.allow_drop_ins,
        allow_uploads=config.allow_uploads,
        require_signature=config.require_signature,
        must_use=frozenset(config.must_use_plugins),
        allowed=frozenset(config.allowed_plugins),
    )


def trust_problem(info: PluginInfo, sources: Sources) -> str:
    """Why this installation does not let a plugin be imported, as a sentence that names the switch; empty when it may be."""
    if sources.allowed and info.name not in sources.allowed:
        return translatable("TIDINGS_ALLOWED_PLUGINS does not name it.")
    if not info.is_drop_in:
        return ""
    if info.is_upload and not sources.allow_uploads:
        return translatable(
            "It was uploaded, and uploaded plugins are switched off: set TIDINGS_ALLOW_UPLOADS=1 to let them run."
        )
    if not (info.is_upload or info.is_from_shell) and not sources.allow_drop_ins:
        return translatable(
            "It was put into the plugins folder by hand, and such plugins are switched off: set TIDINGS_ALLOW_DROP_INS=1."
        )
    if sources.require_signature and not info.signed_by:
        return translatable(
            "Nobody whom this installation trusts has signed it, and TIDINGS_REQUIRE_SIGNATURE asks for that."
        )
    return ""


def mark_path(plugin: Path) -> Path:
    """Where the mark of a plugin stands: in its folder, or beside its one file as `.<name>.tidings.json`."""
    return plugin.with_name(f".{plugin.stem}{MARK_FILE}") if plugin.suffix == ".py" else plugin / MARK_FILE


def read_mark(plugin: Path) -> Mark | None:
    """The mark of a folder or file below `plugins/`; None when there is none that can be read."""
    try:
        mark = mark_path(plugin)
        data: Any = json.loads(mark.read_text(encoding="utf-8")) if mark.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, Mapping) or data.get("origin") not in (UPLOAD, SHELL):
        return None
    return Mark(str(data.get("signed_by") or ""), str(data.get("sha256") or ""), data["origin"])


def write_mark(plugin: Path, mark: Mark) -> None:
    """Put the mark of a folder or file in place."""
    mark_path(plugin).write_text(json.dumps(asdict(mark)), encoding="utf-8")
