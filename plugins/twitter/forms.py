"""Two settings pages: the app at X with its plan, for all accounts together, and one account."""

import re

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from plugins.twitter.plans import PLAN_NAMES, USUAL_PRICE
from tidings import SecretField, SettingsForm

__all__ = ["AccountForm", "AppForm"]

_DIGITS = Regexp(re.compile(r"\A\d{1,19}\Z"), message="This is a number, without spaces.")
_PLAIN = Regexp(re.compile(r"\A\S*\Z"), message="There is a blank in it.")


class AppForm(SettingsForm):
    """The app at console.x.com that speaks for us, and what it may use in a day. One app serves all accounts."""

    fieldsets = (
        ("Sign-in (OAuth 2.0)", ("client_id", "client_secret")),
        ("API key (webhooks and OAuth 1.0a)", ("consumer_key", "consumer_secret")),
        ("Plan and cost", ("plan", "reads_per_day", "calls_per_day", "price_per_1000")),
    )

    client_id = StringField(
        "Client ID",
        [Optional(), Length(max=200), _PLAIN],
        render_kw={"autocomplete": "off"},
        description="From Keys and tokens → OAuth 2.0 in the console. Accounts are connected with it by signing in.",
    )
    client_secret = SecretField(
        "Client secret",
        [Optional(), Length(max=200), _PLAIN],
        description="From the same place. Apps of the types native and single-page have none.",
    )
    consumer_key = StringField(
        "API key",
        [Optional(), Length(max=200), _PLAIN],
        render_kw={"autocomplete": "off"},
        description="From Keys and tokens → Consumer keys. Needed to be told at once (webhooks), and for accounts by OAuth 1.0a.",
    )
    consumer_secret = SecretField(
        "API key secret", [Optional(), Length(max=200), _PLAIN], description="Belongs to the API key."
    )
    plan = SelectField(
        "Plan",
        choices=[SelectChoice(key, name) for key, name in PLAN_NAMES.items()],
        default="pay_per_use",
        description="Sets how much is read in a day, as far as the two figures below are empty.",
    )
    reads_per_day = IntegerField(
        "Posts and messages read in a day",
        [Optional(), NumberRange(1, 10_000_000)],
        description="For all accounts together. When they are read, reading goes on after midnight (UTC).",
    )
    calls_per_day = IntegerField(
        "Calls in a day",
        [Optional(), NumberRange(10, 10_000_000)],
        description="They are spread over the day: the fewer there are, the longer the pause between two looks.",
    )
    price_per_1000 = StringField(
        "Price of 1,000 reads, in US dollars",
        [Optional(), Regexp(r"\A\d{1,5}([.,]\d{1,4})?\Z", message="A price looks like 5.00.")],
        default=str(USUAL_PRICE),
        render_kw={"inputmode": "decimal"},
        description="X changes its prices: look into the console. Used only to show what a day costs.",
    )


class AccountForm(SettingsForm):
    """One account. Who it is and the tokens are filled in by signing in."""

    advanced = (
        ("Filled in by signing in", ("user_id", "username", "may_post_long", "sign_in")),
        ("Keys in the place of a sign-in (OAuth 1.0a)", ("access_token", "access_token_secret")),
    )

    reads_messages = BooleanField(
        "Direct messages", default=True, description="They become conversations beside those about posts."
    )
    reads_own_posts = BooleanField(
        "Answers written elsewhere",
        default=True,
        description="Answers that were posted on X itself appear here too. Costs one more call at each look.",
    )
    finds_removals = BooleanField(
        "Look for deleted posts",
        default=True,
        description="Once a day, the posts of the last seven days are asked for again; those that are gone at X go here too.",
    )
    user_id = StringField(
        "Number at X",
        [InputRequired("Give the number of the account."), _DIGITS],
        render_kw={"inputmode": "numeric"},
        description="Stays the same when the name changes.",
    )
    username = StringField(
        "Name at X",
        [InputRequired("Give the name of the account."), Regexp(r"\A@?\w{1,50}\Z", message="Letters, digits and _.")],
        description="Without “@”.",
    )
    may_post_long = BooleanField(
        "Long posts", description="Posts may have 25,000 characters. True for accounts with X Premium."
    )
    sign_in = SecretField(
        "Tokens of the sign-in", [Optional(), Length(max=4000)], description="Signing in brings them, and renews them."
    )
    access_token = SecretField(
        "Access token", [Optional(), Length(max=200), _PLAIN], description="From Keys and tokens in the console."
    )
    access_token_secret = SecretField(
        "Access token secret", [Optional(), Length(max=200), _PLAIN], description="Belongs to the access token."
    )
