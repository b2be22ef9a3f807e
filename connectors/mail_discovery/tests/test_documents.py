"""Promises about fetching documents from strangers: HTTPS alone, bounded in every way, and no way into our own network."""

from __future__ import annotations

import time

import pytest

from connectors.errors import Rejected, Unavailable
from connectors.mail_discovery.documents import MOST_BYTES, fetch_document, is_within
from connectors.mail_discovery.tests.conftest import point_here
from connectors.mail_discovery.tests.web_server import Page

HOME = "example.test"


@pytest.fixture
def get(reach, dns_server):
    point_here(dns_server, "example.test", "www.example.test", "other.test", "wrong.example.test")
    return lambda url="https://example.test/a.xml", home=HOME: fetch_document(url, reach, home)


def moved(to: str, status: int = 302) -> Page:
    return Page(status=status, headers={"Location": to})


def test_a_document_is_fetched(get, web):
    web.pages["example.test/a.xml"] = Page(b"<a/>")

    assert get("https://example.test/a.xml?emailaddress=ada%40example.test") == b"<a/>"
    assert web.asked == ["example.test/a.xml?emailaddress=ada%40example.test"]


@pytest.mark.parametrize("to", ["/b.xml", "https://www.example.test/b.xml"])
def test_a_document_that_has_moved_is_followed(get, web, to):
    web.pages["example.test/a.xml"] = moved(to)
    web.pages["example.test/b.xml"] = web.pages["www.example.test/b.xml"] = Page(b"<b/>")

    assert get() == b"<b/>"


def test_a_document_that_moves_for_ever_is_left(get, web):
    web.pages["example.test/a.xml"] = moved("/a.xml")

    with pytest.raises(Rejected, match="too often"):
        get()
    assert len(web.asked) == 4


@pytest.mark.parametrize(
    "to",
    ["http://example.test/a.xml", "ftp://example.test/a", "https://ada@example.test/", "https://[::1/"],
)
def test_nothing_but_https_is_followed(get, web, to):
    web.pages["example.test/a.xml"] = moved(to)

    with pytest.raises(Rejected, match="led to"):
        get()
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "to", ["https://other.test/a.xml", "https://127.0.0.1/a.xml", "https://[::1]/a.xml", "https://localhost/a.xml"]
)
def test_strangers_cannot_send_us_into_our_own_network(get, web, to):
    web.pages["example.test/a.xml"] = moved(to)

    with pytest.raises(Rejected, match="private address"):
        get()
    assert len(web.asked) == 1


def test_a_certificate_must_be_for_the_name_that_was_asked_for(get, web):
    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        get("https://wrong.example.test/a.xml")
    assert web.asked == []


def test_a_large_document_is_not_read_to_its_end(get, web):
    web.pages["example.test/a.xml"] = Page(b"a" * 5_000_000)

    with pytest.raises(Rejected, match="too large"):
        get()
    web.pages["example.test/a.xml"] = Page(b"a" * MOST_BYTES)
    assert len(get()) == MOST_BYTES


def test_a_server_that_sends_a_byte_now_and_then_is_cut_off(get, web):
    web.pages["example.test/a.xml"] = Page(b"a" * 100, pause_s=0.3)
    began = time.monotonic()

    with pytest.raises(Unavailable):
        get()
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("status", [404, 500, 204, 304])
def test_other_answers_are_no_document(get, web, status):
    web.pages["example.test/a.xml"] = Page(status=status)

    with pytest.raises(Rejected) as caught:
        get()
    assert caught.value.code == status


def test_a_host_that_does_not_exist_or_does_not_answer_is_unavailable(get, web, dns_server, reach):
    with pytest.raises(Unavailable, match="no host called"):
        get("https://nowhere.test/a.xml")
    with pytest.raises(Unavailable):
        get("https://example.test:1/a.xml")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.test", True),
        ("Mail.Example.test.", True),
        ("badexample.test", False),
        ("example.test.evil.test", False),
        ("", False),
    ],
)
def test_hosts_below_a_domain_are_told_apart(host, expected):
    assert is_within(host, "example.test") is expected
