"""A word that an admin chose leads to the form, one word at a time."""

import pytest

from plugins.webform.sharing.short_address import ShortAddress, WordRefused, drop_word, set_word, short_address
from tidings import Account
from tidings.testing import FakeHost


@pytest.fixture
def host() -> FakeHost:
    return FakeHost("webform", [Account(1, "webform", "Contact", "", {}), Account(2, "webform", "Shop", "", {})])


def test_a_word_leads_to_the_form(host):
    assert short_address(host, 1) == ShortAddress()
    assert set_word(host, 1, " Contact ", "/f/k1").url == "https://inbox.example.com/s/contact"
    assert host.short_addresses == {"contact": "/f/k1"}
    assert short_address(host, 1).word == "contact"
    assert short_address(host, 2) == ShortAddress()


def test_another_word_takes_the_place_of_the_first(host):
    set_word(host, 1, "contact", "/f/k1")
    set_word(host, 1, "help-me", "/f/k1")
    assert host.short_addresses == {"help-me": "/f/k1"}
    assert set_word(host, 1, "help-me", "/f/k1").word == "help-me"


def test_a_word_that_leads_elsewhere_is_refused_and_the_old_one_stays(host):
    set_word(host, 2, "contact", "/f/k2")
    set_word(host, 1, "help", "/f/k1")
    with pytest.raises(WordRefused, match="“contact” leads to something else already"):
        set_word(host, 1, "contact", "/f/k1")
    assert short_address(host, 1).word == "help"
    assert host.short_addresses == {"contact": "/f/k2", "help": "/f/k1"}


@pytest.mark.parametrize("word", ["", "a", "-ab", "ab-", "a b", "größe", "a/b", "a" * 41, "a.b", "ab\n\n?"])
def test_what_cannot_stand_in_an_address_is_refused(host, word):
    with pytest.raises(WordRefused, match="letters from a to z"):
        set_word(host, 1, word, "/f/k1")
    assert host.short_addresses == {}


def test_a_word_can_be_given_up(host):
    drop_word(host, 1)
    set_word(host, 1, "contact", "/f/k1")
    drop_word(host, 1)
    assert host.short_addresses == {}
    assert short_address(host, 1) == ShortAddress()
