"""What an admin decides about spam, for all contact forms together; how it is used is in `spam`."""

from wtforms import Field, IntegerField, TextAreaField, ValidationError
from wtforms.validators import Length, NumberRange

from plugins.webform.guarding.spam import FREE_LINKS, is_sender_rule, lines_of
from tidings import SettingsForm

__all__ = ["SpamForm"]


class SpamForm(SettingsForm):
    """Everything that fits sends a message to Spam; nothing is thrown away."""

    blocked_words = TextAreaField(
        "Blocked words",
        validators=[Length(max=20_000)],
        render_kw={"rows": 4},
        description="One word or phrase a line. A message that holds one of them goes to Spam.",
    )
    blocked_senders = TextAreaField(
        "Blocked senders",
        validators=[Length(max=20_000)],
        render_kw={"rows": 4, "placeholder": "pest@example.com", "spellcheck": "false"},
        description="One mail address or domain a line. A domain stands for everything below it, too.",
    )
    free_links = IntegerField(
        "Links that are fine",
        default=FREE_LINKS,
        validators=[NumberRange(min=0, max=50)],
        description="Each further link in a message counts against it.",
    )

    fine_words = TextAreaField(
        "Words that are fine",
        validators=[Length(max=20_000)],
        render_kw={"rows": 3},
        description="Of your own business, one a line: a shop for poker tables writes “poker” here, and no question about them is taken "
        "for spam.",
    )

    def validate_blocked_senders(self, field: Field) -> None:
        """Names the first line that is neither address nor domain; called by WTForms."""
        wrong = next((line for line in lines_of(field.data) if not is_sender_rule(line)), "")
        if wrong:
            sentence = field.gettext("“%(line)s” is neither a mail address nor a domain such as example.com.")
            raise ValidationError(sentence % {"line": wrong[:80]})
