"""Promises of small rules of the pages: links, typed addresses, pictures, signatures, and where a redirect may lead."""

import pytest

from app.errors import InvalidInput
from app.plugin_api.messages import Participant
from app.web.guard import is_local_path
from app.web.people_typed import parse_people, show_people
from app.web.pictures import picture_type
from app.web.signature import signed
from app.web.text_html import marked_html, plain_html


def test_plain_text_keeps_its_lines_and_links_addresses():
    html = plain_html("Hello\nsee https://x.example/a?b=1&c=2.\n\nBye")

    assert html == (
        '<p>Hello<br>\nsee <a href="https://x.example/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer nofollow">'
        "https://x.example/a?b=1&amp;c=2</a>.</p>\n<p>Bye</p>"
    )


@pytest.mark.parametrize(
    "text", ["<script>x</script>", 'https://x.example/"onclick=x', "javascript:alert(1)", "<a href=x>"]
)
def test_nothing_in_plain_text_becomes_markup(text):
    html = plain_html(text)

    assert "<script" not in html
    assert '"onclick' not in html
    assert 'href="javascript' not in html
    assert "<a href=x" not in html


def test_only_hits_are_marked():
    assert marked_html((("a <", False), ("b&", True))) == "a &lt;<mark>b&amp;</mark>"


def test_typed_addresses_become_people_and_back():
    people = parse_people('"Reader, Ada" <ADA@x.example>; ben@y.example', "email", "to")

    assert people == (Participant("email", "ada@x.example", "Reader, Ada"), Participant("email", "ben@y.example"))
    assert parse_people(show_people(people), "email", "to") == people


@pytest.mark.parametrize("text", ["", " , ", "ada", "ada@@x", "Ada <ada>", "ada@x.example, ben"])
def test_what_is_no_address_is_refused_beside_its_field(text):
    with pytest.raises(InvalidInput) as refusal:
        parse_people(text, "email", "cc")
    assert set(refusal.value.fields) == {"cc"}


def test_other_channels_take_what_is_typed():
    assert parse_people("+49 30 1234", "phone", "to") == (Participant("phone", "+49 30 1234"),)
    assert parse_people("", "phone", "cc", may_be_empty=True) == ()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"<svg xmlns=", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_a_picture_is_told_by_its_bytes(head, expected):
    assert picture_type(head) == expected


def test_a_text_is_signed_once():
    assert signed("Hi", "Ada") == "Hi\n\nAda"
    assert signed("Hi\n\nAda\n", "Ada") == "Hi\n\nAda\n"
    assert signed("", "Ada") == ""
    assert signed("Hi", " ") == "Hi"


@pytest.mark.parametrize("address", ["/", "/?a=b", "/conversations/1#message-2"])
def test_addresses_of_this_site_are_local(address):
    assert is_local_path(address)


@pytest.mark.parametrize(
    "address", ["//x.example", "/\\x.example", "https://x.example", "javascript:x", "\\\\x", "", "x"]
)
def test_other_addresses_are_not(address):
    assert not is_local_path(address)
