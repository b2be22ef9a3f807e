"""Two settings pages: the app at Meta, for all accounts together, and one professional account."""

import re

from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from connectors.meta_graph.client import VERSION
from tidings import SecretField, SettingsForm

__all__ = ["AccountForm", "AppForm"]

_DIGITS = Regexp(re.compile(r"\A\d{5,30}\Z"), message="This is a number of many digits, without spaces.")


class AppForm(SettingsForm):
    """The app at developers.facebook.com that speaks for us. It may be the one that Facebook and WhatsApp use."""

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
        description="From the same page. It signs what Instagram sends us and stays encrypted here.",
    )
    version = StringField(
        "Version",
        [Regexp(r"\Av\d{1,3}\.\d\Z", message="A version looks like v25.0.")],
        default=VERSION,
        description="Which version of the Graph API is spoken. Change it only when Meta retires this one.",
    )


class AccountForm(SettingsForm):
    """One account. Ids and token are filled in by signing in."""

    advanced = (("Filled in by signing in", ("instagram_id", "page_id", "page_token")),)

    comments = BooleanField(
        "Comments",
        default=True,
        description="Comments become conversations, with answers in public or in private.",
    )
    human_agent = BooleanField(
        "Answers up to seven days later",
        description="Only if Meta has approved the feature “Human Agent” for your app. Without it, answers end after 24 hours.",
    )
    instagram_id = StringField(
        "Account id",
        [InputRequired("Give the id of the account."), _DIGITS],
        description="The number of the professional account at Meta.",
    )
    page_id = StringField(
        "Page id",
        [InputRequired("Give the id of the page."), _DIGITS],
        description="The Facebook page that the account is linked to.",
    )
    page_token = SecretField(
        "Page token",
        [InputRequired("Sign in, or give a token of the page."), Length(max=1000)],
        description="What lets Tidings speak as the account. Signing in brings it.",
    )
