"""What a plugin needs before it can be imported: Python distributions and other plugins, looked up by their names and versions only."""

import importlib.metadata
from collections.abc import Mapping

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from app.plugin_api.manifest import Manifest

__all__ = ["missing_distribution", "missing_plugin", "required_plugins"]


def missing_distribution(manifest: Manifest) -> str:
    """Which required Python distribution is not there, as a sentence; empty when all are. What is for other systems is passed over."""
    for text in manifest.requires:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        wanted = f"{requirement.name}{requirement.specifier}"
        try:
            found = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            return f"It needs the Python package {wanted}, which is not installed."
        if not _fits(requirement, found):
            return f"It needs the Python package {wanted}; {found} is installed."
    return ""


def missing_plugin(manifest: Manifest, versions: Mapping[str, str]) -> str:
    """Which required plugin is not there, as a sentence; empty when all are. `versions` are the plugins that can run, by name."""
    for name, requirement in required_plugins(manifest).items():
        wanted = f"{name}{requirement.specifier}"
        if name not in versions:
            return f"It needs the plugin {wanted}, which is not there or cannot be used."
        if not _fits(requirement, versions[name]):
            return f"It needs the plugin {wanted}; version {versions[name]} is there."
    return ""


def required_plugins(manifest: Manifest) -> dict[str, Requirement]:
    """The plugins that must run before this one, by name."""
    found = [Requirement(text) for text in manifest.requires_plugins]
    return {canonicalize_name(one.name).replace("-", "_"): one for one in found}


def _fits(requirement: Requirement, version: str) -> bool:
    """Whether a version is wanted; one that cannot be compared fits only where any version does."""
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return not requirement.specifier
