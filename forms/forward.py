"""Passing a message on. The accounts it may leave through, and whether there is an original to attach, are handed in."""

from collections.abc import Sequence

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from forms.base import Form, translatable

__all__ = ["ATTACHED", "QUOTED", "ForwardForm"]

ATTACHED, QUOTED = "attached", "quoted"
_FORMS = [
    SelectChoice(ATTACHED, translatable("Attach the original, as it came and with its files")),
    SelectChoice(QUOTED, translatable("Quote its text below mine")),
]


class ForwardForm(Form):
    """To whom, through which account, with which words, and how."""

    account = SelectField("From")
    to = StringField("To", validators=[DataRequired("Say whom this is for."), Length(max=1000)])
    cc = StringField("Cc", validators=[Optional(), Length(max=2000)])
    bcc = StringField("Bcc", validators=[Optional(), Length(max=2000)])
    form = RadioField("How", choices=_FORMS)
    with_files = BooleanField("With its files")
    body = TextAreaField("Message", validators=[Optional(), Length(max=200_000)])

    def offer(self, accounts: Sequence[tuple[str, str]], *, has_original: bool, has_files: bool) -> "ForwardForm":
        """Hand in the accounts as (id, name). Without an original it can only be quoted, without files there is nothing to add."""
        self.account.choices = [SelectChoice(*one) for one in accounts]
        if not has_original:
            del self.form
        if not has_files:
            del self.with_files
        return self
