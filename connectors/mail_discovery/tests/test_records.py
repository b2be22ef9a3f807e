"""Promises about questions to DNS, with a real name server."""

from __future__ import annotations

import time

import pytest

from connectors.errors import Unavailable
from connectors.mail_discovery.records import Resolver, Service, is_public


@pytest.fixture
def resolver(dns_server):
    return Resolver(dns_server.address, timeout_s=0.5)


def test_mail_exchangers_come_in_order_of_preference(dns_server, resolver):
    dns_server.put("example.test", "MX", "20 Backup.example.test.", "5 mx.example.test.")

    assert resolver.mail_exchangers("example.test") == ("mx.example.test", "backup.example.test")


def test_a_domain_without_mail_has_no_exchangers(dns_server, resolver):
    dns_server.put("example.test", "MX", "0 .")

    assert resolver.mail_exchangers("example.test") == ()
    assert resolver.mail_exchangers("nowhere.test") == ()


def test_services_come_by_priority_and_then_by_weight(dns_server, resolver):
    dns_server.put(
        "_imaps._tcp.example.test",
        "SRV",
        "20 90 993 far.example.test.",
        "10 10 993 light.example.test.",
        "10 60 1993 heavy.example.test.",
    )

    assert resolver.services("_imaps._tcp.example.test") == (
        Service("heavy.example.test", 1993, 10, 60),
        Service("light.example.test", 993, 10, 10),
        Service("far.example.test", 993, 20, 90),
    )


def test_a_service_that_is_said_not_to_exist_is_left_out(dns_server, resolver):
    dns_server.put("_imap._tcp.example.test", "SRV", "0 0 0 .")

    assert resolver.services("_imap._tcp.example.test") == ()


def test_services_behind_another_name_are_found(dns_server, resolver):
    dns_server.put("_imaps._tcp.example.test", "CNAME", "_imaps._tcp.provider.test.")
    dns_server.put("_imaps._tcp.provider.test", "SRV", "0 1 993 mail.provider.test.")

    assert [service.host for service in resolver.services("_imaps._tcp.example.test")] == ["mail.provider.test"]


def test_addresses_of_both_kinds_are_found_and_an_address_is_its_own(dns_server, resolver):
    dns_server.put("mail.example.test", "AAAA", "2001:db8::1")
    dns_server.put("mail.example.test", "A", "192.0.2.1")

    assert resolver.addresses("mail.example.test") == ("192.0.2.1", "2001:db8::1")
    assert resolver.addresses("192.0.2.7") == ("192.0.2.7",)
    assert resolver.addresses("nowhere.test") == ()


def test_a_name_that_only_this_machine_knows_is_found_unless_a_name_server_was_named(resolver, monkeypatch):
    on_this_machine = Resolver(timeout_s=0.5)
    monkeypatch.setattr(on_this_machine, "_ask", lambda name, kind: [])  # what DNS outside of the test says

    assert "127.0.0.1" in on_this_machine.addresses("localhost")
    assert resolver.addresses("localhost") == ()


def test_a_name_server_that_is_silent_is_not_waited_for_long(dns_server, resolver):
    dns_server.silent_names.add("example.test")
    began = time.monotonic()

    with pytest.raises(Unavailable, match="in time"):
        resolver.mail_exchangers("example.test")
    assert time.monotonic() - began < 2


def test_a_name_that_is_none_is_no_error_of_ours(resolver):
    with pytest.raises(Unavailable):
        resolver.mail_exchangers(f"{'a' * 64}.test")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.251", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.1.2.3", False),
        ("2002:a01:203::1", False),
        ("64:ff9b::a01:203", False),
        ("64:ff9b:1::a01:203", False),
        ("::10.1.2.3", False),
        ("fec0::1", False),
    ],
)
def test_addresses_of_our_own_network_are_known(address, expected):
    assert is_public(address) is expected


def test_nobody_is_asked_where_dns_is_off():
    resolver = Resolver("off")

    with pytest.raises(Unavailable, match="switched off"):
        resolver.mail_exchangers("example.test")
    assert resolver.addresses("192.0.2.7") == ("192.0.2.7",)
    assert "127.0.0.1" in resolver.addresses("localhost")


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_name_server_is_named_as_in_the_configuration(text, server):
    resolver = Resolver(text)._resolver()

    assert (resolver.nameservers[0], resolver.port) == server
