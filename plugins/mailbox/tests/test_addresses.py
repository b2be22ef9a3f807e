"""Promises about addresses: which are ours, and which belong to the same person."""

import pytest

from plugins.mailbox.addresses import account_for, canonical_address, is_own_address, known_address
from tidings import MAIL, Account, Participant


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada+Shop@Example.com", "ada@example.com"),
        ("ada+a+b@example.com", "ada@example.com"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("a.da@googlemail.com", "ada@gmail.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("+tag@example.com", "+tag@example.com"),
    ],
)
def test_canonical_address_drops_what_does_not_count(written, canonical):
    assert canonical_address(written) == canonical


def test_a_sender_spelt_canonically_needs_no_match():
    assert known_address(Participant(MAIL, "ada@example.com")) is None
    assert known_address(Participant("phone", "+491234567")) is None
    assert known_address(Participant(MAIL, "mailer-daemon")) is None


def test_a_tagged_sender_is_matched_under_the_bare_address_and_keeps_the_name():
    sender = Participant(MAIL, "ada+shop@example.com", "Ada")

    assert known_address(sender) == Participant(MAIL, "ada@example.com", "Ada")


def test_own_addresses_are_the_same_and_those_with_a_tag():
    assert is_own_address("Help@Example.com", "help@example.com")
    assert is_own_address("help+r-abcd@example.com", "help@example.com")
    assert is_own_address("help+sales@example.com", "help+sales@example.com")
    assert not is_own_address("helpdesk@example.com", "help@example.com")
    assert not is_own_address("help@example.org", "help@example.com")
    assert not is_own_address("help@example.com", "")


def test_a_recipient_belongs_to_the_account_of_exactly_that_address_first():
    accounts = [
        Account(1, "mailbox", "A", "help@example.com", {}),
        Account(2, "mailbox", "B", "help+vip@example.com", {}),
    ]

    assert account_for("help+vip@example.com", accounts) is accounts[1]
    assert account_for("HELP+r-abc@example.com", accounts) is accounts[0]
    assert account_for("other@example.com", accounts) is None
