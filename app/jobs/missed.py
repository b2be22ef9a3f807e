"""Making announcements again that plugins missed, once somebody has asked for it: in order, and only to the plugin that missed them."""

import logging

from app.plugin_host import Again
from app.plugin_host.health.payloads import VERSION, from_json
from app.services.core import Core
from app.services.plugins.missed import DueEvent, claim_missed, due_hooks, keep_missed, release_missed, took_missed

__all__ = ["deliver_missed"]

log = logging.getLogger(__name__)


def deliver_missed(core: Core) -> int:
    """One round over what is due and can be delivered now. Gives how many announcements were taken by their plugins."""
    dispatcher, taken = core.plugins.dispatcher, 0
    hooks = {(plugin, hook) for plugin, hook in due_hooks(core) if dispatcher.can_call(hook, plugin)}
    while hooks:
        events = claim_missed(core, hooks)
        if not events:
            break
        while events:
            event = events.pop(0)
            outcome = _deliver(core, event)
            taken += outcome is Again.TAKEN
            if outcome is Again.WAITS:
                hooks = {key for key in hooks if key[0] != event.plugin}  # what comes after it waits too
                waiting = [one for one in events if one.plugin == event.plugin]
                release_missed(core, [event, *waiting])
                events = [one for one in events if one not in waiting]
    return taken


def _deliver(core: Core, event: DueEvent) -> Again:
    spec = core.plugins.specs.get(event.hook)
    try:
        if spec is None or event.payload_version != VERSION:
            raise LookupError(event.hook)
        values = from_json(spec, event.arguments)
    except (LookupError, TypeError, ValueError):
        log.warning("a missed %s of %s no longer fits the hook", event.hook, event.plugin)
        keep_missed(core, event, "It was kept by another version of Tidings and no longer fits the hook.")
        return Again.FAILED
    outcome = core.plugins.dispatcher.announce_again(event.hook, event.plugin, values)
    if outcome is Again.TAKEN:
        took_missed(core, event)
    elif outcome is Again.FAILED:
        keep_missed(core, event, core.plugins.health.record(event.plugin, event.hook).last_error)
    return outcome
