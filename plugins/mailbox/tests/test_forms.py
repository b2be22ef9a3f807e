"""Promises about the settings page: little to fill in, clear answers, secrets kept."""

import pytest
from werkzeug.datastructures import MultiDict

from plugins.mailbox.forms import MailboxSettingsForm
from plugins.mailbox.settings import MailboxSettings

MINIMAL = {"address": "ada@example.org", "password": "hunter2", "auth": "password"}


def filled(**values):
    return MailboxSettingsForm(MultiDict({**MINIMAL, **values}))


def settings_of(form):
    assert form.validate(), form.errors
    return form.split_secrets()[0]


@pytest.mark.parametrize(
    ("address", "imap", "smtp", "copies"),
    [
        ("ada@gmail.com", ("imap.gmail.com", 993, "tls"), ("smtp.gmail.com", 465, "tls"), "server"),
        ("ada@icloud.com", ("imap.mail.me.com", 993, "tls"), ("smtp.mail.me.com", 587, "starttls"), "append"),
    ],
)
def test_an_address_and_a_password_are_enough(address, imap, smtp, copies):
    settings = settings_of(filled(address=address))

    assert (settings["imap_host"], settings["imap_port"], settings["imap_security"]) == imap
    assert (settings["smtp_host"], settings["smtp_port"], settings["smtp_security"]) == smtp
    assert settings["sent_copy"] == copies


@pytest.mark.parametrize(
    ("sign_in", "address", "imap", "smtp"),
    [
        ("google", "ada@company.example", "imap.gmail.com", ("smtp.gmail.com", 465, "tls")),
        ("microsoft", "ada@company.example", "outlook.office365.com", ("smtp.office365.com", 587, "starttls")),
        ("microsoft", "ada@hotmail.com", "outlook.office365.com", ("smtp-mail.outlook.com", 587, "starttls")),
        ("google", "ada@hotmail.com", "imap.gmail.com", ("smtp.gmail.com", 465, "tls")),
    ],
)
@pytest.mark.parametrize("provider", ["auto", "other"])
def test_who_signs_in_needs_an_address_alone_and_gets_the_providers_servers(provider, sign_in, address, imap, smtp):
    settings = settings_of(filled(address=address, password="", auth=sign_in, provider=provider))

    assert (settings["imap_host"], settings["imap_port"], settings["sent_copy"]) == (imap, 993, "server")
    assert (settings["smtp_host"], settings["smtp_port"], settings["smtp_security"]) == smtp


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"imap_host": "imap.example.net"}, "imap_host"),
        ({"smtp_host": "smtp.gmail.com.example.net"}, "smtp_host"),
        ({"smtp_host": "relay.example.net", "smtp_auth": "none"}, None),
        ({"imap_host": "127.0.0.1"}, None),
        ({"imap_host": "imap.example.net", "auth": "password", "password": "hunter2"}, None),
    ],
)
def test_what_a_provider_hands_out_is_shown_to_no_other_server(values, field):
    form = filled(**{"auth": "google", "password": "", **values})

    assert form.validate() == (field is None)
    assert set(form.errors) == ({field} if field else set())


def test_servers_of_an_unknown_domain_stay_open():
    settings = settings_of(filled())

    assert (settings["imap_host"], settings["smtp_host"], settings["sent_copy"]) == (None, None, "auto")


@pytest.mark.parametrize(
    ("server", "receive_by", "keeper"),
    [
        ("smtp.gmail.com", "imap", "server"),
        ("mail.example.org", "imap", "append"),
        ("mail.example.org", "delivered", "none"),
        ("", "imap", "append"),
    ],
)
def test_who_keeps_copies_is_decided_once_the_server_is_known(server, receive_by, keeper):
    settings = MailboxSettings.read({"sent_copy": "auto", "smtp_host": server, "receive_by": receive_by})

    assert settings.sent_copy == keeper


def test_a_chosen_provider_wins_over_the_domain_and_what_was_typed_over_both():
    settings = settings_of(filled(provider="fastmail", imap_host="mail.example.org", imap_security="starttls"))

    assert (settings["imap_host"], settings["imap_port"]) == ("mail.example.org", 143)
    assert settings["smtp_host"] == "smtp.fastmail.com"


def test_a_server_of_ones_own_is_never_taken_for_one_that_keeps_copies():
    assert settings_of(filled(address="ada@gmail.com", smtp_host="relay.example.org"))["sent_copy"] == "append"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"address": ""}, "address"),
        ({"address": "ada"}, "address"),
        ({"address": "ada@example.org, ben@example.org"}, "address"),
        ({"password": ""}, "password"),
        ({"smtp_auth": "other"}, "smtp_password"),
        ({"imap_host": "imap example"}, "imap_host"),
        ({"imap_port": "70000"}, "imap_port"),
        ({"imap_port": "many"}, "imap_port"),
        ({"auth": "xoauth2"}, "oauth_refresh_token"),
        ({"auth": "xoauth2", "oauth_token_url": "http://example.org/token"}, "oauth_token_url"),
        ({"provider": "nobody"}, "provider"),
    ],
)
def test_a_wrong_value_is_named_at_its_field(values, field):
    form = filled(**values)

    assert not form.validate()
    assert form.errors[field]


def test_an_account_with_a_token_needs_no_password():
    token = {
        "auth": "xoauth2",
        "password": "",
        "oauth_token_url": "https://oauth2.googleapis.com/token",
        "oauth_client_id": "id",
        "oauth_refresh_token": "refresh",
    }

    assert filled(**token).validate()


def test_a_stored_password_is_not_asked_for_again_and_never_shown():
    stored = settings_of(filled())
    form = MailboxSettingsForm.from_stored(
        MultiDict({**MINIMAL, "password": "", "signature": "Ada"}), stored, frozenset({"password"})
    )

    assert form.validate(), form.errors
    assert form.split_secrets()[1] == {}
    assert "hunter2" not in "".join(str(field()) for field in form)


def test_no_secret_is_among_the_plain_settings():
    form = filled(smtp_auth="other", smtp_password="two", oauth_client_secret="three", oauth_refresh_token="four")
    plain, secrets = form.split_secrets()

    assert set(secrets.values()) == {"hunter2", "two", "three", "four"}
    assert not set(secrets) & set(plain)


def test_an_owner_is_asked_for_an_address_and_a_password_and_everything_else_stands_in_one_group():
    named = [name for _, names in MailboxSettingsForm.advanced for name in names]

    assert sorted([*named, "address", "auth", "password"]) == sorted(MailboxSettingsForm.field_names())


@pytest.mark.parametrize("address", ["ada@gmail.com", "ada@fastmail.com", "ada@icloud.com"])
def test_groups_stay_folded_for_a_known_provider_also_when_its_servers_are_filled_in(address):
    form = filled(address=address)
    assert not form.shows_advanced
    stored = settings_of(form)

    assert not MailboxSettingsForm.from_stored(None, stored, frozenset({"password"})).shows_advanced


@pytest.mark.parametrize(
    "values",
    [
        {"imap_host": "mail.example.org"},
        {"address": "ada@gmail.com", "smtp_host": "smtp.gmail.com", "smtp_port": "25", "smtp_security": "none"},
        {"address": "ada@gmail.com", "signature": "Ada"},
        {"imap_port": "many"},
        {"auth": "xoauth2"},
    ],
)
def test_groups_open_for_what_is_wrong_or_unusual(values):
    form = filled(**values)
    form.validate()

    assert form.shows_advanced


def test_groups_open_when_servers_were_found_by_asking():
    form = filled(address="ada@example.org")
    settings_of(form)
    assert not form.shows_advanced

    form.imap_host.data = "mail.example.org"
    assert form.shows_advanced


def test_settings_that_were_never_stored_have_sensible_values():
    settings = MailboxSettings.read({"address": "Ada@Example.org"})

    assert (settings.address, settings.username, settings.folders) == ("ada@example.org", "Ada@Example.org", ("INBOX",))
    assert (settings.imap.port, settings.smtp.port, settings.sent_copy) == (993, 465, "none")
