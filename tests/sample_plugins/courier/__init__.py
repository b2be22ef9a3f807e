"""A channel whose owner signs in at the provider and then has an office of it connected; all offices share one webhook."""

from courier.channel import CourierChannel, CourierSettings
from courier.pages import Pages
from courier.webhooks import READER
from tidings import Route, hookimpl


@hookimpl
def register_channels(host):
    return [CourierChannel(host)]


@hookimpl
def register_settings(host):
    return [CourierSettings]


@hookimpl
def register_routes(host):
    pages = Pages(host)
    return [
        Route("/connect", pages.guide, "connect", role="admin"),
        Route("/connect/<int:account_id>", pages.again, "again", role="admin"),
        Route("/callback", pages.callback, "callback", role="admin"),
    ]


@hookimpl
def register_webhook_readers(host):
    return [READER]
