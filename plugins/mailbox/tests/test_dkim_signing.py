"""Promises about signing: whoever checks finds it right, by the record that the account's page shows, and a wrong key is told at once."""

import time
from dataclasses import replace

import dkim
import dns.resolver
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from werkzeug.datastructures import MultiDict

from plugins.mailbox.dkim_signing import SigningKey, is_published, read_key, signed
from plugins.mailbox.forms import MailboxSettingsForm
from plugins.mailbox.panels import account_panels
from plugins.mailbox.tests.accounts import create_account, create_channel
from plugins.mailbox.tests.test_sending import MESSAGE
from tidings import OutboundAttachment, Permanent

RSA = rsa.generate_private_key(65537, 2048)


def pem_of(key, kind=PrivateFormat.PKCS8, secrecy=None):
    return key.private_bytes(Encoding.PEM, kind, secrecy or NoEncryption()).decode()


PEM = pem_of(RSA)


@pytest.fixture
def names(dns_server):
    return dns_server


@pytest.fixture
def account(mail_user, smtp_server):
    plain = create_account(mail_user, smtp_server, dkim_selector="tidings")
    return replace(plain, secrets={**plain.secrets, "dkim_key": PEM})


def is_right(raw, names):
    """Ask as a receiver does, over the wire."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], names.port

    def texts(name, timeout=5):
        try:
            (record,) = resolver.resolve(name.decode().removesuffix("."), "TXT", search=False)
        except dns.resolver.NXDOMAIN:
            return None
        return b"".join(record.strings)

    return dkim.verify(raw, dnsfunc=texts)


def rows_of(channel, account):
    (panel,) = [one for one in account_panels(channel._host, account) if one.title == "Signature of the domain"]
    return [value for _, value in panel.rows]


@pytest.mark.parametrize("text", ["It is on its way.", "Grüße €\n" * 30, "x" * 3000, "From here\n.\n..\n-- \nLea"])
def test_what_leaves_is_signed_so_that_everybody_can_check_it(account, smtp_server, names, text):
    channel = create_channel(account)
    name, value, _ = rows_of(channel, account)
    names.put(name, "TXT", value)
    file = OutboundAttachment("label.pdf", "application/pdf", bytes(range(256)) * 20)
    receipt = channel.send(account, replace(MESSAGE, text=text, attachments=(file,)))
    (sent,) = smtp_server.messages

    assert name == f"tidings._domainkey.{account.address.rpartition('@')[2]}"
    assert is_right(sent.raw, names)
    assert is_right(receipt.raw, names), "the copy that is kept is what left"
    assert not is_right(sent.raw.replace(b"Subject: Re:", b"Subject: Fw:"), names)
    assert not is_right(b"Subject: Win!\r\n" + sent.raw, names), "nothing can be put above"
    assert not is_right(sent.raw.replace(b"From: Lea", b"From: Eve"), names)


def test_without_a_key_or_a_selector_nothing_is_signed(mail_user, smtp_server, account):
    channel = create_channel()
    for one in (replace(account, secrets={"password": mail_user.password}), create_account(mail_user, smtp_server)):
        channel.send(one, MESSAGE)
    assert not any(b"DKIM-Signature" in sent.raw for sent in smtp_server.messages)


def test_nobody_is_asked_for_the_record_where_dns_is_off(account):
    (one,) = [
        check
        for check in create_channel(account, nameserver="off").test_connection(account).checks
        if check.name == "Signature of the domain"
    ]

    assert (one.is_ok, "DNS is switched off" in one.detail) == (True, True)


def test_the_connection_test_says_whether_the_record_is_in_the_dns(account, names):
    channel = create_channel(account, nameserver=f"127.0.0.1:{names.port}")
    name, value, state = rows_of(channel, account)
    assert "Not looked for" in state

    def check():
        (one,) = [c for c in channel.test_connection(account).checks if c.name == "Signature of the domain"]
        return one.is_ok, one.detail

    assert check() == (True, f"{name} is not in the DNS yet. Put the record there that this account's page shows.")
    names.put(name, "TXT", "v=DKIM1; k=rsa; p=AAAA")
    is_ok, detail = check()
    assert not is_ok
    assert "another key" in detail
    names.put(name, "TXT", value.replace("; ", ";"))
    assert check() == (True, f"{name} has the key in the DNS.")
    assert rows_of(channel, account)[2] == f"{name} has the key in the DNS."
    names.is_broken = True
    is_ok, detail = check()
    assert is_ok
    assert "Nobody could be asked" in detail


def test_a_record_of_several_strings_is_one(names):
    key = SigningKey("example.com", "tidings", PEM.encode())
    assert len(key.record_value) > 255
    names.put(key.record_name, "TXT", key.record_value)

    assert is_published(key, f"127.0.0.1:{names.port}")


def test_a_key_may_be_pasted_as_pages_hand_it_over():
    assert read_key(PEM) == PEM.encode()
    assert read_key("  " + PEM.replace("\n", " ") + " ") == PEM.encode()
    older = pem_of(RSA, PrivateFormat.TraditionalOpenSSL)
    assert read_key(older.replace("\n", "")) == older.encode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "no private key"),
        (PEM[:200] + "\n-----END PRIVATE KEY-----", "cannot be read"),
        (pem_of(RSA, secrecy=BestAvailableEncryption(b"x")), "without a password"),
        (pem_of(ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
    ],
)
def test_what_is_no_key_is_refused_with_a_sentence(text, words):
    form = MailboxSettingsForm(
        MultiDict({"address": "a@example.com", "password": "x", "dkim_selector": "t", "dkim_key": text})
    )

    assert not form.validate()
    assert words in form.dkim_key.errors[0]


def test_what_is_far_too_long_for_a_key_is_refused_at_once():
    started = time.perf_counter()
    with pytest.raises(ValueError, match="no private key"):
        read_key("-----BEGIN PRIVATE KEY-----\n" * 12_000)

    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"dkim_selector": "t"}, "dkim_key"),
        ({"dkim_selector": "t", "dkim_key": PEM, "dkim_domain": "example.net"}, "dkim_domain"),
        ({"dkim_selector": "t", "dkim_key": PEM, "dkim_domain": "ple.com"}, "dkim_domain"),
        ({"dkim_selector": "a b", "dkim_key": PEM}, "dkim_selector"),
    ],
)
def test_settings_that_would_sign_for_nobody_are_refused(values, field):
    form = MailboxSettingsForm(MultiDict({"address": "a@mail.example.com", "password": "x", **values}))

    assert not form.validate()
    assert list(form.errors) == [field]


def test_a_domain_above_the_address_may_sign(account, names):
    form = MailboxSettingsForm(
        MultiDict(
            {
                "address": "a@mail.example.com",
                "password": "x",
                "dkim_selector": "t",
                "dkim_key": PEM,
                "dkim_domain": "Example.com",
            }
        )
    )
    assert form.validate(), form.errors
    assert form.dkim_domain.data == "example.com"


def test_a_stored_key_that_cannot_be_read_stops_the_message_and_not_silently(account):
    broken = replace(account, secrets={**account.secrets, "dkim_key": "nonsense"})
    with pytest.raises(Permanent, match="Nothing can be signed"):
        create_channel().send(broken, MESSAGE)


def test_keys_show_in_no_text_about_them():
    assert "PRIVATE" not in repr(SigningKey("example.com", "t", PEM.encode()))
    assert signed(b"From: a@example.com\r\n\r\nx\r\n", SigningKey("example.com", "t", PEM.encode())).startswith(
        b"DKIM-S"
    )
