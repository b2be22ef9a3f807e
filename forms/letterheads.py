"""What stands below answers, as managers change it. Choices are handed in."""

from collections.abc import Sequence

from wtforms import BooleanField, FileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from forms.base import Form

__all__ = ["LetterheadForm"]

Choices = Sequence[tuple[str, str]]


class LetterheadForm(Form):
    """A letterhead and what it is for."""

    name = StringField("Name", validators=[DataRequired("Give a name."), Length(max=80)])
    account = SelectField("Account")
    team = SelectField(
        "Team", description="The one that fits best is taken: for account and team, account, team, everybody."
    )
    signature = TextAreaField(
        "Signature",
        validators=[Length(max=5000)],
        description="Below what agents write. Markdown, such as **bold** and [links](https://example.com).",
        render_kw={"rows": 5},
    )
    footer = TextAreaField(
        "Footer",
        validators=[Length(max=5000)],
        description="Below the signature, and below automatic messages: what the law asks for.",
        render_kw={"rows": 3},
    )
    colour = StringField(
        "Colour of the line",
        validators=[Length(max=7)],
        description="Above the signature.",
        render_kw={"placeholder": "#0a7d6c"},
    )
    logo = FileField(
        "Logo",
        description="PNG, JPEG, GIF or WebP, at most 200 kB.",
        render_kw={"accept": "image/png,image/jpeg,image/gif,image/webp"},
    )
    drops_logo = BooleanField("Take the logo away")

    def offer(self, accounts: Choices, teams: Choices, *, has_logo: bool) -> "LetterheadForm":
        """Hand in the choices, each beginning with that for all of them."""
        self.account.choices = [SelectChoice(*one) for one in accounts]
        self.team.choices = [SelectChoice(*one) for one in teams]
        if not has_logo:
            del self.drops_logo
        return self
