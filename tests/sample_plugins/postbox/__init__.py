"""A channel that can do everything, over a provider in memory: the contract's tests are tried on it."""

from postbox.channel import PostboxChannel, PostOfficeForm
from tidings import hookimpl


@hookimpl
def register_channels(host):
    return [PostboxChannel(host)]


@hookimpl
def register_settings(host):
    return [PostOfficeForm]
