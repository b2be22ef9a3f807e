"""Instagram: direct messages, answers to stories and comments. One account is one professional account; one app of Meta serves all."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.instagram import actions, panels
from plugins.instagram.channel import InstagramChannel
from plugins.instagram.connect import connect_routes
from plugins.instagram.forms import AppForm
from plugins.instagram.subscription import account_changed, look_after_accounts
from tidings import (
    Account,
    AccountSaved,
    Action,
    Channel,
    ConversationSummary,
    Host,
    Job,
    MessageSummary,
    Panel,
    Route,
    SettingsForm,
    hookimpl,
)


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [InstagramChannel(host)]


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [AppForm]


@hookimpl
def register_routes(host: Host) -> Sequence[Route]:
    return [*connect_routes(host), *actions.action_routes(host)]


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [Job("look after accounts", every=timedelta(hours=12), run=lambda: look_after_accounts(host))]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    account_changed(host, saved.account_id)


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    return panels.account_panels(host, account)


@hookimpl
def message_actions(
    host: Host, conversation: ConversationSummary, messages: Sequence[MessageSummary]
) -> Sequence[Action]:
    return actions.message_actions(host, conversation, messages)
