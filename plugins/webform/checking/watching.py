"""What becomes of a test behind the form: its message in the inbox, the confirmation, the mail server's word, and the end of it."""

from collections.abc import Mapping
from datetime import timedelta

from forms.definitions import Becomes, FormDefinition
from plugins.webform.checking import results
from plugins.webform.checking.marks import done_event, nonce_of
from plugins.webform.checking.results import CheckResult
from plugins.webform.checking.steps import CheckState, Kind, Step, StepResult, StepState, say_step
from plugins.webform.form_settings import FormSettings
from plugins.webform.storing.submissions import submission_named
from plugins.webform.visiting.arrival import definition_of
from plugins.webform.visiting.languages import Catalogue
from plugins.webform.visiting.usual import confirmation_of
from tidings import MAIL, SPAM_REASON, Account, DeliveryFailed, Host, MessageSummary, translatable

__all__ = ["confirmation_failed", "confirmation_sent", "end_overdue", "message_arrived", "tell"]

PATIENCE = timedelta(minutes=30)
"""So long a test may wait for worker and mail server."""
RED = translatable("The form “%(form)s” does not work: %(trouble)s")

_WAITS = {Step.INBOX: "inbox_never", Step.SENT: "sent_never"}


def message_arrived(host: Host, message: MessageSummary) -> None:
    """The message of a test stands in the inbox, perhaps in Spam. Nothing happens for one whose test was forgotten."""
    check = results.by_nonce(host, nonce_of(message.external_id))
    account = host.account(check.account_id) if check else None
    if check is None or account is None or check.conversation is not None:
        return
    reason = message.fields.get(SPAM_REASON, "")
    number = message.conversation.number
    if reason or message.conversation.status == "spam":
        _note(host, check, {Step.INBOX: _failed("inbox_spam", reason=reason)}, conversation=number)
        return
    arrived = {Step.INBOX: _ok("inbox_ok", number=str(number))}
    if check.kind is Kind.NIGHTLY:
        _note(host, check, {**arrived, Step.MAILBOX: _mailbox(host, account)}, conversation=number)
        return
    check = _note(host, check, arrived, conversation=number)
    steps, message_id = _confirmed(host, account, check, message)
    _note(host, check, steps, message_id=message_id)


def confirmation_sent(host: Host, message: MessageSummary) -> None:
    """The mail server took a message; nothing happens unless a test waits for it."""
    check = _waiting_for(host, message)
    if check is not None:
        _note(host, check, {Step.SENT: _ok("sent_ok", address=check.address)})


def confirmation_failed(host: Host, failure: DeliveryFailed) -> None:
    """The mail server refused a message for good; nothing happens unless a test waits for it."""
    check = _waiting_for(host, failure.message)
    if check is not None:
        _note(host, check, {Step.SENT: _failed("sent_failed", reason=failure.reason)})


def end_overdue(host: Host) -> None:
    """Give up on tests that have waited long enough."""
    for check in results.overdue(host, PATIENCE):
        waiting = next((name for name, one in check.steps.items() if one.state is StepState.WAITING), Step.INBOX)
        _note(host, check, {waiting: _failed(_WAITS.get(waiting, "inbox_never"))})


def _note(host: Host, check: CheckResult, steps: Mapping[Step, StepResult], **columns: int | None) -> CheckResult:
    """Write it down; at the end the conversation is resolved and admins learn what concerns them."""
    check, is_end = results.note(host, check, steps, **columns)
    if is_end:
        tell(host, check)
        if check.conversation is not None:
            host.receive(check.account_id, done_event(check.nonce, host.now()))
    return check


def tell(host: Host, check: CheckResult) -> None:
    """A notice for all admins when a test of the night ended badly; any test that ends well takes it back."""
    subject, account = f"test:{check.account_id}", host.account(check.account_id)
    if check.state is CheckState.PASSED:
        host.over(subject)
    elif check.state is CheckState.FAILED and check.kind is Kind.NIGHTLY and account is not None and check.trouble:
        trouble = say_step(check.trouble, lambda text: host.gettext(text, "en"))
        host.tell(
            subject,
            RED,
            data={"form": account.name, "trouble": trouble},
            path=f"/forms/{account.id}/test",
            level="error",
        )


# -------------------------------------------------------------------------------- the confirmation ----
def _confirmed(
    host: Host, account: Account, check: CheckResult, message: MessageSummary
) -> tuple[Mapping[Step, StepResult], int | None]:
    """Send what a visitor would get, whether or not somebody tested within the hour."""
    stored = submission_named(host, message.external_id)
    definition = definition_of(host, account, stored)
    if not definition.sends_confirmation:
        return _no_mail("mail_off"), None
    if not _address_fields(definition) & set(stored.values if stored else ()):
        return _no_mail("mail_nowhere"), None
    if not host.sending_accounts(MAIL):
        return {Step.MAIL: _failed("mail_nobody")}, None
    text = confirmation_of(definition, Catalogue(host, definition.languages[0]), message.conversation.number)
    message_id = host.send_automatic(message.conversation.id, text, is_test=True)
    if message_id is None:
        return {Step.MAIL: _failed("mail_refused", address=check.address)}, None
    return {Step.MAIL: _ok("mail_ok", address=check.address)}, message_id


def _no_mail(sentence: str) -> Mapping[Step, StepResult]:
    return dict.fromkeys((Step.MAIL, Step.SENT), StepResult(StepState.SKIPPED, sentence))


def _address_fields(definition: FormDefinition) -> set[str]:
    return {field.id for field in definition.fields if field.becomes is Becomes.EMAIL}


def _mailbox(host: Host, account: Account) -> StepResult:
    senders, chosen = dict(host.sending_accounts(MAIL)), FormSettings.from_settings(account.settings).answer_from
    if not senders:
        return _failed("mail_nobody")
    if chosen and chosen not in senders:
        return _failed("mailbox_gone")
    return _ok("mailbox_ok", name=senders.get(chosen) or next(iter(senders.values())))


def _waiting_for(host: Host, message: MessageSummary) -> CheckResult | None:
    if not message.is_automatic or message.conversation.channel != host.plugin:
        return None
    return results.by_message(host, message.id)


def _ok(sentence: str, **data: str) -> StepResult:
    return StepResult(StepState.OK, sentence, data)


def _failed(sentence: str, **data: str) -> StepResult:
    return StepResult(StepState.FAILED, sentence, data)
