"""Promises about an owner who types an address and a password alone: real DNS, real mail servers, and plain words about who named them."""

from dataclasses import replace

import pytest

from plugins.mailbox import finding
from plugins.mailbox.tests.accounts import create_channel
from tidings import Account


@pytest.fixture
def find(dns_server, dovecot):
    """Ask the channel about settings; nobody else's list is asked."""

    def ask(address="ada@example.test", config=None, **settings):
        found_config = {
            "nameserver": dns_server.address,
            "ca_file": str(dovecot.certificate.certificate),
            "ispdb": "off",
        }
        channel = create_channel(**{**found_config, **(config or {})})
        return channel.find_settings({"address": address, **settings})

    return ask


def name_services(
    dns_server, domain="example.test", imap="0 1 993 mail.example.test.", smtp="0 1 587 mail.example.test."
):
    dns_server.put(f"_imaps._tcp.{domain}", "SRV", imap)
    dns_server.put(f"_submission._tcp.{domain}", "SRV", smtp)


def test_servers_are_found_by_dns_and_it_is_told(find, dns_server):
    name_services(dns_server)

    found = find()

    assert found.values == {
        "imap_host": "mail.example.test",
        "imap_port": 993,
        "imap_security": "tls",
        "smtp_host": "mail.example.test",
        "smtp_port": 587,
        "smtp_security": "starttls",
    }
    (told,) = found.told
    assert (told.name, told.is_ok, told.detail) == (finding.SERVERS, True, "Found by DNS (mail.example.test).")
    assert ("SRV _imaps._tcp.example.test", "mail.example.test:993") in found.steps


def test_what_was_typed_stays_and_what_is_complete_is_not_looked_for(find, dns_server):
    name_services(dns_server)

    assert set(find(imap_host="other.example.test").values) == {"smtp_host", "smtp_port", "smtp_security"}
    assert find(imap_host="other.example.test", smtp_host="relay.example.test") == type(find())()
    assert set(find(receive_by="delivered").values) == {"smtp_host", "smtp_port", "smtp_security"}


def test_servers_of_another_domain_are_shown_before_a_password_is_sent_there(find, dns_server):
    name_services(dns_server, imap="0 1 993 mail.elsewhere.test.")

    found = find()

    assert found.values["imap_host"] == "mail.elsewhere.test"
    assert not found.told[0].is_ok
    assert "mail.elsewhere.test" in found.told[0].detail
    assert found.asks_for == "imap_host"


@pytest.mark.parametrize(
    ("kind", "words", "asks_for"),
    [(None, "None were found", "imap_host"), ("imap", "outgoing", "smtp_host"), ("smtp", "incoming", "imap_host")],
)
def test_what_is_not_found_is_asked_for(find, dns_server, kind, words, asks_for):
    if kind:
        label = {"imap": "_imaps", "smtp": "_submissions"}[kind]
        dns_server.put(f"{label}._tcp.example.test", "SRV", "0 1 993 mail.example.test.")

    found = find()

    assert not found.told[0].is_ok
    assert words in found.told[0].detail
    assert found.asks_for == asks_for


def test_a_company_at_a_known_provider_is_told_apart_from_one_that_chose_another(find, dns_server):
    dns_server.put("example.test", "MX", "1 aspmx.l.google.com.")

    found = find()
    assert found.values["imap_host"] == "imap.gmail.com"
    assert found.told[0].detail == "Found by DNS: the mail of example.test is kept by Gmail and Google Workspace."
    assert find(provider="other").values == {}


def test_a_file_of_certificates_that_cannot_be_read_is_told(find):
    found = find(config={"ca_file": "/nowhere/ca.pem"})

    assert not found.told[0].is_ok
    assert "TIDINGS_PLUGIN_MAILBOX_CA_FILE" in found.told[0].detail


@pytest.mark.parametrize("address", ["", "ada", "@", "ada@"])
def test_nothing_is_looked_for_without_an_address(find, address):
    assert find(address).told == ()


def test_an_address_and_a_password_are_enough_to_read_and_to_send(
    dns_server, dovecot, create_mail_user, create_smtp_server
):
    user = create_mail_user(domain="localhost")
    smtp = create_smtp_server(
        security="starttls", users={user.address: user.password}, mailboxes=dovecot, certificate=dovecot.certificate
    )
    name_services(dns_server, "localhost", f"0 1 {dovecot.tls_port} localhost.", f"0 1 {smtp.port} localhost.")
    channel = create_channel(nameserver=dns_server.address, ca_file=str(dovecot.certificate.certificate), ispdb="")
    settings = {"address": user.address, "sent_copy": "auto"}

    found = channel.find_settings(settings)
    account = Account(0, "mailbox", "Support", user.address, {**settings, **found.values})
    report = channel.test_connection(replace(account, secrets={"password": user.password}))

    assert report.is_ok, report.problem
    assert smtp.login_count == 1
