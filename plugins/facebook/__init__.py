"""Facebook: messages to pages in Messenger and comments under their posts. One account is one page; one app of Meta serves all."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.facebook import actions, panels
from plugins.facebook.channel import FacebookChannel
from plugins.facebook.connect import connect_routes
from plugins.facebook.forms import AppForm
from plugins.facebook.readers import meta_reader
from plugins.facebook.subscription import look_after_pages, page_saved
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
    WebhookReader,
    hookimpl,
)


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [FacebookChannel(host)]


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [AppForm]


@hookimpl
def register_routes(host: Host) -> Sequence[Route]:
    return [*connect_routes(host), *actions.action_routes(host)]


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [Job("look after pages", every=timedelta(hours=12), run=lambda: look_after_pages(host))]


@hookimpl
def register_webhook_readers(host: Host) -> Sequence[WebhookReader]:
    return [meta_reader()]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    page_saved(host, saved.account_id)


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    return panels.account_panels(host, account)


@hookimpl
def conversation_actions(host: Host, conversation: ConversationSummary) -> Sequence[Action]:
    return actions.conversation_actions(host, conversation)


@hookimpl
def message_actions(
    host: Host, conversation: ConversationSummary, messages: Sequence[MessageSummary]
) -> Sequence[Action]:
    return actions.message_actions(host, conversation, messages)
