"""What agents note down about a contact."""

from wtforms import StringField, TelField, TextAreaField
from wtforms.validators import Length

from forms.base import Form

__all__ = ["ContactDetailsForm"]


class ContactDetailsForm(Form):
    """Name, company, phone and a note."""

    name = StringField("Name", validators=[Length(max=200)])
    company = StringField("Company", validators=[Length(max=200)])
    phone = TelField("Phone", validators=[Length(max=60)])
    about = TextAreaField("Note", validators=[Length(max=10_000)], render_kw={"rows": 4})
