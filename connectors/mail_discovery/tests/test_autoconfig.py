"""Promises about documents that name mail servers: the safest usable servers are taken, and no bytes break the reader."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import Rejected
from connectors.imap_smtp import Endpoint
from connectors.mail_discovery.autoconfig import read_autoconfig
from connectors.mail_discovery.tests.documents import config_document, server

ADDRESS = "ada@example.test"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<clientConfig><emailProvider id="&b;"/></clientConfig>"""
FOREIGN = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><clientConfig>&a;</clientConfig>"""
)


def test_imap_and_smtp_are_taken_and_pop_is_passed_over():
    found = read_autoconfig(config_document(server("pop3", port=995), server(), server("smtp", port=465)), ADDRESS)

    assert found.imap == Endpoint("mail.example.test", 993, "tls")
    assert found.smtp == Endpoint("mail.example.test", 465, "tls")
    assert (found.username, found.auth) == ("", "password")


def test_tls_from_the_start_comes_before_starttls_and_nothing_goes_unencrypted():
    starttls, plain = server(port=143, security="STARTTLS"), server(port=143, security="plain")

    assert read_autoconfig(config_document(plain, starttls, server()), ADDRESS).imap.port == 993
    assert read_autoconfig(config_document(plain, starttls), ADDRESS).imap.security == "starttls"
    assert read_autoconfig(config_document(plain), ADDRESS).imap is None


def test_the_documents_order_decides_between_two_that_are_alike():
    found = read_autoconfig(config_document(server(host="one.example.test"), server(host="two.example.test")), ADDRESS)

    assert found.imap.host == "one.example.test"


@pytest.mark.parametrize(
    ("pattern", "username"),
    [
        ("%EMAILADDRESS%", ""),
        ("%EMAILLOCALPART%", "ada"),
        ("%EMAILLOCALPART%@mail.%EMAILDOMAIN%", "ada@mail.example.test"),
        ("%REALNAME%", ""),
        ("", ""),
        ("a" * 300, ""),
    ],
)
def test_user_names_are_made_of_the_address(pattern, username):
    assert read_autoconfig(config_document(server(username=pattern)), ADDRESS).username == username


def test_a_placeholder_in_the_address_is_not_filled_in_again():
    found = read_autoconfig(config_document(server(username="%EMAILLOCALPART%")), "%EMAILDOMAIN%@example.test")

    assert found.username == ""
    assert read_autoconfig(config_document(server(host="mail.%EMAILDOMAIN%")), ADDRESS).imap.host == "mail.example.test"


def test_servers_that_take_tokens_alone_are_told():
    only_token = config_document(server(sign_ins=("OAuth2",)), server("smtp", port=465, sign_ins=("OAuth2",)))
    both = config_document(server(sign_ins=("OAuth2", "password-cleartext")), server("smtp", port=465))

    assert read_autoconfig(only_token, ADDRESS).auth == "xoauth2"
    assert read_autoconfig(both, ADDRESS).auth == "password"


@pytest.mark.parametrize(
    "wrong",
    [
        server(sign_ins=("Kerberos",)),
        server(sign_ins=()),
        server(host="mail example"),
        server(host="127.0.0.1"),
        server(host="localhost"),
        server(host="-mail.example.test"),
        server(host=""),
        server(port="0"),
        server(port="65536"),
        server(port="-1"),
        server(port="٣"),
        server(port=""),
        server(security="ssl3"),
    ],
)
def test_servers_that_cannot_be_used_are_passed_over(wrong):
    assert read_autoconfig(config_document(wrong), ADDRESS).imap is None
    assert read_autoconfig(config_document(wrong, server()), ADDRESS).imap == Endpoint("mail.example.test", 993, "tls")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html><body>Not found<br></body></html>",
        BOMB,
        FOREIGN,
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"\xff\xfe",
    ],
)
def test_what_is_no_such_document_is_refused(document):
    with pytest.raises(Rejected, match="cannot be read"):
        read_autoconfig(document, ADDRESS)


def test_another_document_names_nothing():
    found = read_autoconfig(b"<clientConfig><webMail/></clientConfig>", ADDRESS)

    assert (found.imap, found.smtp) == (None, None)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_mangled_documents_are_refused_or_name_servers_that_can_be_used(data):
    document = bytearray(config_document(server("pop3"), server(), server("smtp", port=587, security="STARTTLS")))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(document)))
        taken = data.draw(st.integers(0, 12))
        document[place : place + taken] = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"%EMAILDOMAIN%", b"<port>", b"&amp;"])
        )
    try:
        found = read_autoconfig(bytes(document), ADDRESS)
    except Rejected:
        return
    for endpoint in filter(None, (found.imap, found.smtp)):
        assert 0 < endpoint.port < 65536
        assert endpoint.security in ("tls", "starttls")
        assert "." in endpoint.host
        assert not set(endpoint.host) & set(" /:@%<>")
