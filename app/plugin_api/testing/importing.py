"""Importing a plugin from its folder as `tidings_plugin_<name>`, whatever the folder is called and whether or not it is installed.

That is how the host imports a drop-in; tests of a plugin that stands in one folder need the same.
"""

import sys
import tomllib
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["import_from_folder", "is_plugin_folder"]


class _Folders:
    """Finds the packages of known folders; what is inside a package Python finds by itself."""

    def __init__(self) -> None:
        self.known: dict[str, Path] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        folder = self.known.get(name)
        if folder is None:
            return None
        return spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])


_FOLDERS = _Folders()


def is_plugin_folder(folder: Path) -> bool:
    """Whether a plugin stands in this folder by itself: a package with a manifest, not part of another package."""
    has_card = (folder / "manifest.toml").is_file() and (folder / "__init__.py").is_file()
    return has_card and not (folder.parent / "__init__.py").exists()


def import_from_folder(folder: Path | str) -> str:
    """Make the plugin in `folder` importable and give the name of its package. Nothing is imported yet.

    Raises OSError, `tomllib.TOMLDecodeError` or KeyError when there is no manifest with a name.
    """
    place = Path(folder).resolve()
    name = tomllib.loads((place / "manifest.toml").read_text(encoding="utf-8"))["name"]
    package = f"tidings_plugin_{name}"
    if _FOLDERS not in sys.meta_path:
        sys.meta_path.insert(0, _FOLDERS)
    _FOLDERS.known[package] = place
    return package
