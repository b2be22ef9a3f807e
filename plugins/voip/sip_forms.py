"""The settings that a SIP line has beside those of every line."""

import re

from wtforms import Field, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange

from tidings import SecretField, SettingsForm

__all__ = ["SIP_FIELDS", "SIPFields"]

SIP_FIELDS = (
    "sip_server",
    "sip_user",
    "sip_password",
    "sip_login",
    "sip_proxy",
    "sip_transport",
    "sip_extension",
    "sip_answers_after_s",
)
_SERVER = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\Z")
_USER = re.compile(r"[^\s@:;<>\"?]+\Z")


class SIPFields(SettingsForm):
    """Mixed into the form of the plugin. What is required is so only for lines carried by SIP."""

    sip_server = StringField(
        "SIP server",
        validators=[Length(max=255)],
        render_kw={"placeholder": "pbx.example.com", "spellcheck": "false"},
        description="The registrar of your trunk or PBX, with a port where it is not 5060.",
    )
    sip_user = StringField(
        "User or extension",
        validators=[Length(max=80)],
        render_kw={"spellcheck": "false"},
        description="Calls to this user of the PBX, or to this number of the trunk, are answered here.",
    )
    sip_password = SecretField("Password", description="The password of that user at the SIP server.")
    sip_login = StringField(
        "Login name",
        validators=[Length(max=80)],
        render_kw={"spellcheck": "false"},
        description="Where the password belongs to another name than the user.",
    )
    sip_proxy = StringField(
        "Outbound proxy",
        validators=[Length(max=255)],
        render_kw={"spellcheck": "false"},
        description="Where your provider names one beside the server.",
    )
    sip_transport = SelectField(
        "Transport",
        choices=[SelectChoice("udp", "UDP"), SelectChoice("tcp", "TCP"), SelectChoice("tls", "TLS")],
        default="udp",
        description="How it is spoken with.",
    )
    sip_extension = StringField(
        "Telephone of the agents",
        validators=[Length(max=80)],
        description="The extension, group or number that calls to the agents are connected with. Empty: callers leave a message.",
    )
    sip_answers_after_s = IntegerField(
        "Answer after",
        default=10,
        validators=[NumberRange(0, 120)],
        description="Seconds it rings before the greeting, so that a telephone beside it can be faster.",
    )

    def validate_sip_server(self, field: Field) -> None:
        """Called by WTForms."""
        self._check(field, _SERVER, "Write it like pbx.example.com or pbx.example.com:5061.")

    def validate_sip_user(self, field: Field) -> None:
        """Called by WTForms."""
        self._check(field, _USER, "Write the name alone, without a server.")

    def validate_sip_proxy(self, field: Field) -> None:
        """Called by WTForms."""
        if (field.data or "").strip():
            self._check(field, _SERVER, "Write it like pbx.example.com or pbx.example.com:5061.")

    def validate_sip_password(self, field: Field) -> None:
        """Quotes and backslashes cannot be sent by the library; called by WTForms."""
        if set(field.data or "") & set('"\\'):
            raise ValidationError(field.gettext("Passwords with quotes or backslashes cannot be used."))

    def _check(self, field: Field, pattern: re.Pattern[str], sentence: str) -> None:
        if self["driver"].data == "sip" and not pattern.match((field.data or "").strip()):
            raise ValidationError(field.gettext(sentence))
