"""How requests of providers are read outside of an installation: what the plugins on this machine bring, and the schemes of the kit."""

import inspect
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from app.plugin_api import signatures
from app.plugin_api.errors import UnrecognisedPayload
from app.plugin_api.host import Host
from app.plugin_api.messages import WebhookRequest
from app.plugin_api.registrations import WebhookEvent, WebhookReader
from app.plugin_host.finding.discovery import discover
from app.plugin_host.hooks.validation import implementations
from app.plugin_host.info import PluginInfo, State
from app.plugin_host.loading import load

__all__ = ["webhook_readers"]

log = logging.getLogger(__name__)

HOOK = "register_webhook_readers"


class _NoHost:
    """A host without anything behind it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"{HOOK} asked its host for {name}; there is no installation behind these commands")


def webhook_readers(found: Iterable[PluginInfo] | None = None) -> Mapping[str, WebhookReader]:
    """By provider. Only plugins that mention the hook are imported; one that fails is left out, with a line in the log."""
    readers = {provider: WebhookReader(provider, verify, _unread) for provider, verify in _SCHEMES.items()}
    for info in discover() if found is None else found:
        if info.state is not State.REFUSED and _mentions_readers(info):
            readers.update({reader.provider: reader for reader in _readers_of(info)})
    return readers


def _readers_of(info: PluginInfo) -> Iterator[WebhookReader]:
    try:
        plugin = load(info)
        for _, hook, function in implementations(plugin):
            if hook == HOOK:
                wants_host = "host" in inspect.signature(function).parameters
                yield from function(host=cast("Host", _NoHost())) if wants_host else function()
    except Exception as error:  # noqa: BLE001 - plugin code, which may raise anything: the readers of others are there all the same
        log.warning("the webhook readers of %s cannot be used: %s: %s", info.name, type(error).__name__, error)


def _mentions_readers(info: PluginInfo) -> bool:
    """Whether the plugin's own module says the name of the hook, as it must to implement it."""
    if info.path is None:
        return False
    module = info.path if info.path.suffix == ".py" else Path(info.path) / "__init__.py"
    try:
        return HOOK.encode() in module.read_bytes()
    except OSError:
        return False


def _unread(request: WebhookRequest) -> list[WebhookEvent]:
    raise UnrecognisedPayload("signatures of this kind can be verified, but no plugin here reads what is signed")


_SCHEMES = {
    "slack": signatures.verify_slack,
    "standard": signatures.verify_standard,
    "line": signatures.verify_line,
}
"""Schemes of `tidings.signatures` by the name that people know them by."""
