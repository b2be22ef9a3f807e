"""Asking a channel for settings that its owner left empty, and never failing for what it cannot find."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.plugin_api.channel import Channel, Found
from app.plugin_api.errors import ChannelError
from app.plugin_host import TimedOut
from app.redaction import masked
from app.services.core import Core

__all__ = ["found_settings"]

log = logging.getLogger(__name__)

LIMIT_S = 15.0


def found_settings(core: Core, channel: Channel, settings: Mapping[str, Any]) -> Found:
    """What the channel finds out of these settings; nothing when it fails or takes longer than `LIMIT_S`. The caller holds no
    transaction: other machines are asked."""
    plugin = next((name for name, one in core.plugins.channels.items() if one is channel), "")
    try:
        found = core.plugins.dispatcher.guarded(plugin, "find_settings", limit_s=LIMIT_S)(
            channel.find_settings, settings
        )
    except (ChannelError, TimedOut) as error:
        log.warning("plugin %s found no settings: %s", plugin, masked(str(error)))
        return Found()
    except (Exception, SystemExit):  # plugin code: the guard has counted it
        log.exception("plugin %s failed while it looked for settings", plugin)
        return Found()
    return replace(found, told=tuple(replace(check, detail=masked(check.detail)) for check in found.told))
