"""Addresses that belong to an account or its channel: where connecting begins, where its owner signs in, where its provider posts to."""

from flask import request

from app.plugin_api.channel import Account, Capability, Channel
from app.plugin_api.registrations import is_own_path
from app.queries.accounts import AccountFacts
from app.web.addresses import url_for
from app.web.current import current_core

__all__ = [
    "connect_url",
    "guided_connect_url",
    "plugin_page_url",
    "renewal_url",
    "shared_webhook_url",
    "sign_in_url",
    "webhook_url",
]


def guided_connect_url(plugin: str, channel: Channel) -> str:
    """The channel's own page for connecting; empty where connecting begins with the settings form."""
    return plugin_page_url(plugin, channel.connect_path)


def connect_url(plugin: str, channel: Channel) -> str:
    """Where connecting an account of the channel begins."""
    return guided_connect_url(plugin, channel) or url_for("accounts.new", plugin=plugin)


def sign_in_url(account: AccountFacts, channel: Channel | None) -> str:
    """Where the owner signs in while the account waits for that: a page of the plugin, else the account's settings. Empty when it does
    not wait."""
    if channel is None or account.state != "needs_reauth":
        return ""
    return renewal_url(account, channel) or url_for("accounts.edit", id=account.id)


def renewal_url(account: AccountFacts, channel: Channel) -> str:
    """The page of the plugin where the owner signs in, whether or not the account waits for that; empty where there is none."""
    seen = Account(account.id, account.plugin, account.name, account.address, dict(account.settings))
    dispatcher = current_core().plugins.dispatcher
    try:
        path = dispatcher.guarded(account.plugin, "sign_in_path")(channel.sign_in_path, seen)
    except Exception:  # noqa: BLE001 - the plugin's fault, which the guard has counted; the settings always work
        path = ""
    return plugin_page_url(account.plugin, path)


def webhook_url(account: AccountFacts, channel: Channel | None) -> str:
    """Where the provider posts what is for this account; empty for a channel that takes no webhooks of single accounts."""
    if channel is None or Capability.WEBHOOK not in channel.capabilities:
        return ""
    return current_core().config.address + url_for("webhooks.receive", plugin=account.plugin, account_id=account.id)


def shared_webhook_url(account: AccountFacts, channel: Channel | None) -> str:
    """Where the provider posts what is for any account of the plugin; empty for a channel that has no such address."""
    if channel is None or Capability.SHARED_WEBHOOK not in channel.capabilities:
        return ""
    return current_core().config.address + url_for("webhooks.receive_shared", plugin=account.plugin)


def plugin_page_url(plugin: str, path: object) -> str:
    """The address of a plugin's own route; empty for what is no path of its own."""
    if not isinstance(path, str) or not is_own_path(path):
        return ""
    return f"{request.script_root}/plugins/{plugin}{path}"
