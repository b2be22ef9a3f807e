"""The plugin host: finds plugins, starts and stops them, calls their hooks apart from one another, and answers what they ask.

What plugins see is in `app.plugin_api`; what the host asks of the application is `Backend`. `finding` knows which plugins there are,
`wanted` which should run, `running` which do; `calls` calls them and `health` keeps how that went. `manager` is the door to all of it.
"""

from app.plugin_host.backend import Activation, Backend, MigrationFailed, Pulse
from app.plugin_host.calls.dispatch import Again, Dispatcher
from app.plugin_host.calls.watch import WATCHDOG, SlowCall, Watchdog
from app.plugin_host.finding.discovery import discover
from app.plugin_host.finding.sources import Sources
from app.plugin_host.health.book import HealthBook, HookHealth, TimedOut
from app.plugin_host.health.report import HealthReport, Limits, SharedHealth
from app.plugin_host.host import PluginHostServices
from app.plugin_host.info import Origin, PluginInfo, State
from app.plugin_host.manager import PluginHost, UpdateFailed
from app.plugin_host.routes import NoRoute, RouteTable, WrongMethod
from app.plugin_host.settings_store import CheckedSettings, bind_form, check_form, check_values

__all__ = [
    "Activation",
    "Again",
    "Backend",
    "CheckedSettings",
    "Dispatcher",
    "HealthBook",
    "HealthReport",
    "HookHealth",
    "Limits",
    "MigrationFailed",
    "NoRoute",
    "Origin",
    "PluginHost",
    "PluginHostServices",
    "PluginInfo",
    "Pulse",
    "RouteTable",
    "SharedHealth",
    "SlowCall",
    "Sources",
    "State",
    "TimedOut",
    "UpdateFailed",
    "WATCHDOG",
    "Watchdog",
    "WrongMethod",
    "bind_form",
    "check_form",
    "check_values",
    "discover",
]
