"""Which names could be mistaken for which."""

import time

import pytest

from app.domain.lookalikes import Familiar, address_in_name, folded_name, lookalike_of, organisation_of

OWN = {"example.com"}
KNOWN = {"bluewater.de": 40, "example.org": 40, "rare-shop.de": 2, "modem.de": 40, "web.de": 900, "hotmail.be": 30}


@pytest.mark.parametrize(
    "domain",
    [
        "examp1e.com", "exarnple.com", "exmaple.com", "examples.com", "exmple.com", "mail.exarnple.com", "example.com.evil.net",
        "xn--exmple-4nf.com",
    ],
)  # fmt: skip
def test_copies_of_the_own_domain_are_told(domain):
    assert lookalike_of(domain, OWN, {}) == "example.com"


@pytest.mark.parametrize(
    "domain", ["example.com", "mail.example.com", "other.com", "sample.net", "ex.com", "com", "", "example.net"]
)
def test_others_are_not(domain):
    assert lookalike_of(domain, OWN, {}) is None


@pytest.mark.parametrize(
    ("domain", "copied"),
    [
        ("bluewatter.de", "bluewater.de"),
        ("blue-water.de", "bluewater.de"),
        ("modern.de", "modem.de"),
        ("wed.de", None),
        ("hotmail.de", None),
        ("rare-shop2.de", None),
        ("rare-shup.de", None),
        ("bluewater.at", None),
        ("bluewater.de", None),
    ],
)
def test_well_known_domains_are_what_others_copy(domain, copied):
    assert lookalike_of(domain, (), KNOWN) == copied


def test_a_copy_that_writes_every_day_is_still_one_until_it_is_as_well_known():
    assert lookalike_of("bluewatter.de", (), {"bluewater.de": 40, "bluewatter.de": 5}) == "bluewater.de"
    assert lookalike_of("bluewatter.de", (), {"bluewater.de": 40, "bluewatter.de": 20}) is None


def test_names_that_a_copy_invents_below_its_own_are_as_well_known_as_it_is():
    known = {"bluewater.de": 40, "bluewatter.de": 20}
    assert lookalike_of("mail.bluewatter.de", (), known) is None
    assert lookalike_of("mail.bluewatter.de", (), {**known, "bluewatter.de": 5}) == "bluewater.de"


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("example.com", "example.com"), ("a1.news.example.com", "example.com"), ("x.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"), ("a.ibm.com", "ibm.com"), ("a.ab.de", "ab.de"), ("co.uk", "co.uk"), ("com", "com"),
        ("", ""), ("a.b.com.br", "b.com.br"), ("a.or.example", "or.example"),
    ],
)  # fmt: skip
def test_what_was_registered_is_told_from_what_was_invented_below(domain, organisation):
    assert organisation_of(domain) == organisation


def test_of_the_domains_noted_today_only_so_many_are_kept_in_memory():
    familiar = Familiar()
    for number in range(12_000):
        familiar.note(f"x{number}.example", "2026-03-02")
    assert len(familiar.noted) <= 5_000
    assert familiar.was_noted("x11999.example", "2026-03-02")
    assert not familiar.was_noted("x11999.example", "2026-03-03")

    familiar.note("y.example", "2026-03-03")
    assert familiar.noted == {"y.example"}


def test_counted_things_differ_by_a_number():
    assert lookalike_of("branch2.example", (), {"branch1.example": 40}) is None


@pytest.mark.parametrize(
    "name", ["Lea Brandt", "LEA  brandt", "Lеa Brandt", "L\u00e9a Brandt", "\u201cLea Brandt\u201d", "Lea-Brandt"]
)
def test_names_are_equal_however_they_are_dressed(name):
    assert folded_name(name) == "lea brandt"


def test_an_address_used_as_a_name_is_found():
    assert address_in_name("Bank (Service@Bank.test)") == "service@bank.test"
    assert address_in_name("Ada @ home") is None


def test_hostile_names_cost_little():
    known = {f"shop-{number:04}-example.test": 40 for number in range(1_000)}
    started = time.perf_counter()
    for domain in ("a" * 250, ".".join("a" * 120), "xn--" + "z" * 59 + ".test", "\u0430" * 250):
        lookalike_of(domain, OWN, known)
        folded_name(domain)
    address_in_name("a@" + "a." * 50_000)
    address_in_name("a" * 100_000)

    assert time.perf_counter() - started < 2
