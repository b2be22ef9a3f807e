"""Hooks that collect once, when a plugin starts: what it brings."""

# mypy: disable-error-code="empty-body"
# The specifications have no bodies: pluggy reads their signatures, people their docstrings.

from collections.abc import Sequence

from app.plugin_api.channel import Channel
from app.plugin_api.hookspecs.markers import hookspec
from app.plugin_api.host import Host
from app.plugin_api.registrations import Job, Route, Service, WebhookReader
from forms.settings import SettingsForm

__all__ = [
    "register_channels",
    "register_jobs",
    "register_routes",
    "register_services",
    "register_settings",
    "register_webhook_readers",
]


@hookspec
def register_channels(host: Host) -> Sequence[Channel]:
    """The channel this plugin brings, in a list. It gets the plugin's name; a second channel needs a plugin of its own.

    Called once in each process when the plugin is activated. Do no I/O here. What the channel can do must stand in the manifest.

    :param host: the host as this plugin sees it; keep it in the channel if the channel needs it.
    :return: at most one channel driver, stateless.
    :since: API 1

    Example::

        @hookimpl
        def register_channels(host):
            return [EchoChannel(host)]
    """


@hookspec
def register_routes(host: Host) -> Sequence[Route]:
    """Pages of the plugin under `/plugins/<name>/`.

    Called once in each process when the plugin is activated; the routes vanish with the plugin. Public ones need `public_routes`.

    :param host: the host as this plugin sees it.
    :return: routes; two of one plugin with the same rule and method are a fault of the plugin.
    :since: API 1

    Example::

        @hookimpl
        def register_routes(host):
            return [Route("/hello", view=lambda request: "Hello", name="hello")]
    """


@hookspec
def register_services(host: Host) -> Sequence[Service]:
    """Long-running parts of the plugin, such as a listening socket.

    Called once in each process when the plugin is activated; do no I/O here. Only the worker runs them. Needs the permission `listen`.

    :param host: the host as this plugin sees it.
    :return: services, each run in a thread of its own.
    :since: API 1

    Example::

        @hookimpl
        def register_services(host):
            return [Service("listener", run=lambda stop: stop.wait())]
    """


@hookspec
def register_jobs(host: Host) -> Sequence[Job]:
    """Work that is done again and again: cleaning up, asking a provider for news.

    Called once in each process when the plugin is activated; do no I/O here. Only the worker runs jobs, each one in one process at a
    time. They vanish with the plugin. Needs the permission `schedule`.

    :param host: the host as this plugin sees it.
    :return: jobs, each with a name of its own.
    :since: API 2

    Example::

        @hookimpl
        def register_jobs(host):
            return [Job("forget", every=timedelta(hours=1), run=lambda: host.store.delete("last_saved"))]
    """


@hookspec
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    """Settings of the whole plugin, beside those of each account: the host makes their page, validates and keeps them.

    Called once in each process when the plugin is activated; do no I/O here. What was saved stands in `host.settings`.

    :param host: the host as this plugin sees it.
    :return: at most one form class, in a list.
    :since: API 2

    Example::

        class PagerSettings(SettingsForm):
            token = SecretField("Token")


        @hookimpl
        def register_settings(host):
            return [PagerSettings]
    """


@hookspec
def register_webhook_readers(host: Host) -> Sequence[WebhookReader]:
    """How requests of the plugin's provider are verified and read outside of an installation.

    Called once by the commands `tidings verify-webhook` and `tidings parse-webhook`, which have neither database nor accounts: `host`
    knows nothing there, so do not use it.

    :param host: a host without anything behind it.
    :return: readers, one for each provider whose requests the plugin understands.
    :since: API 3

    Example::

        @hookimpl
        def register_webhook_readers(host):
            return [WebhookReader("pager", verify=verify_request, read=events_of)]
    """
