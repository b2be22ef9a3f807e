"""The sample channel "courier", switched on, with an app secret: its owner signs in first, and all its accounts share one webhook."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

from app.plugin_api.host import Host
from app.plugin_host import CheckedSettings, discover
from app.services.core import SYSTEM, Core
from app.services.plugins.settings import save_plugin_settings

APP_SECRET = "the secret of our app"
_FOLDER = str(Path(__file__).parents[2] / "sample_plugins")


@contextmanager
def courier_plugin(core: Core) -> Iterator[None]:
    """The plugin runs for as long as the block does."""
    sys.path.insert(0, _FOLDER)
    found = [*discover(), *discover([EntryPoint("courier", "courier", "tidings.plugins")])]
    core.plugins._find = lambda: found
    core.plugins.start()
    core.plugins.activate("courier")
    save_plugin_settings(core, SYSTEM, "courier", CheckedSettings({}, {"app_secret": APP_SECRET}))
    try:
        yield
    finally:
        sys.path.remove(_FOLDER)


def host_of(core: Core) -> Host:
    """What the plugin was given when it was switched on."""
    return core.plugins.channels["courier"]._host
