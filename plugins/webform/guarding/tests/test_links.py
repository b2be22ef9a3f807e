"""Which links count, and which hide where they lead."""

import pytest

from plugins.webform.guarding.disposable import is_disposable
from plugins.webform.guarding.links import foreign_links, has_bare_domain, hidden_links, links_in, sites_of
from plugins.webform.guarding.tests.test_spam import create_message


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("see https://a.test/x and www.b.test", 2),
        ("see bit.ly/abc", 1),
        ("write to ada@shop.test/office", 0),
        ("e.g. this/that and 1.5/2.5", 0),
        ("(https://a.test/x)", 1),
    ],
)
def test_links_are_found(text, count):
    assert len(links_in(text)) == count


def test_links_to_the_page_of_the_form_are_not_foreign():
    message = create_message("", context={"way": "script", "page": "https://www.shop.co.uk/contact"})
    text = "https://shop.co.uk/a https://orders.shop.co.uk/b https://other.co.uk/c https://shop.co.uk.evil.test/d"
    assert list(foreign_links(message, text)) == ["https://other.co.uk/c", "https://shop.co.uk.evil.test/d"]


@pytest.mark.parametrize(
    "link", ["https://bit.ly/x", "http://WWW.tinyurl.com/x", "t.me/x", "http://203.0.113.9/x", "https://a:b@c.test/"]
)
def test_links_that_hide_are_known(link):
    assert hidden_links([link]) == 1


@pytest.mark.parametrize("link", ["https://shop.test/bit.ly", "http://[broken", "https://youtu.be/x"])
def test_other_links_do_not_hide(link):
    assert hidden_links([link]) == 0


def test_sites_are_told_without_those_that_everybody_uses():
    assert sites_of(["https://a.b.spam.test/1", "https://imgur.com/2", "https://bit.ly/3"]) == {"spam.test"}


def test_a_site_can_be_named_without_a_link():
    assert has_bare_domain("visit cheap-lamps.com today")
    assert not has_bare_domain("ada@lamps.com wrote e.g. this. Com")


@pytest.mark.parametrize("address", ["x@mailinator.com", "x@sub.mailinator.com", "X@YOPMAIL.COM"])
def test_throw_away_addresses_are_known(address):
    assert is_disposable(address)


@pytest.mark.parametrize("address", ["x@gmail.com", "x@example.com", "x@com", "", "visitor"])
def test_other_addresses_are_not(address):
    assert not is_disposable(address)
