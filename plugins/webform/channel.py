"""The contact-form channel: takes messages from visitors of web pages. It cannot send; answers leave through a mailbox."""

from collections.abc import Sequence

from plugins.webform.checking import marks
from plugins.webform.form_settings import FormSettings
from plugins.webform.forms import WebformSettingsForm, settings_form
from plugins.webform.guarding import verification
from plugins.webform.translate import translate_payload
from plugins.webform.visiting.submission import CONTENT_TYPE
from tidings import (
    MAIL,
    Account,
    Capability,
    Channel,
    Check,
    ConnectionReport,
    ConversationUpdate,
    Host,
    InboundMessage,
    RawEvent,
    UnrecognisedPayload,
)

__all__ = ["WebformChannel"]


class WebformChannel(Channel):
    """One account is one form."""

    title = "Contact form"
    icon = "form"
    capabilities = frozenset({Capability.PUBLIC_FORM, Capability.ATTACHMENTS, Capability.SUBJECT})
    settings_form = WebformSettingsForm
    address_kind = MAIL
    connect_path = "/forms/new"

    def __init__(self, host: Host) -> None:
        self._host = host
        self.settings_form = settings_form(lambda: host.sending_accounts(MAIL))  # type: ignore[misc]  # its choices are the host's

    def test_connection(self, account: Account) -> ConnectionReport:
        """A form needs no connection, but somebody has to carry its answers."""
        return ConnectionReport((self._check_answers(account),))

    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage | ConversationUpdate]:
        if event.content_type == verification.CONTENT_TYPE:
            return [verification.translate(event)]
        if event.content_type == marks.CONTENT_TYPE:
            return [marks.translate_done(event)]
        if event.content_type != CONTENT_TYPE:
            raise UnrecognisedPayload(f"{event.content_type} is not a contact form")
        return [translate_payload(event.payload)]

    def _check_answers(self, account: Account) -> Check:
        wanted = FormSettings.from_settings(account.settings).answer_from
        senders = dict(self._host.sending_accounts(MAIL))
        if not senders:
            return Check("Answers", False, "There is no mailbox yet that could send them. Connect one first.")
        if wanted and wanted not in senders:
            return Check("Answers", False, "The chosen mailbox is gone or cannot send. Choose another one.")
        name = senders[wanted] if wanted else next(iter(senders.values()))
        return Check("Answers", True, self._host.gettext("They leave through %(name)s.") % {"name": name})
