"""What an admin sets: where the scanner is, and what happens without it."""

from wtforms import Field, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange

from plugins.clamav.clamd import read_server
from tidings import SettingsForm

__all__ = ["ClamAVSettings"]


class ClamAVSettings(SettingsForm):
    server = StringField(
        "Scanner",
        validators=[Length(max=250)],
        default="",
        render_kw={"spellcheck": "false", "placeholder": "/run/clamav/clamd.ctl"},
        description="The socket of clamd on this machine, or the name and port of one in your network, such as clamav.example.com:3310. "
        "Empty: nothing is looked at.",
    )
    timeout_s = IntegerField(
        "Most seconds",
        validators=[NumberRange(min=1, max=25)],
        default=15,
        description="How long the files of one message may take together.",
    )
    when_away = SelectField(
        "Without the scanner",
        default="pass",
        choices=[
            SelectChoice("pass", "Let files through, with a note"),
            SelectChoice("spam", "Keep messages with files in Spam"),
        ],
        description="What happens to files that could not be looked at.",
    )

    def validate_server(self, field: Field) -> None:
        """Called by WTForms."""
        if field.data and read_server(field.data) is None:
            raise ValidationError(
                field.gettext("This is neither a path such as /run/clamav/clamd.ctl nor a name with a port.")
            )
