"""Whoever makes an app for each test looks at all installed plugins each time: at their entry points, manifests and what they need. They
stay the same while tests run, so they are looked at once."""

import sys
from collections.abc import Callable, Iterator

import pytest

from app.plugin_host.finding import discovery
from app.plugin_host.finding.sources import Sources
from app.plugin_host.info import PluginInfo

__all__ = ["kept_installed_plugins"]


@pytest.fixture(scope="session")
def kept_installed_plugins() -> Iterator[None]:
    """Remembers what was found, for tests that bring no further folder to find plugins in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discovery, "installed", _keeping(discovery.installed))
        yield


def _keeping(installed: Callable[[Sources], list[PluginInfo]]) -> Callable[[Sources], list[PluginInfo]]:
    kept: dict[tuple[object, ...], list[PluginInfo]] = {}
    usual_path = list(sys.path)

    def found(sources: Sources) -> list[PluginInfo]:
        if sys.path != usual_path:
            return installed(sources)
        key = sources.require_signature, sources.must_use, sources.allowed
        if key not in kept:
            kept[key] = installed(sources)
        return list(kept[key])

    return found
