"""Two settings pages: the app at Meta, for all numbers together, and one number."""

import re

from wtforms import StringField
from wtforms.validators import InputRequired, Length, Regexp

from connectors.meta_graph.client import VERSION
from tidings import SecretField, SettingsForm

__all__ = ["DIGITS", "AppForm", "NumberForm"]

DIGITS = re.compile(r"\A\d{5,30}\Z")
_DIGITS = Regexp(DIGITS, message="This is a number of many digits, without spaces.")


class AppForm(SettingsForm):
    """The app at developers.facebook.com that speaks for us. It may be the one that Facebook and Instagram use."""

    advanced = (("Graph API", ("version",)),)

    app_id = StringField(
        "App id",
        [InputRequired("Give the id of the app."), _DIGITS],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
        description="From App settings → Basic at developers.facebook.com.",
    )
    app_secret = SecretField(
        "App secret",
        [InputRequired("Give the secret of the app."), Length(min=8, max=200)],
        description="From the same page. It signs what WhatsApp sends us and stays encrypted here.",
    )
    version = StringField(
        "Version",
        [Regexp(r"\Av\d{1,3}\.\d\Z", message="A version looks like v25.0.")],
        default=VERSION,
        description="Which version of the Graph API is spoken. Change it only when Meta retires this one.",
    )


class NumberForm(SettingsForm):
    """One number. Everything is filled in by connecting it; only the token is ever changed by hand."""

    number_id = StringField(
        "Phone number id",
        [InputRequired("Give the id of the number."), _DIGITS],
        description="From WhatsApp → API Setup at developers.facebook.com.",
    )
    business_id = StringField(
        "Business account id",
        [InputRequired("Give the id of the business account."), _DIGITS],
        description="The WhatsApp business account that the number belongs to, from the same page.",
    )
    display_number = StringField(
        "Number",
        [Regexp(r"\A(\+?[\d ().-]{5,30})?\Z", message="This is not a phone number.")],
        description="As customers know it, with its country: +49 30 1234567.",
    )
    access_token = SecretField(
        "Access token",
        [InputRequired("Sign in, or give a token."), Length(max=1000)],
        description="Of a system user with both WhatsApp permissions: such a token does not end.",
    )
