"""Promises of the account form about what nobody typed: a mailbox needs an address and a password, and the owner reads who named its
servers before a password goes to strangers."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.models import ChannelAccount
from app.plugin_api.channel import Check, Found
from app.services.finding import found_settings

FORM = "/accounts/connect/mailbox"


@pytest.fixture
def installation(installation, dns_server, dovecot):
    values = {"ca_file": str(dovecot.certificate.certificate), "ispdb": "off"}
    return replace(
        installation, dns=dns_server.address, plugin_values={f"mailbox_{name}": value for name, value in values.items()}
    )


@pytest.fixture
def mailbox(dns_server, dovecot, create_mail_user, create_smtp_server):
    """A mailbox whose servers DNS names."""
    user = create_mail_user(domain="localhost")
    smtp = create_smtp_server(security="starttls", users={user.address: user.password}, certificate=dovecot.certificate)
    dns_server.put("_imaps._tcp.localhost", "SRV", f"0 1 {dovecot.tls_port} localhost.")
    dns_server.put("_submission._tcp.localhost", "SRV", f"0 1 {smtp.port} localhost.")
    return user


def typed(admin, user, **changes):
    """What an owner types, and what the page's other fields hold by themselves."""
    admin.get(FORM)
    fields = {
        "account_name": "Desk",
        "address": user.address,
        "password": user.password,
        "provider": "auto",
        "auth": "password",
    }
    fields |= {
        "receive_by": "imap",
        "imap_security": "tls",
        "smtp_security": "tls",
        "smtp_auth": "same",
        "sent_copy": "auto",
    }
    return admin.post(FORM, {**fields, "action": "save", **changes})


def saved(core):
    core.session.rollback()
    return core.session.scalars(select(ChannelAccount)).all()


def test_an_address_and_a_password_are_enough_to_connect(admin, core, mailbox, dovecot):
    answer = typed(admin, mailbox)

    (row,) = saved(core)
    assert answer.location == f"/accounts/{row.id}"
    assert (row.settings["imap_host"], row.settings["imap_port"]) == ("localhost", dovecot.tls_port)
    assert row.settings["smtp_security"] == "starttls"


def test_the_report_begins_with_who_named_the_servers(admin, core, mailbox):
    page = typed(admin, mailbox, password="wrong")

    assert page.status_code == 422
    assert "Found by DNS (localhost)." in page.text
    assert page.text.index("Found by DNS") < page.text.index("Incoming mail")
    assert 'name="imap_host" type="text" value="localhost"' in page.text
    assert saved(core) == []


def test_a_strange_server_is_shown_first_and_used_when_the_owner_tests_again(admin, core, dns_server, mailbox, dovecot):
    stranger = replace(mailbox, address=mailbox.address.replace("@localhost", "@example.test"))
    dovecot.add_user(stranger.address, stranger.password)
    for service in ("_imaps", "_submission"):
        dns_server.put(f"{service}._tcp.example.test", "SRV", "0 1 993 localhost.")

    page = typed(admin, stranger)

    assert page.status_code == 422
    assert "DNS names localhost, outside of example.test." in page.text
    assert "Incoming mail" not in page.text
    dns_server.questions.clear()

    again = typed(admin, stranger, imap_host="localhost", imap_port=str(dovecot.tls_port), smtp_host="localhost")
    assert "Signed in to localhost" in again.text
    assert dns_server.questions == []
    dovecot.remove_user(stranger.address)


def test_an_owner_is_asked_for_servers_that_nobody_names(admin, core, create_mail_user):
    page = typed(admin, create_mail_user(domain="nowhere.test"))

    assert page.status_code == 422
    assert "Incoming mail" not in page.text
    assert (
        page.text.count("None were found for nowhere.test.") == 2
    )  # in the report, and beside the field that opens with it


@pytest.mark.parametrize("failure", [RuntimeError("broken"), SystemExit(1)])
def test_a_channel_that_fails_while_it_looks_finds_nothing(core, monkeypatch, failure):
    echo = core.plugins.channels["echo"]

    def find(self, settings):
        raise failure

    monkeypatch.setattr(type(echo), "find_settings", find)

    assert found_settings(core, echo, {}) == Found()


def test_credentials_are_masked_in_what_is_told(core, monkeypatch):
    echo = core.plugins.channels["echo"]
    core.vault.seal({"password": "hunter2 again"})
    told = Found(told=(Check("Servers", True, "Found with hunter2 again."),))
    monkeypatch.setattr(type(echo), "find_settings", lambda self, settings: told)

    assert "hunter2" not in found_settings(core, echo, {}).told[0].detail
