"""The settings of a contact form. Which accounts can send answers is handed in, not asked for here."""

from collections.abc import Callable, Sequence

from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from plugins.webform.definition import USUAL_CONFIRMATION, USUAL_THANKS, USUAL_TITLE, read_origins
from tidings import SettingsForm

__all__ = ["WebformSettingsForm", "settings_form"]

SendingChoices = Callable[[], Sequence[tuple[int, str]]]
_AUTOMATIC = SelectChoice(0, "The first mailbox that can send")


class WebformSettingsForm(SettingsForm):
    """Everything an admin decides about one form."""

    advanced = (
        ("What visitors see", ("asks_subject", "thanks")),
        ("Answers", ("sends_confirmation", "confirmation_text", "team_id")),
        ("Files", ("max_files", "max_megabytes")),
        ("Where it may be used", ("allowed_origins",)),
        ("Protection", ("posts_per_hour", "keep_ip_days")),
    )

    title = StringField(
        "Title",
        validators=[Length(max=120)],
        render_kw={"placeholder": USUAL_TITLE},
        description="Stands above the form. Empty: the usual one, in the visitor's language.",
    )
    intro = TextAreaField(
        "Text above the form",
        validators=[Length(max=2000)],
        description="For example when you are there, or what to have at hand.",
    )
    asks_subject = BooleanField(
        "Ask for a subject", default=True, description="Without it the first words of the message become the subject."
    )
    thanks = TextAreaField(
        "Thank-you text",
        validators=[Length(max=2000)],
        render_kw={"placeholder": USUAL_THANKS},
        description="Shown when a message was sent. Empty: the usual one, in the visitor's language.",
    )

    answer_from = SelectField(
        "Answers leave through",
        coerce=int,
        default=0,
        choices=[_AUTOMATIC],
        description="Visitors get their answers by mail; this is the mailbox that sends them.",
    )
    sends_confirmation = BooleanField(
        "Confirm by mail", default=True, description="The visitor gets a mail at once and can go on by answering it."
    )
    confirmation_text = TextAreaField(
        "Text of the confirmation",
        validators=[Length(max=5000)],
        render_kw={"placeholder": USUAL_CONFIRMATION, "rows": 4},
        description="Empty: the usual one, in the visitor's language. {number} stands for the number of the conversation. "
        "Nothing that the visitor wrote is repeated in it, so that nobody can use the form to send their own words to others.",
    )
    team_id = IntegerField(
        "Team number",
        validators=[Optional(), NumberRange(min=1)],
        description="Conversations of this form go to this team; empty: to the team of the account.",
    )

    max_files = IntegerField(
        "Most files", default=5, validators=[NumberRange(min=0, max=20)], description="0: no files can be sent."
    )
    max_megabytes = IntegerField(
        "Most megabytes",
        default=10,
        validators=[NumberRange(min=1, max=50)],
        description="All files of one message together.",
    )

    allowed_origins = TextAreaField(
        "Sites that may embed the form",
        validators=[Length(max=5000)],
        render_kw={"placeholder": "https://www.example.com", "spellcheck": "false"},
        description="One address a line. Empty: any site may. The form's own page always works.",
    )

    posts_per_hour = IntegerField(
        "Messages an hour",
        default=20,
        validators=[NumberRange(min=1, max=10_000)],
        description="From one internet address; five times as many from its whole network.",
    )
    keep_ip_days = IntegerField(
        "Days to keep addresses",
        default=7,
        validators=[NumberRange(min=0, max=365)],
        description="How long agents see a visitor's internet address. 0: it is never stored.",
    )

    def validate_allowed_origins(self, field: Field) -> None:
        """Names the first line that is no web address; called by WTForms."""
        _, wrong = read_origins(field.data or "")
        if wrong:
            sentence = field.gettext("“%(line)s” is not a web address such as https://www.example.com.")
            raise ValidationError(sentence % {"line": wrong[0][:80]})


def settings_form(sending_accounts: SendingChoices) -> type[WebformSettingsForm]:
    """The form class whose choice of sending account is asked for each time a page is made."""

    class BoundSettingsForm(WebformSettingsForm):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            self.answer_from.choices = [_AUTOMATIC, *(SelectChoice(*account) for account in sending_accounts())]

    return BoundSettingsForm
