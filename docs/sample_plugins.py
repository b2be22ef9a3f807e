"""Plugins of others for the sample installation: one that works but has trouble, and one that waits for its owner to agree."""

from datetime import datetime, timedelta

from app.models import HookSample, MissedEvent, PluginBreaker, PluginConflict, PluginCost, PluginState
from app.plugin_host import CheckedSettings
from app.services.core import SYSTEM, Core, writing
from app.services.plugins.archives import install, stage
from app.services.plugins.settings import save_plugin_settings
from tests.integration.web.plugins.archives import PERMISSIONS, weather

__all__ = ["add_plugins"]

ERROR = "KeyError: 'forecast' while asking api.weather.example for the weather at the address of the contact"
SAMPLE = '{\n "message": {\n  "id": 17,\n  "text": "Aaaaa aa aa aaaa?, 17 characters"\n }\n}'


def add_plugins(core: Core) -> None:
    """Install both, and let the first have an hour behind it."""
    card = stage(core, SYSTEM, weather(), by_shell=True)
    install(core, SYSTEM, card.token, card.asks, switch_on=True, by_shell=True)
    settings = CheckedSettings({"city": "Berlin"}, {"api_key": "not shown anywhere"})
    save_plugin_settings(core, SYSTEM, "weather", settings)
    servers = ("api.tides.example", "*.maps.example")
    card = stage(
        core, SYSTEM, weather(name="tides", permissions=(*PERMISSIONS, "network"), hosts=servers), by_shell=True
    )
    install(core, SYSTEM, card.token, card.asks, by_shell=True)
    _add_trouble(core)


def _add_trouble(core: Core) -> None:
    now = core.clock.now()
    with writing(core) as unit:
        unit.session.add_all(_costs(now))
        unit.session.add_all(
            MissedEvent(plugin="weather", hook="message_received", arguments={}, reason=ERROR, created_at=now)
            for _ in range(7)
        )
        unit.session.add(
            PluginBreaker(
                plugin="weather",
                hook="message_received",
                opened_at=now,
                rests_until=now + timedelta(hours=6),
                last_error=ERROR,
            )
        )
        unit.session.merge(HookSample(hook="message_received", payload=SAMPLE, seen_at=now))
        unit.session.add(
            PluginConflict(
                hook="filter_outbound", field="text", first="mailbox", second="weather", times=12, seen_at=now
            )
        )
        state = unit.session.get_one(PluginState, "weather")
        state.failures, state.last_error, state.failed_at = 14, f"message_received: {ERROR}"[:1000], now


def _costs(now: datetime) -> list[PluginCost]:
    last = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    parts = {"message_received": 0.012, "page today": 0.18, "job ask": 0.6}
    return [
        PluginCost(
            plugin="weather",
            hook=hook,
            period_at=last - timedelta(minutes=5 * ago),
            calls=7 + ago,
            seconds=seconds * (1 + ago % 4),
            slowest_s=seconds,
            slow_calls=ago % 2 if seconds > 0.2 else 0,
            failures=3 if hook == "message_received" and ago < 2 else 0,
            queries=14 + ago,
            http_calls=ago,
        )
        for ago in range(12)
        for hook, seconds in parts.items()
    ]
