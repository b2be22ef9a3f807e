"""Echo: a channel for trying things out. Messages come in by a signed web request; every answer comes back as a new message."""

from collections.abc import Sequence

from plugins.echo.channel import EchoChannel
from tidings import Channel, Host, hookimpl


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [EchoChannel(host)]
