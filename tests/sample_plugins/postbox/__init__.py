"""A channel that can do everything, over a provider in memory: the contract's tests are tried on it."""

from postbox.channel import PostboxChannel, PostOfficeForm
from tidings import Route, hookimpl


@hookimpl
def register_channels(host):
    return [PostboxChannel(host)]


@hookimpl
def register_settings(host):
    return [PostOfficeForm]


@hookimpl
def register_routes(host):
    rules = {"connect": "/connect", "again": "/connect/<int:account_id>"}
    return [Route(rule, lambda request, **_: "Sign in.", name, role="admin") for name, rule in rules.items()]
