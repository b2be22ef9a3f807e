"""The settings of a mailbox. Servers left empty are filled in from the provider, so that an address and a password are enough."""

from typing import Any

from wtforms import BooleanField, EmailField, Field, Form, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, StopValidation, ValidationError

from connectors.imap_smtp import PRESETS, ProviderPreset, preset_for_address
from connectors.mail_oauth import PROVIDERS
from plugins.mailbox.confirming import unknown_placeholders
from plugins.mailbox.dkim_signing import read_key, signing_domain
from plugins.mailbox.form_addresses import AddressFields
from plugins.mailbox.settings import (
    ALWAYS,
    APPEND,
    AUTOMATIC,
    DELIVERED,
    EVERYBODY,
    IMAP,
    NONE,
    OFF,
    OTHER,
    PASSWORD,
    SAME,
    SENDER,
    SERVER,
    XOAUTH2,
    default_port,
    keeper_of_copies,
)
from plugins.mailbox.signing_in.application import may_have_tokens, preset_for_sign_in
from tidings import SecretField, SettingsForm

__all__ = ["MailboxSettingsForm"]

_SECURITIES = [
    SelectChoice("tls", "TLS from the start"),
    SelectChoice("starttls", "STARTTLS"),
    SelectChoice("none", "None (only inside one machine or a network you trust)"),
]
_ADDRESS = Regexp(r"\A[^@\s<>,;\"]+@[^@\s<>,;\"]+\Z", message="This is not an e-mail address.")
_CONFIRMATION = "Thank you for your message. It has the number {number}, and we will answer it as soon as we can."
_HOST = Regexp(r"(?i)\A[\w.:\[\]-]+\Z", message="This is not the name of a server, such as imap.example.com.")


def _trimmed(text: str | None) -> str | None:
    return text.strip() if text else text


class _RequiredWhen:
    """Asks for a value only where another field has the given one. The flag lets an edit page keep a secret that is stored."""

    field_flags = {"required": False}

    def __init__(self, other: str, value: str, sentence: str) -> None:
        self._other, self._value, self._sentence = other, value, sentence

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data and form[self._other].data == self._value:
            raise StopValidation(self._sentence)
        if not field.data:
            raise StopValidation


class _RequiredWithSelector:
    """Asks for a key where a selector is given. The flag lets an edit page keep a key that is stored."""

    field_flags = {"required": False}

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data and form["dkim_selector"].data:
            raise StopValidation("Give the private key that goes with the selector.")
        if not field.data:
            raise StopValidation


class MailboxSettingsForm(AddressFields, SettingsForm):
    """Everything an admin decides about one mailbox. From which date on mail is fetched is asked by the host."""

    advanced = (
        ("What recipients see", ("display_name", "signature")),
        ("Confirmation of receipt", ("confirms", "confirmation")),
        ("Sign-in", ("provider", "username")),
        ("Incoming server", ("receive_by", "imap_host", "imap_port", "imap_security", "folders", "trusted_hosts")),
        ("Outgoing server", ("smtp_host", "smtp_port", "smtp_security", "smtp_auth", "smtp_username", "smtp_password")),
        ("Addresses", ("aliases", "cc_only")),
        ("Answers", ("answers_to", "plus_addresses")),
        ("What comes back", ("return_address", "return_pattern")),
        ("Sent mail", ("sent_copy", "sent_folder")),
        ("Signature of the domain (DKIM)", ("dkim_selector", "dkim_domain", "dkim_key")),
        (
            "Sign-in by token",
            ("oauth_token_url", "oauth_client_id", "oauth_client_secret", "oauth_refresh_token", "oauth_scope"),
        ),
    )

    address = EmailField(
        "E-mail address",
        [InputRequired("Give the address of the mailbox."), Length(max=254), _ADDRESS],
        description="Customers write to this address and get their answers from it.",
    )
    auth = SelectField(
        "How to sign in",
        default=PASSWORD,
        choices=[
            SelectChoice(PASSWORD, "Password or app password"),
            *(SelectChoice(one.key, f"Sign in with {one.title}") for one in PROVIDERS.values()),
            SelectChoice(XOAUTH2, "Token of my own (OAuth 2)"),
        ],
        description="Microsoft lets programs in only by signing in; Google takes an app password too.",
    )
    password = SecretField(
        "Password",
        [_RequiredWhen("auth", PASSWORD, "Give the password of the mailbox."), Length(max=1000)],
        description="Kept encrypted. Gmail, Yahoo, iCloud and Fastmail want one made for mail programs (an app password) instead of your "
        "own. Leave it empty if you sign in with Google or Microsoft: that is the next page.",
    )
    display_name = StringField(
        "Name shown to recipients",
        [Length(max=100)],
        description="For example the name of your company. Empty: the name of the agent who answers.",
    )
    provider = SelectField(
        "Provider",
        default=AUTOMATIC,
        choices=[
            SelectChoice(AUTOMATIC, "By the address"),
            *(SelectChoice(preset.key, preset.title) for preset in PRESETS),
            SelectChoice(OTHER, "Another one"),
        ],
        description="Fills in the servers that are left empty below.",
    )

    username = StringField(
        "User name",
        [Length(max=254)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
        description="Empty: the e-mail address, which is right almost everywhere, for shared mailboxes of Microsoft too.",
    )

    receive_by = SelectField(
        "How mail comes in",
        default=IMAP,
        choices=[
            SelectChoice(IMAP, "Fetched from an IMAP server"),
            SelectChoice(DELIVERED, "Delivered to Tidings by your own mail server"),
        ],
        description="The second needs the listener that is switched on by TIDINGS_PLUGIN_MAILBOX_LISTEN.",
    )
    imap_host = StringField(
        "Server",
        [Optional(), Length(max=253), _HOST],
        description="For example imap.example.com. Empty: it is found by the address.",
    )
    imap_port = IntegerField(
        "Port", [Optional(), NumberRange(1, 65535)], description="Empty: the usual one, 993 for TLS."
    )
    imap_security = SelectField(
        "Encryption", default="tls", choices=_SECURITIES, description="TLS wherever the server offers it."
    )
    folders = TextAreaField(
        "Folders to read",
        [Length(max=2000)],
        default="INBOX",
        description="One a line. New mail in the first one is noticed at once, in the others within a minute.",
    )
    trusted_hosts = TextAreaField(
        "Servers whose checks count",
        [
            Length(max=1000),
            Regexp(r"(?i)\A[\w.:*\s-]*\Z", message="Give names of servers, one a line, such as mx.example.com."),
        ],
        description="Who a mail is from is believed when one of these servers found it right. One a line, * stands for anything: "
        "mx.example.com, *.example.net; also addresses and networks: 192.0.2.7, 192.0.2.*, 2001:db8:*. Name only servers that receive your "
        "mail and take such words out of what comes in. Empty: those of the provider, or the server that put the mail into the mailbox.",
    )

    smtp_host = StringField(
        "Server",
        [Optional(), Length(max=253), _HOST],
        description="For example smtp.example.com. Empty: it is found by the address.",
    )
    smtp_port = IntegerField(
        "Port", [Optional(), NumberRange(1, 65535)], description="Empty: the usual one, 465 for TLS, 587 for STARTTLS."
    )
    smtp_security = SelectField(
        "Encryption", default="tls", choices=_SECURITIES, description="TLS or STARTTLS, as the provider says."
    )
    smtp_auth = SelectField(
        "Sign-in for sending",
        default=SAME,
        choices=[
            SelectChoice(SAME, "The same as above"),
            SelectChoice(OTHER, "Another user name and password"),
            SelectChoice(NONE, "None (a relay of your own)"),
        ],
        description="Almost always the same.",
    )
    smtp_username = StringField(
        "User name for sending",
        [Length(max=254)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
        description="Only where sending has a user name of its own.",
    )
    smtp_password = SecretField(
        "Password for sending",
        [_RequiredWhen("smtp_auth", OTHER, "Give the password for sending."), Length(max=1000)],
        description="Only where sending has a password of its own.",
    )

    sent_copy = SelectField(
        "Copies in the Sent folder",
        default=AUTOMATIC,
        choices=[
            SelectChoice(AUTOMATIC, "Whatever suits the provider"),
            SelectChoice(SERVER, "The server keeps one by itself"),
            SelectChoice(APPEND, "Tidings puts one there"),
            SelectChoice(NONE, "None"),
        ],
        description="Gmail and Microsoft keep a copy of what is sent by themselves, most others do not.",
    )
    sent_folder = StringField(
        "Sent folder", [Length(max=200)], description="Empty: the one that the server marks as such."
    )
    answers_to = SelectField(
        "Who gets an answer",
        default=EVERYBODY,
        choices=[
            SelectChoice(EVERYBODY, "Everybody who got the message"),
            SelectChoice(SENDER, "Only who wrote it"),
        ],
        description="People in To and Cc of a customer's mail; the agent sees them and can choose otherwise for each answer.",
    )
    plus_addresses = BooleanField(
        "Use plus addresses for answers",
        description="Switch on if mail to name+anything@… arrives in this mailbox: answers then find their conversation even when a "
        "mail program loses the thread.",
    )
    signature = TextAreaField(
        "Signature",
        [Length(max=5000)],
        description="Put below each answer that an agent writes, not below automatic ones.",
    )
    confirms = SelectField(
        "Confirm receipt",
        default=OFF,
        choices=[SelectChoice(OFF, "No"), SelectChoice(ALWAYS, "Always")],
        description="A mail that says that a message has come, once for each new conversation. Machines, mailing lists and Spam get none.",
    )
    confirmation = TextAreaField(
        "Text of the confirmation",
        [_RequiredWhen("confirms", ALWAYS, "Say what the confirmation tells."), Length(max=5000)],
        default=_CONFIRMATION,
        filters=[_trimmed],
        description="{name}, {number} and {subject} stand for the sender, the number of the conversation and its subject.",
    )

    dkim_selector = StringField(
        "Selector",
        [
            Optional(),
            Length(max=63),
            Regexp(r"(?i)\A[a-z0-9]([a-z0-9._-]*[a-z0-9])?\Z", message="Use letters and digits."),
        ],
        description="Any word, such as tidings. With a selector and a key, what leaves is signed here; the account's page then shows the "
        "record for the DNS. Leave it empty where your provider signs, as most do.",
    )
    dkim_domain = StringField(
        "Domain of the signature",
        [Length(max=253)],
        description="Empty: the domain of the e-mail address.",
    )
    dkim_key = SecretField(
        "Private key",
        [_RequiredWithSelector(), Length(max=10_000)],
        description="A private RSA key as PEM, made by: openssl genrsa -out dkim.pem 2048. Kept encrypted.",
    )

    oauth_token_url = StringField(
        "Token address",
        [
            _RequiredWhen("auth", XOAUTH2, "Give the address where tokens are refreshed."),
            Length(max=500),
            Regexp(r"https://|http://(127\.0\.0\.1|localhost)[:/]", message="It must begin with https://."),
        ],
        description="For example https://oauth2.googleapis.com/token.",
    )
    oauth_client_id = StringField(
        "Client ID",
        [_RequiredWhen("auth", XOAUTH2, "Give the ID of the registered application."), Length(max=500)],
        description="Of the application that you registered with the provider.",
    )
    oauth_client_secret = SecretField(
        "Client secret", [Length(max=1000)], description="Kept encrypted. Empty for applications that have none."
    )
    oauth_refresh_token = SecretField(
        "Refresh token",
        [_RequiredWhen("auth", XOAUTH2, "Give the refresh token."), Length(max=5000)],
        description="Kept encrypted and renewed by itself when the provider hands out a new one.",
    )
    oauth_scope = StringField(
        "Scope", [Length(max=1000)], description="Only where the provider asks for it when a token is refreshed."
    )

    def validate_confirmation(self, field: Field) -> None:
        if unknown := unknown_placeholders(field.data or ""):
            sentence = field.gettext("Nothing is known of {%(name)s}. There are {name}, {number} and {subject}.")
            raise ValidationError(sentence % {"name": unknown[0]})

    def validate_dkim_domain(self, field: Field) -> None:
        """Receivers take the signature of another domain for nobody's."""
        try:
            domain = signing_domain(field.data) if field.data else ""
            own = signing_domain((self.address.data or "").rpartition("@")[2])
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if domain and own != domain and not own.endswith(f".{domain}"):
            raise ValidationError("It must be the domain of the e-mail address, or one above it.")
        field.data = domain

    def validate_dkim_key(self, field: Field) -> None:
        """A key that nobody can sign with is refused here, not when the first mail is to leave."""
        try:
            field.data = read_key(field.data).decode("ascii") if field.data else field.data
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields and, when they are right, fill in what was left empty."""
        is_valid = super().validate(extra_validators)
        if is_valid:
            self._fill_in()
        return is_valid and self._keeps_tokens_home()

    def is_usual(self, field: Field) -> bool:
        """Also what a known provider's preset fills in is usual; called by the host's page."""
        preset = self._known_preset()
        if preset is None or super().is_usual(field):
            return super().is_usual(field)
        return field.data == _filled_in(preset).get(field.short_name, not field.data)

    def _fill_in(self) -> None:
        """What a known provider's preset says. Servers of others stay empty here; `finding` looks for them."""
        preset = self._known_preset()
        for protocol, known in (("imap", preset and preset.imap), ("smtp", preset and preset.smtp)):
            host, port, security = (self[f"{protocol}_{part}"] for part in ("host", "port", "security"))
            if known and not host.data:
                host.data, port.data, security.data = known.host, known.port, known.security
            elif host.data and not port.data:
                port.data = default_port(protocol, security.data)
        if self.sent_copy.data == AUTOMATIC and self.smtp_host.data:
            self.sent_copy.data = keeper_of_copies(self.smtp_host.data, self.receive_by.data)

    def _keeps_tokens_home(self) -> bool:
        """What Google or Microsoft hand out for a mailbox opens all of it, so no other server gets to see it."""
        servers = [self.imap_host, *([self.smtp_host] if self.smtp_auth.data == SAME else [])]
        strange = [field for field in servers if field.data and not may_have_tokens(self.auth.data, field.data)]
        for field in strange:
            field.errors = [field.gettext("Signing in is for the provider's own servers. Empty: they are filled in.")]
        return not strange

    def _known_preset(self) -> ProviderPreset | None:
        address = self.address.data or ""
        if signed_in_to := preset_for_sign_in(self.auth.data, address):
            return signed_in_to
        if self.provider.data == AUTOMATIC:
            return preset_for_address(address)
        return next((preset for preset in PRESETS if preset.key == self.provider.data), None)


def _filled_in(preset: ProviderPreset) -> dict[str, object]:
    """What a preset puts into the fields of the form."""
    return {
        "provider": preset.key,
        "imap_host": preset.imap.host,
        "imap_port": preset.imap.port,
        "imap_security": preset.imap.security,
        "smtp_host": preset.smtp.host,
        "smtp_port": preset.smtp.port,
        "smtp_security": preset.smtp.security,
        "sent_copy": SERVER if preset.saves_sent else APPEND,
    }
