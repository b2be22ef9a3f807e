"""Promises about settings and about the connection test: what is wrong is said before it is saved."""

from dataclasses import replace

import pytest
from werkzeug.datastructures import MultiDict

import plugins.gmail as gmail_plugin
from connectors.gmail import API_ENDPOINT, CERTIFICATES_URL
from connectors.gmail import GOOGLE as ENDPOINTS
from plugins.gmail.application import Application
from plugins.gmail.forms import ApplicationForm, MailboxForm
from plugins.gmail.settings import GmailSettings
from plugins.gmail.tests import mailboxes
from tidings.testing import FakeHost


def errors(form_class, **values):
    form = form_class(MultiDict(values))
    form.validate()
    return {name: found[0] for name, found in form.errors.items()}


def test_nothing_is_needed_before_it_is_used():
    assert errors(ApplicationForm) == {}
    assert errors(MailboxForm, address="support@example.test", sign_in="oauth") == {}


def test_pushes_need_whoever_signs_them():
    assert errors(ApplicationForm, topic=mailboxes.TOPIC) == {
        "push_sender": "Give the service account that signs pushes."
    }
    assert errors(ApplicationForm, topic=mailboxes.TOPIC, push_sender=mailboxes.SIGNER) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("topic", "gmail"),
        ("push_sender", "nobody"),
        ("push_audience", "ftp://example.com"),
        ("service_account_key", '{"type": "authorized_user"}'),
    ],
)
def test_what_cannot_be_right_is_described(field, value):
    assert list(errors(ApplicationForm, **{"push_sender": mailboxes.SIGNER, field: value})) == [field]


def test_a_key_is_taken_and_never_given_back(fake_gmail):
    key = fake_gmail.office.key_file()
    form = ApplicationForm(MultiDict({"service_account_key": key}))

    assert form.validate()
    assert form.split_secrets()[1] == {"service_account_key": key}
    assert "PRIVATE" not in form.service_account_key()
    kept = ApplicationForm.from_stored(MultiDict({"client_id": "x"}), {}, frozenset({"service_account_key"}))
    assert kept.validate()


def test_google_is_where_the_connector_knows_it_to_be():
    application = Application.of(FakeHost("gmail", package="plugins.gmail"))

    assert application.endpoints == ENDPOINTS
    assert (application.api_endpoint, application.certificates_url) == (API_ENDPOINT, CERTIFICATES_URL)
    assert application.audience == "https://inbox.example.com/hooks/gmail"


def test_settings_are_read_as_they_were_meant():
    read = GmailSettings.read(
        {"address": " Support@Example.test ", "labels": "INBOX\n\n Orders \nINBOX", "send_as": "Sales@example.test"}
    )

    assert read.address == "support@example.test"
    assert read.labels == ("INBOX", "Orders")
    assert read.sender == "sales@example.test"
    assert read.own_addresses == {"support@example.test", "sales@example.test"}
    assert not read.meaning.is_on
    assert GmailSettings.read({}, "a@b.c").labels == ("INBOX",)


# ---- the connection test
def report(mailbox, **settings):
    account = replace(mailbox.account, settings={**mailbox.account.settings, **settings})
    return mailbox.channel.test_connection(account)


def test_everything_that_works_is_named(connect, fake_gmail):
    fake_gmail.send_as.append({"sendAsEmail": "sales@example.test", "verificationStatus": "accepted"})

    found = report(connect(), send_as="sales@example.test")

    assert found.is_ok
    assert [check.name for check in found.checks] == ["Sign-in", "Labels", "Sending", "Pushes"]
    assert found.checks[0].detail == "support@example.test, 0 messages"
    assert "Gmail lets this mailbox use: support@example.test, sales@example.test." in found.checks[2].detail


def test_an_alias_must_be_verified(connect, fake_gmail):
    fake_gmail.send_as.append({"sendAsEmail": "new@example.test", "verificationStatus": "pending"})

    found = report(connect(), send_as="new@example.test")

    assert found.problem.startswith("Sending: Gmail does not let this mailbox send as new@example.test.")
    assert "support@example.test" in found.problem


def test_a_label_must_exist(connect):
    assert "There is no label “Orders”" in report(connect(), labels="INBOX\nOrders").problem


def test_the_mailbox_must_be_the_right_one(connect):
    found = report(connect(), address="else@example.test")

    assert "Google opens the mailbox support@example.test instead of else@example.test" in found.problem


def test_pushes_without_a_signer_are_described(connect):
    assert "Pushes" in report(connect({"topic": mailboxes.TOPIC})).problem
    assert report(connect({"topic": mailboxes.TOPIC, "push_sender": mailboxes.SIGNER})).is_ok


def test_trouble_at_google_is_described(connect, fake_gmail):
    mailbox = connect()
    with fake_gmail.fault("server_trouble"):
        assert "Backend Error" in report(mailbox).problem


# ---- what an account's page shows
def test_the_page_of_a_mailbox_says_how_it_does(connect, fake_gmail):
    mailbox = connect(send_as="sales@example.test", maps_labels=True)
    panels = {panel.title: dict(panel.rows) for panel in gmail_plugin.account_panels(mailbox.host, mailbox.account)}

    assert panels["Mailbox"]["Sends as"] == "sales@example.test"
    assert panels["Mailbox"]["Labels waiting to be changed"] == "0"
    assert panels["Google"]["History"] == mailbox.account.cursor["history_id"]
    assert panels["Google"]["Pushes"] == "off, asked every minute"
    assert panels["Google"]["Access token good until"].endswith("UTC")
    new = {
        panel.title: dict(panel.rows)
        for panel in gmail_plugin.account_panels(mailbox.host, replace(mailbox.account, cursor={}))
    }
    assert new["Google"]["History"] == "not read yet"
