"""Finding plugins without importing them: entry points of installed distributions, and what stands below `<home>/plugins`. Whatever keeps
one from being imported is told in a sentence."""

import hashlib
import importlib
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from app.plugin_api.errors import ManifestError
from app.plugin_api.manifest import API_VERSION, Manifest, read_manifest
from app.plugin_api.texts import translatable
from app.plugin_host.finding.drop_ins import files_problem, find_drop_ins, fingerprint_files
from app.plugin_host.finding.requirements import missing_distribution, missing_plugin
from app.plugin_host.finding.sources import Sources, trust_problem
from app.plugin_host.info import Origin, PluginInfo, State

__all__ = ["GROUP", "api_problem", "discover"]

GROUP = "tidings.plugins"
OWN_DISTRIBUTION = "tidings"


def discover(found: Iterable[EntryPoint] | None = None, sources: Sources | None = None) -> list[PluginInfo]:
    """Every plugin of the installed distributions (or of the entry points in `found`) and of the folder in `sources`, by name. Nothing of
    any plugin is imported."""
    sources = sources or Sources()
    importlib.invalidate_caches()
    infos = installed(sources) if found is None else _examine_points(found, sources)
    if sources.folder is not None:
        infos += [_examine_drop_in(info, sources) for info in find_drop_ins(sources.folder)]
    infos += _missing(infos, sources)
    return sorted(_without_lacking(_without_clashes(infos)), key=lambda info: info.name)


def installed(sources: Sources) -> list[PluginInfo]:
    """What the installed distributions bring, each looked at by itself."""
    return _examine_points(entry_points(group=GROUP), sources)


def _examine_points(points: Iterable[EntryPoint], sources: Sources) -> list[PluginInfo]:
    return [_examine_point(one, sources) for one in sorted(points, key=lambda point: (point.name, point.value))]


def _examine_point(point: EntryPoint, sources: Sources) -> PluginInfo:
    distribution = point.dist.name if point.dist else ""
    origin = Origin.SHIPPED if distribution == OWN_DISTRIBUTION else Origin.INSTALLED
    is_editable = origin is Origin.INSTALLED and _is_editable(point)
    info = PluginInfo(point.name, point.value, distribution=distribution, origin=origin, is_editable=is_editable)
    path = find_module(point.module)
    if path is None:
        return _refuse(info, f"Its module {point.module} cannot be found.")
    return _examine(replace(info, path=path), sources)


def _is_editable(point: EntryPoint) -> bool:
    """As PEP 610 says it: `direct_url.json` beside the distribution's other metadata."""
    try:
        origin = json.loads((point.dist and point.dist.read_text("direct_url.json")) or "{}")
        return bool(origin.get("dir_info", {}).get("editable"))
    except (ValueError, AttributeError):
        return False


def _examine_drop_in(info: PluginInfo, sources: Sources) -> PluginInfo:
    problem = files_problem(info)
    return _refuse(info, problem) if problem else _examine(info, sources)


def _examine(info: PluginInfo, sources: Sources) -> PluginInfo:
    """Read the manifest of what was found, and say what keeps it from being imported."""
    assert info.path is not None
    card = info.path if info.path.suffix == ".py" else info.path / "manifest.toml"
    info = replace(info, is_must_use=info.name in sources.must_use)
    try:
        manifest = read_manifest(card, expected_name=info.name)
    except ManifestError as error:
        return _refuse(info, trust_problem(info, sources) or str(error))
    info = replace(info, manifest=manifest, fingerprint=_fingerprint(info, manifest))
    problem = trust_problem(info, sources) or api_problem(manifest) or missing_distribution(manifest)
    return _refuse(info, problem) if problem else info


def _fingerprint(info: PluginInfo, manifest: Manifest) -> str:
    """A distribution's files are replaced together with its version; those of a drop-in, or of an author's own folder, at any time."""
    card = hashlib.sha256(repr(manifest).encode()).hexdigest()
    files = fingerprint_files(info.path) if (info.is_drop_in or info.is_editable) and info.path is not None else ""
    return f"{manifest.version} {card[:16]} {files[:16]}".rstrip()


def api_problem(manifest: Manifest) -> str:
    """Why this host cannot speak with the plugin, as a sentence; empty when it can."""
    if manifest.is_compatible:
        return ""
    low, high = manifest.api
    wanted = str(low) if low == high else f"{low} to {high}"
    return f"It is made for version {wanted} of the plugin API; this is version {API_VERSION}."


def _missing(infos: Iterable[PluginInfo], sources: Sources) -> list[PluginInfo]:
    """The plugins that must be used and are not there: their absence is shown and not passed over."""
    missing = sources.must_use - {info.name for info in infos}
    problem = translatable("TIDINGS_MUST_USE_PLUGINS names it, but there is no such plugin.")
    return [
        PluginInfo(name, "", state=State.REFUSED, problem=problem, origin=Origin.MISSING, is_must_use=True)
        for name in sorted(missing)
    ]


# ---- plugins among one another
def _without_clashes(infos: list[PluginInfo]) -> list[PluginInfo]:
    """Two plugins of one name: nobody can say which is meant, so neither starts; one that ships with Tidings keeps its name. One that is
    refused anyway stands in nobody's way."""
    counts = Counter(info.name for info in infos if info.state is not State.REFUSED)
    return [_refuse_clash(info, infos) if counts[info.name] > 1 and not info.is_shipped else info for info in infos]


def _refuse_clash(info: PluginInfo, infos: Iterable[PluginInfo]) -> PluginInfo:
    if info.state is State.REFUSED:
        return info
    others = [one for one in infos if one.name == info.name and one is not info and one.state is not State.REFUSED]
    origins = " and ".join(_origin(one) for one in others)
    return _refuse(info, f"Another plugin is called {info.name} too, from {origins}. Remove one of them.")


def _origin(info: PluginInfo) -> str:
    if info.is_drop_in and info.path is not None:
        return f"{info.path.parent.name}/{info.path.name}"
    return info.distribution or info.entry_point


def _without_lacking(infos: list[PluginInfo]) -> list[PluginInfo]:
    """Refuse those that need a plugin which is not there, and then those that need these."""
    while True:
        versions = {info.name: info.version for info in infos if info.state is not State.REFUSED}
        checked = [_check_plugins(info, versions) for info in infos]
        if checked == infos:
            return infos
        infos = checked


def _check_plugins(info: PluginInfo, versions: dict[str, str]) -> PluginInfo:
    if info.state is State.REFUSED or info.manifest is None:
        return info
    problem = missing_plugin(info.manifest, versions)
    return _refuse(info, problem) if problem else info


def _refuse(info: PluginInfo, problem: str) -> PluginInfo:
    return replace(info, state=State.REFUSED, problem=problem)


# ---- modules
def find_module(module: str) -> Path | None:
    """The folder of a package or the file of a module, found as an import would find it but importing neither it nor its parents."""
    path: Iterable[str] | None = None
    spec: ModuleSpec | None = None
    name = ""
    for part in module.split("."):
        if name and not path:
            return None
        name = f"{name}.{part}" if name else part
        spec = _find_spec(name, path)
        path = spec.submodule_search_locations if spec else None
    if spec is not None and not path and spec.origin and spec.origin.endswith(".py"):
        return Path(spec.origin)
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
