"""Finding plugins without importing them: entry points of installed distributions, and the manifest in each one's folder."""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from app.plugin_api.errors import ManifestError
from app.plugin_api.manifest import API_VERSION, read_manifest
from app.plugin_host.info import Origin, PluginInfo, State

__all__ = ["GROUP", "discover"]

GROUP = "tidings.plugins"
OWN_DISTRIBUTION = "tidings"


def discover(found: Iterable[EntryPoint] | None = None) -> list[PluginInfo]:
    """Every plugin of the installed distributions, by name. Nothing of any plugin is imported."""
    points = sorted(entry_points(group=GROUP) if found is None else found, key=lambda point: (point.name, point.value))
    return _without_clashes([_inspect(point) for point in points])


def _inspect(point: EntryPoint) -> PluginInfo:
    distribution = point.dist.name if point.dist else ""
    info = PluginInfo(
        name=point.name,
        entry_point=point.value,
        distribution=distribution,
        origin=Origin.SHIPPED if distribution == OWN_DISTRIBUTION else Origin.INSTALLED,
    )
    folder = find_package(point.module)
    if folder is None:
        return _refuse(info, f"Its package {point.module} is not a folder that can be found.")
    info = replace(info, path=folder)
    try:
        manifest = read_manifest(folder / "manifest.toml", expected_name=point.name)
    except ManifestError as error:
        return _refuse(info, str(error))
    info = replace(info, manifest=manifest, fingerprint=manifest.version)
    if not manifest.is_compatible:
        low, high = manifest.api
        wanted = str(low) if low == high else f"{low} to {high}"
        return _refuse(info, f"It is made for version {wanted} of the plugin API; this is version {API_VERSION}.")
    return info


def find_package(module: str) -> Path | None:
    """The folder of a package, found as an import would find it but importing neither it nor its parents."""
    path: Iterable[str] | None = None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = _find_spec(name, path)
        path = spec.submodule_search_locations if spec else None
        if not path:
            return None
    return next((Path(one) for one in path or () if Path(one).is_dir()), None)


def _find_spec(name: str, path: Iterable[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        try:
            spec = find(name, path, None) if find else None
        except KeyError:  # a namespace package inside one that is not imported: importlib looks for its parent
            return None
        if spec is not None:
            return spec
    return None


def _without_clashes(infos: list[PluginInfo]) -> list[PluginInfo]:
    """Two plugins of one name: nobody can say which is meant, so neither starts; one that ships with Tidings keeps its name."""
    counts = Counter(info.name for info in infos)
    return [_refuse_clash(info, infos) if counts[info.name] > 1 and not info.is_shipped else info for info in infos]


def _refuse_clash(info: PluginInfo, infos: Iterable[PluginInfo]) -> PluginInfo:
    others = [one for one in infos if one.name == info.name and one is not info]
    origins = " and ".join(one.distribution or one.entry_point for one in others)
    return _refuse(info, f"Another plugin is called {info.name} too, from {origins}. Remove one of them.")


def _refuse(info: PluginInfo, problem: str) -> PluginInfo:
    return replace(info, state=State.REFUSED, problem=problem)
