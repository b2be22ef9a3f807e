"""Promises about addresses: which are ours, what owners write, and which belong to the same person."""

import pytest

from plugins.mailbox.addresses import account_for, known_address
from plugins.mailbox.aliases import Alias, read_aliases, wrong_alias
from plugins.mailbox.return_address import is_made_by, made_by, pattern_problem, plus_pattern
from plugins.mailbox.settings import MailboxSettings
from tidings import MAIL, Account, Participant


def create_account(number, address, **settings):
    return Account(number, "mailbox", address, address, {"address": address, **settings})


def test_a_sender_spelt_canonically_needs_no_match():
    assert known_address(Participant(MAIL, "ada@example.com")) is None
    assert known_address(Participant("phone", "+491234567")) is None
    assert known_address(Participant(MAIL, "mailer-daemon")) is None


def test_a_tagged_sender_is_matched_under_the_bare_address_and_keeps_the_name():
    sender = Participant(MAIL, "a.d.a+shop@gmail.com", "Ada")

    assert known_address(sender) == Participant(MAIL, "ada@gmail.com", "Ada")


@pytest.mark.parametrize(
    ("recipient", "account"),
    [
        ("help+vip@example.com", 2),
        ("HELP+r-abc@example.com", 1),
        ("sales@example.com", 1),
        ("Sales+x@example.com", 1),
        ("anything@shop.example.com", 3),
        ("billing@shop.example.com", 2),
        ("bounces+b-abcd2345@mail.example.net", 3),
        ("bounces@mail.example.net", None),
        ("other@example.com", None),
    ],
)
def test_a_recipient_belongs_to_who_names_it_then_to_who_takes_its_domain(recipient, account):
    accounts = [
        create_account(1, "help@example.com", aliases="Sales <sales@example.com>"),
        create_account(2, "help+vip@example.com", aliases="billing@shop.example.com"),
        create_account(
            3,
            "shop@example.com",
            aliases="*@shop.example.com",
            return_address="own",
            return_pattern="bounces+{token}@mail.example.net",
        ),
    ]

    found = account_for(recipient, accounts)
    assert (found.id if found else None) == account


def test_aliases_are_written_one_a_line_with_or_without_a_name():
    text = 'Sales@Example.com\n\n"Müller, Bau" <bau@example.com>\nEverything <*@shop.example.com>\nsales@example.com\n'

    assert read_aliases(text) == (
        Alias("sales@example.com"),
        Alias("bau@example.com", "Müller, Bau"),
        Alias("*@shop.example.com", "Everything"),
    )
    assert wrong_alias(text) == ""


@pytest.mark.parametrize("line", ["sales", "*", "s*@example.com", "a@b@c", "<>", "Sales sales@example.com", "a@x, b@x"])
def test_a_line_without_an_address_is_named(line):
    assert wrong_alias(f"help@example.com\n{line}") == line


def test_the_name_of_an_alias_stands_in_from():
    settings = MailboxSettings.read(
        {"address": "help@x.example", "display_name": "X", "aliases": "Sales <sales@x.example>\nAll <*@x.example>"}
    )

    assert settings.name_of("sales@x.example") == "Sales"
    assert settings.name_of("info@x.example") == "All"
    assert settings.name_of("help@x.example") == "X"
    assert settings.sends_from("ben@elsewhere.example") == "help@x.example"


def test_return_addresses_hold_a_token():
    assert plus_pattern("help+x@example.com") == "help+{token}@example.com"
    assert made_by("bounces-{token}@example.com", "b-abc") == "bounces-b-abc@example.com"
    assert is_made_by("bounces-{token}@example.com", "Bounces-B-ABC@example.com")
    assert not is_made_by("bounces-{token}@example.com", "bounces-@example.com")
    assert not is_made_by("b.unces-{token}@example.com", "bounces-b-abc@example.com")


@pytest.mark.parametrize(
    "pattern",
    ["bounces@example.com", "{token}", "a@{token}.example.com", "{token}{token}@x.example", "x" * 40 + "{token}@x.example"],
)  # fmt: skip
def test_a_pattern_that_makes_no_address_is_refused(pattern):
    assert pattern_problem(pattern)
    assert not pattern_problem("bounces+{token}@mail.example.com")
