"""A new message to somebody who has not written yet. The accounts it may leave through are handed in."""

from collections.abc import Collection, Sequence

from wtforms import MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from forms.base import Form

__all__ = ["OPTIONAL", "ComposeForm"]

OPTIONAL = ("cc", "subject", "files")
"""Fields of which not every channel can send what stands in them."""


class ComposeForm(Form):
    """Everything a first message needs."""

    account = SelectField("From")
    to = StringField("To", validators=[DataRequired("Say whom this is for."), Length(max=1000)])
    cc = StringField("Cc", validators=[Optional(), Length(max=2000)])
    subject = StringField("Subject", validators=[Optional(), Length(max=500)])
    body = TextAreaField("Message", validators=[DataRequired("Write a message first.")])
    files = MultipleFileField("Files")

    def offer(self, accounts: Sequence[tuple[str, str]], carried: Collection[str] = OPTIONAL) -> "ComposeForm":
        """Hand in the accounts as (id, name), and which of the `OPTIONAL` fields at least one of them can send. The others are left out,
        unless something stands in them."""
        self.account.choices = list(accounts)
        for name in OPTIONAL:
            if name not in carried and not self[name].data:
                del self[name]
        return self
