"""A new message to somebody who has not written yet. The accounts it may leave through, and in which ways, are handed in."""

from collections.abc import Collection, Mapping, Sequence

from wtforms import Field, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from forms.base import Form

__all__ = ["OPTIONAL", "ComposeForm"]

OPTIONAL = ("cc", "bcc", "subject", "files")
"""Fields of which not every channel can send what stands in them."""


class ComposeForm(Form):
    """Everything a first message needs."""

    account = SelectField("From")
    to = StringField("To", validators=[DataRequired("Say whom this is for."), Length(max=1000)])
    cc = StringField("Cc", validators=[Optional(), Length(max=2000)])
    bcc = StringField("Bcc", validators=[Optional(), Length(max=2000)])
    subject = StringField("Subject", validators=[Optional(), Length(max=500)])
    choice = StringField()
    body = TextAreaField("Message")
    files = MultipleFileField("Files")
    ways: Mapping[str, bool] = {}

    def offer(self, accounts: Sequence[tuple[str, str]], carried: Collection[str] = OPTIONAL) -> "ComposeForm":
        """Hand in the accounts as (id, name), and which of the `OPTIONAL` fields at least one of them can send. The others are left out,
        unless something stands in them."""
        self.account.choices = [SelectChoice(*one) for one in accounts]
        for name in OPTIONAL:
            if name not in carried and not self[name].data:
                del self[name]
        return self

    def offer_ways(self, ways: Mapping[str, bool]) -> "ComposeForm":
        """Hand in the ways in which the chosen account sends a first message: the key of each, and whether it takes a text."""
        self.ways = ways
        if not ways:
            self.choice.data = ""
        return self

    def validate_choice(self, field: Field) -> None:
        """Nobody sends in a way they have not seen."""
        if self.ways and not field.data:
            raise ValidationError("Choose how to send it.")

    def validate_body(self, field: Field) -> None:
        """A text is needed where the chosen way takes one."""
        if self.ways.get(self.choice.data or "", True) and not (field.data or "").strip():
            raise ValidationError("Write a message first.")
