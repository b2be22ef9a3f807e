"""When a submission becomes a conversation: which team gets it, what stays beside it, and the mail that confirms it."""

from forms.definitions import FormDefinition
from forms.definitions.answers import collect
from plugins.webform.checking.marks import is_test
from plugins.webform.storing import versions
from plugins.webform.storing.submissions import StoredSubmission, attach_conversation, submission_named
from plugins.webform.translate import LANGUAGE
from plugins.webform.visiting import visitors
from plugins.webform.visiting.languages import Catalogue, closest_of
from plugins.webform.visiting.usual import confirmation_of
from tidings import MAIL, Account, ConversationSummary, Host, MessageSummary

__all__ = ["confirm", "definition_of", "settle", "team_of"]


def team_of(host: Host, account: Account, external_id: str) -> int | None:
    """The team that the form, or a choice in it, names for a submission; nobody's for a test."""
    if is_test(external_id):
        return None
    stored = submission_named(host, external_id)
    definition = definition_of(host, account, stored)
    return collect(definition, (), stored.values if stored else {}).routing.team_id


def settle(host: Host, conversation: ConversationSummary, message: MessageSummary) -> None:
    """Tie what is kept of the submission to its conversation."""
    visitors.attach(host, conversation.account_id, message.external_id, conversation.id)
    attach_conversation(host, message.external_id, conversation.id)


def confirm(host: Host, account: Account, conversation: ConversationSummary, message: MessageSummary) -> None:
    """Confirm by mail, unless it may be spam: a form must never write to people who did not use it."""
    definition = definition_of(host, account, submission_named(host, message.external_id))
    is_wanted = definition.sends_confirmation and message.accepts_auto_reply and conversation.status != "spam"
    if is_wanted and "@" in conversation.contact_address and host.sending_accounts(MAIL):
        language = closest_of([message.fields.get(LANGUAGE, "")], definition.languages)
        text = confirmation_of(definition, Catalogue(host, language), conversation.number)
        host.send_automatic(conversation.id, text)


def definition_of(host: Host, account: Account, stored: StoredSubmission | None) -> FormDefinition:
    """What the submission was made with; for one from before there were versions what the form is now."""
    found = versions.version(host, account.id, stored.number) if stored else None
    return (found or versions.current(host, account)).definition
