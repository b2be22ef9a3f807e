"""Settings are validated against the declared form, complete, and without anything undeclared."""

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, FieldList, IntegerField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.errors import InvalidInput
from app.plugin_host import bind_form, check_form, check_values
from forms.settings import SecretField, SettingsForm


class Settings(SettingsForm):
    server = StringField("Server", [InputRequired("Name the server.")])
    port = IntegerField("Port", [NumberRange(1, 65535, "Between 1 and 65535.")], default=993)
    is_quiet = BooleanField("Quiet")
    days = SelectMultipleField("Days", choices=[SelectChoice("mon", "Monday"), SelectChoice("tue", "Tuesday")])
    names = FieldList(StringField("Name"), min_entries=0)
    password = SecretField("Password", [InputRequired("Give the password."), Length(min=4)])


GIVEN = {"server": "imap.example.com", "port": 143, "password": "hush hush"}


def test_values_are_complete_and_secrets_apart():
    checked = check_values(Settings, {**GIVEN, "is_quiet": True, "days": ["mon", "tue"]})
    assert checked.plain == {
        "server": "imap.example.com", "port": 143, "is_quiet": True, "days": ["mon", "tue"], "names": [],
    }  # fmt: skip
    assert checked.secrets == {"password": "hush hush"}
    assert "hush" not in repr(checked)


def test_each_field_says_what_is_wrong():
    with pytest.raises(InvalidInput) as caught:
        check_values(Settings, {"port": 99999, "days": ["sun"]})
    assert caught.value.fields["server"] == "Name the server."
    assert caught.value.fields["port"] == "Between 1 and 65535."
    assert caught.value.fields["password"] == "Give the password."
    assert "days" in caught.value.fields


def test_undeclared_names_are_errors():
    with pytest.raises(InvalidInput) as caught:
        check_values(Settings, {**GIVEN, "sever": "x"})
    assert caught.value.fields == {"sever": "There is no setting of this name."}


def test_a_browser_may_send_its_token_and_parts_of_a_list():
    sent = MultiDict({**GIVEN, "csrf_token": "t", "names-0": "Ada", "names-1": "Ben"})
    checked = check_form(bind_form(Settings, sent), sent)
    assert checked.plain["names"] == ["Ada", "Ben"]


def test_a_stored_secret_need_not_be_given_again():
    stored = {"server": "imap.example.com", "port": 143}
    sent = MultiDict({"server": "other.example.com", "port": "143", "password": ""})
    form = bind_form(Settings, sent, stored=stored, has_secrets=["password"])
    checked = check_form(form, sent)
    assert checked.plain["server"] == "other.example.com"
    assert checked.secrets == {}


def test_a_new_secret_is_still_validated():
    sent = MultiDict({**GIVEN, "password": "abc"})
    form = bind_form(Settings, sent, has_secrets=["password"])
    with pytest.raises(InvalidInput) as caught:
        check_form(form, sent)
    assert "password" in caught.value.fields


def test_a_form_that_is_shown_has_what_is_stored_and_no_secret():
    form = bind_form(Settings, None, stored={"server": "imap.example.com"}, has_secrets=["password"])
    assert form.server.data == "imap.example.com"
    assert form.port.data == 993
    assert not form.password.data


def test_a_field_whose_value_is_no_json_is_a_fault_of_the_form():
    class Dated(SettingsForm):
        since = DateField("Since", [Optional()])

    with pytest.raises(TypeError, match="the setting since is a date, which is no JSON value"):
        check_values(Dated, {"since": "2026-01-02"})
