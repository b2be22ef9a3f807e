"""What is known about a plugin without importing it: where it comes from, how it fares, and what it still waits for."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.plugin_api.manifest import Manifest

__all__ = ["Origin", "PluginInfo", "State"]


class Origin(StrEnum):
    """Where a plugin comes from.

    SHIPPED with Tidings; INSTALLED as a Python distribution of its own; FOLDER or FILE below `<home>/plugins`, put there by hand or
    uploaded; MISSING: only the configuration names it.
    """

    SHIPPED = "shipped"
    INSTALLED = "installed"
    FOLDER = "folder"
    FILE = "file"
    MISSING = "missing"


class State(StrEnum):
    """REFUSED: never imported, because of what stands in front of the code. WAITING: switched on, but it asks for more than was agreed
    to, so it is not imported either. QUARANTINED: its code failed to start."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    WAITING = "waiting"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """What is known about a plugin.

    `is_upload` when an admin uploaded it, `is_from_shell` when `tidings plugin install` put it there; other drop-ins were put
    there by hand. `problem` is a sentence for the owner, empty when all is well. `path` is its folder, or its one file.
    `fingerprint` changes whenever its code may have changed. `missing_grants` are what it asks for and nobody agreed to yet:
    names of permissions, and "host:api.example.com" for servers. `warnings` are sentences about what it uses that is
    deprecated. `is_editable` when pip installed it as a link to the folder its author works in. `signed_by` names who signed
    the archive it came in, empty when nobody did. `start_s` is how long it took to start.
    """

    name: str
    entry_point: str
    state: State = State.INACTIVE
    problem: str = ""
    manifest: Manifest | None = None
    path: Path | None = None
    distribution: str = ""
    origin: Origin = Origin.INSTALLED
    is_editable: bool = False
    is_must_use: bool = False
    is_upload: bool = False
    is_from_shell: bool = False
    signed_by: str = ""
    fingerprint: str = ""
    missing_grants: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    start_s: float = 0.0

    @property
    def is_shipped(self) -> bool:
        """Whether it came with Tidings itself."""
        return self.origin is Origin.SHIPPED

    @property
    def is_drop_in(self) -> bool:
        """Whether its files stand below `<home>/plugins`, where Tidings may replace and delete them."""
        return self.origin in (Origin.FOLDER, Origin.FILE)

    @property
    def version(self) -> str:
        return self.manifest.version if self.manifest else ""

    @property
    def module(self) -> str:
        """The module that is imported: what stands before the colon of its entry point."""
        return self.entry_point.partition(":")[0].strip()
