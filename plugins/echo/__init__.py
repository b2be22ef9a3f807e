"""Echo: a channel for trying things out. Messages come in by a signed web request; every answer comes back as a new message."""

from collections.abc import Sequence

from plugins.echo.channel import EchoChannel
from tidings import Account, Channel, Host, Panel, hookimpl


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [EchoChannel(host)]


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    """Where to post messages to."""
    return [
        Panel("Send a message in", rows=(("Address", host.webhook_url(account.id)), ("Method", "POST, JSON, signed")))
    ]
