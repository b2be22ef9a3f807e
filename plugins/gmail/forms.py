"""Two settings pages: what holds for all mailboxes (the Google client, pushes), and one mailbox."""

from typing import Any

from wtforms import BooleanField, EmailField, Field, Form, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, StopValidation, ValidationError
from wtforms.widgets import TextArea

from connectors.gmail import ServiceAccount
from plugins.gmail.settings import DELEGATED, OAUTH
from tidings import SecretField, SettingsForm

__all__ = ["ApplicationForm", "MailboxForm"]

_ADDRESS = Regexp(r"\A[^@\s<>,;\"]+@[^@\s<>,;\"]+\Z", message="This is not an e-mail address.")
_TOPIC = Regexp(
    r"\Aprojects/[\w:.-]+/topics/[\w~.%+-]+\Z", message="A topic looks like projects/my-project/topics/gmail."
)
_URL = Regexp(r"https?://", message="It must begin with https://.")


class KeyFileField(SecretField):
    """The text of a key file: several lines, which are written and never shown again."""

    widget = TextArea()

    def __init__(self, label: str | None = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"rows": 4, "autocomplete": "off", "spellcheck": "false"})
        super().__init__(label, validators, **kwargs)

    def _value(self) -> str:
        return ""


def _is_key_file(_form: Form, field: Field) -> None:
    try:
        ServiceAccount.from_key_file(field.data)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class _NeededWith:
    """Asks for a value where another field has one."""

    field_flags = {"optional": True}

    def __init__(self, other: str, sentence: str) -> None:
        self._other, self._sentence = other, sentence

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data and form[self._other].data:
            raise StopValidation(self._sentence)
        if not field.data:
            raise StopValidation


class ApplicationForm(SettingsForm):
    """What was made once in the Google Cloud console. Nothing of it is needed twice."""

    fieldsets = (
        ("Signing in with Google", ("client_id", "client_secret")),
        ("All mailboxes of a domain", ("service_account_key",)),
        ("News at once", ("topic", "push_sender")),
    )
    advanced = (("Pushes", ("push_audience",)),)

    client_id = StringField(
        "Client ID",
        [Optional(), Length(max=300)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
        description="Ends in .apps.googleusercontent.com. The page Connect → Gmail says how to make one.",
    )
    client_secret = SecretField(
        "Client secret", [Optional(), Length(max=300)], description="From the same page of Google. Kept encrypted."
    )
    service_account_key = KeyFileField(
        "Key of a service account",
        [Optional(), Length(max=10_000), _is_key_file],
        description="Only for Google Workspace: paste the whole JSON file. An admin of the domain must allow it, see Connect → Gmail.",
    )
    topic = StringField(
        "Pub/Sub topic",
        [Optional(), Length(max=300), _TOPIC],
        description="For example projects/my-project/topics/gmail. Empty: mailboxes are asked for news every minute.",
    )
    push_sender = StringField(
        "Service account that signs pushes",
        [_NeededWith("topic", "Give the service account that signs pushes."), Length(max=300), _ADDRESS],
        description="The address that was chosen when the subscription was made. Pushes of anybody else are refused.",
    )
    push_audience = StringField(
        "Audience of pushes",
        [Optional(), Length(max=500), _URL],
        description="Only if the subscription was given another one than the address it posts to.",
    )


class MailboxForm(SettingsForm):
    """Everything an admin decides about one mailbox. Address and sign-in are filled in by connecting it."""

    advanced = (
        (
            "Labels and conversations",
            ("maps_labels", "archives_resolved", "resolved_label", "pending_label", "spam_label", "tag_prefix"),
        ),
        ("News and answers", ("is_pushed", "plus_addresses")),
        ("Filled in by connecting", ("address", "sign_in", "refresh_token")),
    )

    display_name = StringField(
        "Name shown to recipients",
        [Length(max=100)],
        description="For example the name of your company. Empty: the name of the agent who answers.",
    )
    send_as = EmailField(
        "Send as",
        [Optional(), Length(max=254), _ADDRESS],
        description="Another address that Gmail lets this mailbox use (Settings → Accounts → Send mail as). Empty: its own.",
    )
    signature = TextAreaField(
        "Signature",
        [Length(max=5000)],
        description="Put below each answer that an agent writes, not below automatic ones.",
    )
    labels = TextAreaField(
        "Labels to read",
        [Length(max=2000)],
        default="INBOX",
        description="One a line, as Gmail shows them: Support/Orders is Orders below Support. INBOX is the inbox, SPAM brings spam too.",
    )
    reads_sent = BooleanField(
        "Show answers that were written in Gmail",
        default=True,
        description="They appear in their conversation as sent.",
    )

    maps_labels = BooleanField(
        "Labels stand for status and tags",
        description="What is changed here changes labels in Gmail, and the other way round.",
    )
    archives_resolved = BooleanField(
        "Resolved is archived",
        description="Resolving takes the mail out of the inbox of Gmail; archiving it there resolves it here.",
    )
    resolved_label = StringField("Label for resolved", [Length(max=200)], description="Empty: none.")
    pending_label = StringField("Label for pending", [Length(max=200)], description="Empty: none.")
    spam_label = StringField(
        "Label for spam",
        [Length(max=200)],
        default="SPAM",
        description="SPAM is the spam folder of Gmail itself. Empty: none.",
    )
    tag_prefix = StringField(
        "Labels that are tags begin with",
        [Length(max=100)],
        description="For example Tidings/: the label Tidings/Billing is then the tag Billing. Empty: none.",
    )
    is_pushed = BooleanField(
        "Hear of new mail at once",
        default=True,
        description="Where a Pub/Sub topic is set up for the plugin. Otherwise Gmail is asked every minute.",
    )
    plus_addresses = BooleanField(
        "Use plus addresses for answers",
        description="Answers are asked to name+…@, which brings them home even when a mail program loses the thread.",
    )

    address = EmailField(
        "E-mail address",
        [InputRequired("Give the address of the mailbox."), Length(max=254), _ADDRESS],
        description="Customers write to this address.",
    )
    sign_in = SelectField(
        "Access",
        default=OAUTH,
        choices=[
            SelectChoice(OAUTH, "The owner signed in"),
            SelectChoice(DELEGATED, "A service account of the domain"),
        ],
        description="How Tidings gets into the mailbox.",
    )
    refresh_token = SecretField(
        "Refresh token",
        [Length(max=5000)],
        description="Comes from signing in with Google. Kept encrypted.",
    )
