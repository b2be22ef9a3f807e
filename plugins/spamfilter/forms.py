"""What an admin decides: which accounts are looked at, from when on something is spam, and what is learnt from."""

from wtforms import BooleanField, Field, IntegerField, TextAreaField, ValidationError
from wtforms.validators import Length, NumberRange

from tidings import SettingsForm

__all__ = ["SpamfilterSettings"]


class SpamfilterSettings(SettingsForm):
    """Nothing is ever thrown away: what is held to be spam waits in Spam."""

    sure = IntegerField(
        "Spam from",
        validators=[NumberRange(min=70, max=99)],
        default=95,
        description="Per cent. What scores so much goes to Spam. A higher number lets more spam through and is wrong more seldom.",
    )
    unsure = IntegerField(
        "Unsure from",
        validators=[NumberRange(min=30, max=98)],
        default=60,
        description="Per cent. What scores so much stays in the inbox, with its score beside it.",
    )
    tags_unsure = BooleanField(
        "Tag what is unsure", default=False, description="Puts the tag “maybe spam” on it, so that it can be listed."
    )
    learns_from_answers = BooleanField(
        "Learn from answers",
        default=True,
        description="What agents answer is no spam, unless they say so. Without this only “Spam” and “Not spam” teach.",
    )
    left_out = TextAreaField(
        "Left out",
        validators=[Length(max=5_000)],
        default="webform",
        render_kw={"rows": 3, "spellcheck": "false", "placeholder": "help@example.com"},
        description="Accounts that are not looked at, one a line: their name or address, or a channel such as webform, which has "
        "rules of its own.",
    )

    def validate_unsure(self, field: Field) -> None:
        """Called by WTForms."""
        if field.data is not None and self.sure.data is not None and field.data >= self.sure.data:
            raise ValidationError(field.gettext("This must be less than what is spam."))
