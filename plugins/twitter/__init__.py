"""X, formerly Twitter: mentions, replies and direct messages of X accounts. One account is one person there; one app of X serves all."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.twitter import panels
from plugins.twitter.channel import TwitterChannel
from plugins.twitter.connect import connect_routes
from plugins.twitter.forms import AppForm
from plugins.twitter.readers import x_reader
from plugins.twitter.reading import note_connected
from plugins.twitter.subscription import look_after
from plugins.twitter.usage import forget_old_days
from tidings import Account, AccountSaved, Channel, Host, Job, Panel, Route, SettingsForm, WebhookReader, hookimpl


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [TwitterChannel(host)]


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [AppForm]


@hookimpl
def register_routes(host: Host) -> Sequence[Route]:
    return connect_routes(host)


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [
        Job("look after the webhook", every=timedelta(hours=12), run=lambda: look_after(host)),
        Job("forget old counts", every=timedelta(hours=24), run=lambda: forget_old_days(host)),
    ]


@hookimpl
def register_webhook_readers(host: Host) -> Sequence[WebhookReader]:
    return [x_reader()]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    if saved.is_new:
        note_connected(host, saved.account_id)


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    return panels.account_panels(host, account)
