"""The first-run page: who the first admin is and what the business is called. Choices are handed in."""

from collections.abc import Sequence

from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from forms.base import Form

__all__ = ["FirstRunForm", "NewPasswordForm"]


class FirstRunForm(Form):
    """The first admin and the business."""

    name = StringField(
        "Your name",
        validators=[DataRequired("Tell us your name."), Length(max=120)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        "Your e-mail address",
        validators=[DataRequired("An address is needed to sign in."), Length(max=255)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        validators=[DataRequired("Choose a password.")],
        description="At least 10 characters; several words are good.",
        render_kw={"autocomplete": "new-password"},
    )
    business_name = StringField(
        "Name of your business", validators=[DataRequired("Give it a name."), Length(max=120)],
        render_kw={"autocomplete": "organization"},
    )  # fmt: skip
    language = SelectField("Language")
    timezone = SelectField("Time zone", default="UTC", render_kw={"data-timezone": ""})

    def offer(self, languages: Sequence[tuple[str, str]], timezones: Sequence[tuple[str, str]]) -> "FirstRunForm":
        """Hand in the choices."""
        self.language.choices = [SelectChoice(*one) for one in languages]
        self.timezone.choices = [SelectChoice(*one) for one in timezones]
        return self


class NewPasswordForm(Form):
    """The first password of somebody who was invited, or a new one."""

    password = PasswordField(
        "Password",
        validators=[DataRequired("Choose a password.")],
        description="At least 10 characters; several words are good.",
        render_kw={"autocomplete": "new-password"},
    )
