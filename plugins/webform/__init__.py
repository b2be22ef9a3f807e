"""Contact forms for visitors of any website: a hosted page, an embed, and answers by mail. One account is one form."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.webform import panels
from plugins.webform.channel import WebformChannel
from plugins.webform.checking import nightly, results, watching
from plugins.webform.checking.marks import is_test
from plugins.webform.form_settings import FormSettings
from plugins.webform.guarding import filtering, verification
from plugins.webform.guarding.spam_form import SpamForm
from plugins.webform.guarding.tables import forget_old
from plugins.webform.keys import ensure_key, forget_key
from plugins.webform.recent import forget_recent
from plugins.webform.routes import routes_for
from plugins.webform.sharing.context import forget_secret
from plugins.webform.sharing.short_address import drop_word
from plugins.webform.storing.versions import forget_form, look_after_forms
from plugins.webform.translate import LANGUAGE
from plugins.webform.visiting import arrival, visitors
from plugins.webform.visiting.repeats import forget_salt
from tidings import (
    Account,
    AccountSaved,
    Channel,
    ConversationSummary,
    DeliveryFailed,
    Host,
    InboundMessage,
    Job,
    MessageSummary,
    NavLink,
    Panel,
    Route,
    SettingsForm,
    Viewer,
    hookimpl,
)


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [WebformChannel(host)]


@hookimpl
def register_routes(host: Host) -> Sequence[Route]:
    return routes_for(host)


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [SpamForm]


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [
        Job("forget addresses", every=timedelta(hours=1), run=lambda: _forget_addresses(host)),
        Job("look after forms", every=timedelta(hours=6), run=lambda: look_after_forms(host)),
        Job("forget attacks", every=timedelta(hours=1), run=lambda: forget_old(host)),
        Job("test forms", every=timedelta(minutes=10), run=lambda: nightly.look_after(host)),
    ]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    """A new account may have the number of one that was deleted; what was that one's is not the new one's."""
    if saved.is_new:
        forget_form(host, saved.account_id)
        forget_key(host, saved.account_id)
        forget_secret(host, saved.account_id)
        drop_word(host, saved.account_id)
        results.forget_form(host, saved.account_id)
    ensure_key(host, saved.account_id)
    forget_recent(host)


@hookimpl
def filter_inbound(host: Host, message: InboundMessage, account: Account) -> InboundMessage | None:
    """What is suspicious goes to Spam; messages of own forms only."""
    return filtering.filter_message(host, message, account) if account.plugin == host.plugin else None


@hookimpl
def choose_team(host: Host, message: InboundMessage, account: Account) -> int | None:
    return arrival.team_of(host, account, message.external_id) if account.plugin == host.plugin else None


@hookimpl
def choose_sending_account(host: Host, conversation: ConversationSummary, account: Account) -> int | None:
    """Whoever left no address cannot be written to by mail."""
    is_ours = account.plugin == host.plugin and "@" in conversation.contact_address
    return (_settings(account).answer_from or None) if is_ours else None


@hookimpl
def conversation_created(host: Host, conversation: ConversationSummary, message: MessageSummary | None) -> None:
    account = host.account(conversation.account_id) if conversation.channel == host.plugin else None
    if account is None or message is None:
        return
    arrival.settle(host, conversation, message)
    if is_test(message.external_id):
        return
    if filtering.waits_for_confirmation(message.fields):
        verification.ask(host, account, conversation.id, message.external_id, message.fields.get(LANGUAGE, ""))
    else:
        arrival.confirm(host, account, conversation, message)


@hookimpl
def message_received(host: Host, message: MessageSummary) -> None:
    if message.conversation.channel != host.plugin:
        return
    if is_test(message.external_id):
        watching.message_arrived(host, message)


@hookimpl
def message_sent(host: Host, message: MessageSummary) -> None:
    watching.confirmation_sent(host, message)


@hookimpl
def delivery_failed(host: Host, failure: DeliveryFailed) -> None:
    watching.confirmation_failed(host, failure)


@hookimpl
def navigation_links(host: Host) -> Sequence[NavLink]:
    return [NavLink(host.gettext("Forms"), "/forms", icon="form")]


@hookimpl
def dashboard_panels(host: Host, viewer: Viewer) -> Sequence[Panel]:
    return panels.dashboard_panels(host, viewer)


@hookimpl
def conversation_panels(host: Host, conversation: ConversationSummary) -> Sequence[Panel]:
    return panels.conversation_panels(host, conversation)


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    return panels.account_panels(host, account)


def _forget_addresses(host: Host) -> None:
    """Forget internet addresses whose days are over; those of deleted forms at once."""

    def keep_days(account_id: int) -> int:
        account = host.account(account_id)
        return _settings(account).keep_ip_days if account else 0

    visitors.forget_old(host, keep_days, host.now())
    forget_salt(host)


def _settings(account: Account) -> FormSettings:
    return FormSettings.from_settings(account.settings)
