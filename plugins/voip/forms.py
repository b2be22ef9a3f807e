"""The settings of a line: what holds for every driver, and what each driver needs. All of it shows for every line; what belongs to the
other driver stays empty."""

from zoneinfo import available_timezones

from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from plugins.voip.line import RING_IN_TURN, RING_TOGETHER
from plugins.voip.menu import MenuError, TargetKind, read_menu
from plugins.voip.numbers import is_e164, normalised
from plugins.voip.sip_forms import SIP_FIELDS, SIPFields
from tidings import SecretField
from tidings.hours import HoursError, read_hours

__all__ = ["VoipSettingsForm"]

TWILIO, SIP = "twilio", "sip"
_SOUND = "A text to be spoken, the name of an uploaded sound such as welcome.wav, or the https:// address of one."
_WHERE = [
    SelectChoice(TargetKind.QUEUE.value, "To the agents"),
    SelectChoice(TargetKind.VOICEMAIL.value, "To the voicemail"),
    SelectChoice(TargetKind.HANG_UP.value, "Nowhere: hang up after the greeting"),
]


class VoipSettingsForm(SIPFields):
    """Everything an admin decides about one number."""

    fieldsets = (
        ("Line", ("driver", "number", "region", "language")),
        ("Twilio", ("account_sid", "auth_token")),
        ("SIP", SIP_FIELDS),
    )
    advanced = (
        ("Hours", ("hours", "time_zone", "when_closed", "greeting_closed")),
        ("Greeting and menu", ("greeting", "menu", "without_choice")),
        ("Queue", ("rings", "ring_s", "longest_wait_s", "hold_music", "says_position", "alarm_s")),
        ("Voicemail", ("voicemail", "voicemail_longest_s")),
        ("Recordings", ("records_calls", "consent", "keep_days", "deletes_at_provider", "transcribes")),
    )

    driver = SelectField(
        "Carried by",
        choices=[SelectChoice(TWILIO, "Twilio"), SelectChoice(SIP, "A SIP trunk or extension")],
        default=TWILIO,
        description="Who carries calls to this number.",
    )
    number = StringField(
        "Number",
        validators=[InputRequired(), Length(max=40)],
        description="Your number with its country, such as +49301234.",
    )
    region = StringField(
        "Country",
        validators=[Length(max=2)],
        render_kw={"placeholder": "DE"},
        description="Two letters; numbers without a country are read as dialled there. Empty: the country of the number.",
    )
    language = SelectField(
        "Language",
        choices=[
            SelectChoice("en", "English"),
            SelectChoice("de", "Deutsch"),
            SelectChoice("el", "Ελληνικά"),
            SelectChoice("es", "Español"),
            SelectChoice("fr", "Français"),
            SelectChoice("pl", "Polski"),
            SelectChoice("ru", "Русский"),
        ],
        default="en",
        description="In which callers are spoken to, and in which calls are written down in the inbox.",
    )

    account_sid = StringField(
        "Account SID",
        validators=[Length(max=34)],
        render_kw={"placeholder": "AC…", "spellcheck": "false"},
        description="From the first page of Twilio's console.",
    )
    auth_token = SecretField(
        "Auth token", description="Stands below the account SID. It also signs what Twilio posts to us."
    )

    hours = TextAreaField(
        "Opening hours",
        validators=[Length(max=1000)],
        render_kw={"placeholder": "Mon-Fri 09:00-12:30 13:30-17:00\nSat 10:00-14:00", "rows": 3},
        description="One line for some days. Empty: always open.",
    )
    time_zone = StringField(
        "Time zone",
        default="UTC",
        validators=[Length(max=60)],
        description="In which the opening hours are meant, such as Europe/Berlin.",
    )
    when_closed = SelectField(
        "Calls while closed",
        choices=_WHERE,
        default=TargetKind.VOICEMAIL.value,
        description="Where calls go outside of the opening hours.",
    )
    greeting_closed = TextAreaField("Greeting while closed", validators=[Length(max=2000)], description=_SOUND)

    greeting = TextAreaField("Greeting", validators=[Length(max=2000)], description=_SOUND)
    menu = TextAreaField(
        "Menu",
        validators=[Length(max=1000)],
        render_kw={"placeholder": "1 = Sales\n2 = voicemail\n3 = +49305678", "rows": 3},
        description="One key a line, and where it leads: a queue by its name, voicemail, hang up, or a number. "
        "Name the keys in the greeting.",
    )
    without_choice = SelectField(
        "Calls without a choice",
        choices=_WHERE,
        default=TargetKind.QUEUE.value,
        description="Where calls go when there is no menu, or when nothing is chosen.",
    )

    rings = SelectField(
        "Ring agents",
        choices=[SelectChoice(RING_IN_TURN, "One after the other"), SelectChoice(RING_TOGETHER, "All together")],
        default=RING_IN_TURN,
        description="Those who are available, by the telephones they named on the page Calls.",
    )
    ring_s = IntegerField(
        "Ring for", default=20, validators=[NumberRange(5, 120)], description="Seconds until the next agent is rung."
    )
    longest_wait_s = IntegerField(
        "Longest wait",
        default=180,
        validators=[NumberRange(0, 3600)],
        description="Seconds a caller waits for an agent before the voicemail answers.",
    )
    hold_music = StringField(
        "Hold music",
        validators=[Length(max=500)],
        description="The name of an uploaded sound, or the https:// address of one. Empty: a melody of the carrier, or silence.",
    )
    says_position = BooleanField(
        "Tell the position", default=True, description="Callers hear how many calls are before theirs."
    )
    alarm_s = IntegerField(
        "Alarm after",
        default=60,
        validators=[NumberRange(0, 3600)],
        description="Seconds of waiting after which the page Calls raises an alarm. 0: never.",
    )

    voicemail = TextAreaField("Voicemail", validators=[Length(max=2000)], description=_SOUND)
    voicemail_longest_s = IntegerField(
        "Longest message",
        default=120,
        validators=[NumberRange(5, 600)],
        description="Seconds that callers may speak.",
    )

    records_calls = BooleanField(
        "Record calls",
        default=False,
        description="Talks with agents are recorded too. In many countries callers must be asked first.",
    )
    consent = TextAreaField(
        "Ask before recording",
        validators=[Length(max=2000)],
        render_kw={"placeholder": "This call may be recorded. Press 9 if you do not want that."},
        description="Said before a call that may be recorded. Key 9 switches recording off for that call. Empty: the sentence shown.",
    )
    keep_days = IntegerField(
        "Keep recordings for",
        default=0,
        validators=[NumberRange(0, 3650)],
        description="Days until recordings are deleted; what is written about the call stays. 0: for ever.",
    )
    deletes_at_provider = BooleanField(
        "Delete at the carrier", default=False, description="As soon as a recording is stored here it is deleted there."
    )
    transcribes = BooleanField(
        "Ask the carrier for a transcript",
        default=False,
        description="Twilio writes down voicemail in English, for a fee. There is no engine of our own that is good enough.",
    )

    def validate_number(self, field: Field) -> None:
        """Called by WTForms."""
        if not is_e164(normalised(field.data or "", "")):
            raise ValidationError(field.gettext("Write the number with its country, such as +49301234."))

    def validate_account_sid(self, field: Field) -> None:
        """Called by WTForms."""
        if self.driver.data == TWILIO and not (field.data or "").strip():
            raise ValidationError(field.gettext("Twilio needs it."))

    def validate_time_zone(self, field: Field) -> None:
        """Called by WTForms."""
        if field.data and field.data not in available_timezones():
            raise ValidationError(field.gettext("There is no such time zone."))

    def validate_hours(self, field: Field) -> None:
        """Names the first line that cannot be read; called by WTForms."""
        try:
            read_hours(field.data or "")
        except HoursError as error:
            sentence = field.gettext("“%(line)s” is not written like Mon-Fri 09:00-17:00.")
            raise ValidationError(sentence % {"line": error.line[:80]}) from error

    def validate_menu(self, field: Field) -> None:
        """Names the first line that cannot be read; called by WTForms."""
        try:
            read_menu(field.data or "", self.region.data or "")
        except MenuError as error:
            sentence = field.gettext("“%(line)s” is not written like 1 = Sales, or its key stands there twice.")
            raise ValidationError(sentence % {"line": error.line[:80]}) from error
