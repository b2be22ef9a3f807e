"""The settings of a contact form. Which accounts can send answers is handed in, not asked for here."""

from collections.abc import Callable, Sequence

from wtforms import BooleanField, Field, IntegerField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange

from plugins.webform.form_settings import read_origins
from tidings import SettingsForm

__all__ = ["WebformSettingsForm", "settings_form"]

SendingChoices = Callable[[], Sequence[tuple[int, str]]]
_AUTOMATIC = SelectChoice(0, "The first mailbox that can send")


class WebformSettingsForm(SettingsForm):
    """What an admin decides beside the form itself, which is made in the builder."""

    advanced = (
        ("Where it may be used", ("allowed_origins", "takes_plain_posts")),
        ("Protection", ("verifies_email", "proof", "posts_per_hour", "keep_ip_days")),
    )

    answer_from = SelectField(
        "Answers leave through",
        coerce=int,
        default=0,
        choices=[_AUTOMATIC],
        description="Visitors get their answers by mail; this is the mailbox that sends them.",
    )

    allowed_origins = TextAreaField(
        "Sites that may embed the form",
        validators=[Length(max=5000)],
        render_kw={"placeholder": "https://www.example.com", "spellcheck": "false"},
        description="One address a line. Empty: any site may. The form's own page always works.",
    )
    takes_plain_posts = BooleanField(
        "Take posts of plain HTML forms",
        default=True,
        description="From a <form> that somebody wrote into a page by hand. Such posts are looked at more strictly.",
    )

    verifies_email = BooleanField(
        "Have addresses confirmed",
        default=False,
        description="Visitors get a mail with a link; until they have followed it, their message waits in Spam.",
    )
    proof = SelectField(
        "Proof of work",
        default="auto",
        choices=[
            SelectChoice("auto", "While an attack is on"),
            SelectChoice("always", "Always"),
            SelectChoice("never", "Never"),
        ],
        description="The visitor's browser solves a small puzzle by itself, which makes sending many messages costly.",
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
