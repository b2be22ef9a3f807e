"""A plugin as files: its manifest and its parsed modules. Nothing of it is imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.plugin_api.errors import ManifestError
from app.plugin_api.manifest import Manifest, read_manifest
from app.plugin_check.report import Finding, error

__all__ = ["Module", "Source", "read_source"]

SHIPPED = Path(__file__).resolve().parents[2] / "plugins"
NOT_CODE = {"__pycache__", "tests", "build", "dist", "node_modules", "migrations", ".venv", ".git"}
MANIFEST = "manifest.toml"


@dataclass(frozen=True)
class Module:
    """A Python file of the plugin. `path` is below its folder, such as "channel.py"."""

    path: str
    tree: ast.Module


@dataclass(frozen=True)
class Source:
    """`place` is the folder, or the file of a plugin that is one file. `modules` are those that run, without tests and migrations."""

    place: Path
    manifest: Manifest | None
    modules: tuple[Module, ...]
    findings: tuple[Finding, ...]

    @property
    def folder(self) -> Path:
        return self.place if self.place.is_dir() else self.place.parent

    @property
    def is_file(self) -> bool:
        return not self.place.is_dir()

    @property
    def is_shipped(self) -> bool:
        return self.place.parent == SHIPPED

    @property
    def name(self) -> str:
        return self.manifest.name if self.manifest else self.place.stem

    @property
    def kind(self) -> str:
        return self.manifest.kind if self.manifest else ""

    @property
    def package(self) -> str:
        """What its own modules are imported as."""
        return f"plugins.{self.name}" if self.is_shipped else f"tidings_plugin_{self.name}"

    @property
    def card(self) -> str:
        """Where the manifest stands."""
        return self.place.name if self.is_file else MANIFEST

    def files(self, pattern: str) -> Iterator[Path]:
        """Files below the folder, none for a plugin that is one file."""
        if not self.is_file:
            yield from sorted(path for path in self.folder.glob(pattern) if path.is_file())

    def below(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def read_source(place: Path) -> Source:
    """Read a folder or a file. A folder without a manifest that holds one folder with one is taken to mean that. Raises OSError."""
    place = _meant(place.resolve())
    modules, findings = [], []
    for path in [place] if place.is_file() else _code(place):
        below = path.name if place.is_file() else path.relative_to(place).as_posix()
        try:
            modules.append(Module(below, ast.parse(path.read_bytes(), below)))
        except (SyntaxError, ValueError) as problem:
            line = getattr(problem, "lineno", 0) or 0
            findings.append(error(below, line, "syntax", f"It is not Python: {problem}.", "Mend it."))
    try:
        manifest = read_manifest(place if place.is_file() else place / MANIFEST)
    except ManifestError as problem:
        card = place.name if place.is_file() else MANIFEST
        findings.append(error(card, 0, "manifest", str(problem), "The fields are in the guide, under “The card”."))
        manifest = None
    return Source(place, manifest, tuple(modules), tuple(findings))


def _meant(place: Path) -> Path:
    if not place.exists():
        raise FileNotFoundError(2, "There is nothing there", str(place))
    if place.is_file() or (place / MANIFEST).exists():
        return place
    inside = [path.parent for path in place.glob(f"*/{MANIFEST}")]
    return inside[0] if len(inside) == 1 else place


def _code(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*.py") if not NOT_CODE & set(path.relative_to(folder).parts))
    return sorted(path for path in found if not any(part.endswith(".egg-info") for part in path.parts))
