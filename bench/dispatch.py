"""Calling a hook with ten implementations: guarded, timed, watched and attributed by our dispatcher, and bare by pluggy."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pluggy

from app.clock import SystemClock
from app.plugin_api.hookspecs import hookimpl
from app.plugin_api.messages import InboundMessage, Participant
from app.plugin_host.calls.dispatch import Dispatcher
from app.plugin_host.health.book import HealthBook
from app.plugin_host.hooks.shapes import read_specs
from app.plugin_host.hooks.validation import new_manager
from bench.measure import Comparison, compare, sample

__all__ = ["run"]

IMPLEMENTATIONS = 10
CALLS = 5000


def run(rounds: int) -> list[Comparison]:
    """An announcing hook and a filter. The implementations do nothing but hand back what they got, so that the call itself is measured."""
    manager, dispatcher, hosts = _ten_plugins()
    host, hook = hosts["plugin0"], manager.hook
    message, account = _message(), object()
    told = compare(
        "dispatch: announce to 10",
        sample(lambda: dispatcher.announce("message_received", message=message), CALLS),
        sample(lambda: hook.message_received(host=host, message=message), CALLS),
        rounds=rounds,
        aim=1.0,
        note="reference: pluggy's own call",
    )
    filtered = compare(
        "dispatch: filter through 10",
        sample(lambda: dispatcher.filter("filter_inbound", message, account=account), CALLS),
        sample(lambda: hook.filter_inbound(host=host, message=message, account=account), CALLS),
        rounds=rounds,
        aim=1.0,
        note="reference: pluggy's own call, answers not chained",
    )
    return [told, filtered]


def _ten_plugins() -> tuple[pluggy.PluginManager, Dispatcher, dict[str, Any]]:
    manager = new_manager()
    for number in range(IMPLEMENTATIONS):
        manager.register(_plugin(), f"plugin{number}")
    dispatcher = Dispatcher(read_specs(), HealthBook(), SystemClock())
    hosts = {f"plugin{number}": SimpleNamespace() for number in range(IMPLEMENTATIONS)}
    dispatcher.replace(manager, hosts)
    return manager, dispatcher, hosts


def _message() -> InboundMessage:
    sender = Participant("email", "ada@example.com")
    return InboundMessage("1@example.com", sender, "Hello", sent_at=datetime.now(UTC), content_key="1")


def _plugin() -> SimpleNamespace:
    """A plugin with functions of its own, as ten modules would have."""

    @hookimpl
    def message_received(host: object, message: object) -> None:
        return None

    @hookimpl
    def filter_inbound(host: object, message: object, account: object) -> object:
        return message

    return SimpleNamespace(message_received=message_received, filter_inbound=filter_inbound)
