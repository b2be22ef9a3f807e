"""WhatsApp: messages to business numbers over the Cloud API. One account is one number; one app of Meta serves all."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.whatsapp import panels
from plugins.whatsapp.channel import WhatsAppChannel
from plugins.whatsapp.connect import connect_routes
from plugins.whatsapp.forms import AppForm
from plugins.whatsapp.subscription import look_after_numbers, number_saved
from tidings import Account, AccountSaved, Channel, Host, Job, Panel, Route, SettingsForm, hookimpl


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [WhatsAppChannel(host)]


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [AppForm]


@hookimpl
def register_routes(host: Host) -> Sequence[Route]:
    return connect_routes(host)


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [Job("look after numbers", every=timedelta(hours=1), run=lambda: look_after_numbers(host))]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    number_saved(host, saved.account_id)


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    return panels.account_panels(host, account)
