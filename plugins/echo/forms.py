"""The settings of an echo account."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from tidings import SecretField, SettingsForm


class EchoSettingsForm(SettingsForm):
    shared_secret = SecretField(
        "Shared secret",
        [InputRequired("Give a shared secret."), Length(min=16, max=200)],
        description="Signs the messages that are posted to this account. At least 16 characters.",
    )
    prefix = StringField(
        "Begin each echo with",
        [Length(max=100)],
        default="You said: ",
        description="Put in front of what comes back, so that it can be told from the answer itself.",
    )
