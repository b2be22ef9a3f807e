"""Which spellings of an address reach the same mailbox, and whose an address is."""

import pytest

from app.domain.addresses import OwnAddresses, canonical_address, mailbox_of, without_tag

OWN = OwnAddresses(
    (
        (1, "help@example.com"),
        (1, "*@example.com"),
        (2, "help+vip@example.com"),
        (2, "sales@example.org"),
        (3, "a.da@gmail.com"),
        (4, "sip:+4930@pbx.example"),
        (5, "sales@example.org"),
    )
)


@pytest.mark.parametrize(
    ("written", "bare", "canonical"),
    [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        ("Ada+Shop@Example.com", "ada@example.com", "ada@example.com"),
        ("ada+a+b@example.com", "ada@example.com", "ada@example.com"),
        ("a.d.a+x@gmail.com", "a.d.a@gmail.com", "ada@gmail.com"),
        ("a.da@googlemail.com", "a.da@googlemail.com", "ada@gmail.com"),
        ("a.da@example.com", "a.da@example.com", "a.da@example.com"),
        ("+tag@example.com", "+tag@example.com", "+tag@example.com"),
        ("mailer-daemon", "mailer-daemon", "mailer-daemon"),
    ],
)
def test_tags_and_the_dots_of_gmail_do_not_count(written, bare, canonical):
    assert (without_tag(written), canonical_address(written)) == (bare, canonical)


@pytest.mark.parametrize(
    ("kind", "spellings", "mailbox"),
    [
        ("email", ("Ada+Shop@Example.com", "ada@example.com", " ada+a+b@example.com"), "email:ada@example.com"),
        ("email", ("a.da@gmail.com", "ada+x@googlemail.com", "ADA@gmail.com"), "email:ada@gmail.com"),
        ("phone", ("+493012345",), "phone:+493012345"),
        ("sip", ("sip:+4930@pbx.example",), "sip:sip:+4930@pbx.example"),
    ],
)
def test_all_spellings_of_a_mailbox_are_one(kind, spellings, mailbox):
    assert {mailbox_of(kind, one) for one in spellings} == {mailbox}


def test_a_mailbox_fits_its_column():
    assert len(mailbox_of("email", "a" * 600 + "@example.com")) == 340


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("Help@Example.com", 1),
        ("help+r-token@example.com", 1),
        ("help+vip@example.com", 2),
        ("anything@example.com", 1),
        ("sales@example.org", 2),
        ("ada+x@googlemail.com", 3),
        ("other@example.org", None),
        ("helpdesk@example.net", None),
        ("", None),
    ],
)
def test_mail_goes_to_who_names_exactly_that_address_then_a_spelling_of_it_then_all_of_its_domain(address, account):
    assert OWN.account_for(address) == account


def test_what_a_catch_all_gets_is_not_named_by_anybody():
    assert OWN.gets("email", "ben@example.com")
    assert not OWN.names("email", "ben@example.com")
    assert OWN.names("email", "help+x@example.com")


def test_addresses_of_other_kinds_have_no_spellings():
    assert OWN.names("sip", "sip:+4930@pbx.example")
    assert not OWN.gets("sip", "sip:+4999@pbx.example")


def test_an_address_is_spelt_without_a_tag_that_nobody_named():
    assert OWN.spelt("Help+r-token@example.com") == "help@example.com"
    assert OWN.spelt("help+vip@example.com") == "help+vip@example.com"


def test_those_of_one_account_and_their_domains():
    assert OWN.of(2).account_for("help@example.com") == 2  # the mailbox that the tag is of
    assert OWN.of(2).domains == {"example.com", "example.org"}
