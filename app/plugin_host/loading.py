"""Importing plugins and forgetting them again. A drop-in becomes the module `tidings_plugin_<name>`, read from its sources each time, so
that one whose files were swapped is never mixed with what Python compiled before."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from importlib.metadata import EntryPoint
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from app.plugin_host.finding.discovery import GROUP
from app.plugin_host.info import Origin, PluginInfo

__all__ = ["load", "unload"]


def load(info: PluginInfo) -> Any:
    """Import a plugin and give its module, or the object its entry point names. Raises whatever the import raises."""
    if not info.is_drop_in:
        return EntryPoint(info.name, info.entry_point, GROUP).load()
    assert info.path is not None
    _DROP_INS.sources[info.module] = info.path if info.origin is Origin.FILE else info.path / "__init__.py"
    if _DROP_INS not in sys.meta_path:
        sys.meta_path.insert(0, _DROP_INS)
    return _execute(info.module)


def unload(info: PluginInfo) -> None:
    """Forget the modules of a plugin, so that the next `load` reads them anew. Nothing happens when there are none."""
    _DROP_INS.sources.pop(info.module, None)
    for name in [name for name in sys.modules if name == info.module or name.startswith(f"{info.module}.")]:
        del sys.modules[name]


def _execute(name: str) -> ModuleType:
    """Import a module without Python's lock for its name: an import that hung for ever would keep it, and with it every later try."""
    known = sys.modules.get(name)
    if known is not None:
        return known
    spec = _DROP_INS.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


class _SourceLoader(SourceFileLoader):
    """Neither reads nor writes compiled files: these are told from stale ones by a time in whole seconds, too coarse for a swap."""

    def path_stats(self, path: Any) -> Any:
        raise OSError("sources of drop-ins are compiled each time they are loaded")


class _DropInFinder(MetaPathFinder):
    """Finds the modules of the drop-ins that run, and what is below them."""

    def __init__(self) -> None:
        self.sources: dict[str, Path] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root, _, below = fullname.partition(".")
        source = self.sources.get(root)
        if source is None:
            return None
        if not below:
            folders = [str(source.parent)] if source.name == "__init__.py" else None
            loader = _SourceLoader(fullname, str(source))
            return spec_from_file_location(fullname, source, loader=loader, submodule_search_locations=folders)
        found = (FileFinder(folder, (_SourceLoader, [".py"])).find_spec(fullname) for folder in path or ())
        return next((spec for spec in found if spec is not None), None)


_DROP_INS = _DropInFinder()
