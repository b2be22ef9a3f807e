"""Contact forms for visitors of any website: a hosted page, an embed, and answers by mail. One account is one form."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from plugins.webform import panels
from plugins.webform.channel import WebformChannel
from plugins.webform.definition import FormDefinition
from plugins.webform.guarding.spam import SpamRules, reasons_for_spam
from plugins.webform.guarding.spam_form import SpamForm
from plugins.webform.keys import ensure_key
from plugins.webform.routes import routes_for
from plugins.webform.translate import LANGUAGE, SPAM_REASON
from plugins.webform.visiting import visitors
from tidings import (
    MAIL,
    Account,
    AccountSaved,
    Channel,
    ConversationSummary,
    Host,
    InboundMessage,
    Job,
    MessageSummary,
    Panel,
    Route,
    SettingsForm,
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
    return [Job("forget addresses", every=timedelta(hours=1), run=lambda: _forget_addresses(host))]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    ensure_key(host, saved.account_id)


@hookimpl
def filter_inbound(host: Host, message: InboundMessage, account: Account) -> InboundMessage | None:
    """Content rules, for messages of own forms only."""
    if account.plugin != host.plugin:
        return None
    reasons = reasons_for_spam(message, SpamRules.from_settings(host.settings))
    if not reasons:
        return None
    why = "; ".join(filter(None, [message.fields.get(SPAM_REASON), *reasons]))
    return replace(message, is_spam=True, accepts_auto_reply=False, fields={**message.fields, SPAM_REASON: why})


@hookimpl
def choose_team(host: Host, account: Account) -> int | None:
    return _definition(account).team_id if account.plugin == host.plugin else None


@hookimpl
def choose_sending_account(host: Host, account: Account) -> int | None:
    return (_definition(account).answer_from or None) if account.plugin == host.plugin else None


@hookimpl
def conversation_created(host: Host, conversation: ConversationSummary, message: MessageSummary | None) -> None:
    """Confirm by mail, unless it may be spam: a form must never write to people who did not use it."""
    account = host.account(conversation.account_id) if conversation.channel == host.plugin else None
    if account is None or message is None:
        return
    visitors.attach(host, account.id, message.external_id, conversation.id)
    definition = _definition(account)
    is_wanted = definition.sends_confirmation and message.accepts_auto_reply and conversation.status != "spam"
    if is_wanted and host.sending_accounts(MAIL):
        spoken = definition.in_words(lambda text: host.gettext(text, message.fields.get(LANGUAGE, "")))
        host.send_automatic(conversation.id, spoken.confirmation_text.replace("{number}", str(conversation.number)))


@hookimpl
def message_received(host: Host, message: MessageSummary) -> None:
    if message.is_first and message.conversation.channel == host.plugin:
        panels.note_arrival(host, message.conversation.account_id, message.created_at)


@hookimpl
def dashboard_panels(host: Host) -> Sequence[Panel]:
    return panels.dashboard_panels(host)


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
        return _definition(account).keep_ip_days if account else 0

    visitors.forget_old(host, keep_days, host.now())


def _definition(account: Account) -> FormDefinition:
    return FormDefinition.from_settings(account.settings)
