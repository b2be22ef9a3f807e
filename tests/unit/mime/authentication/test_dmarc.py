"""DMARC: whether the domain in From vouches, by a signature or a server that belong to it."""

import pytest

from app.mime.authentication.dmarc import check_dmarc
from tests.unit.mime.authentication.zones import SILENT, zone

REJECT = {("_dmarc.example.com", "TXT"): ["v=DMARC1; p=reject; sp=quarantine"]}
UNKNOWN = None


@pytest.mark.parametrize(
    ("author", "spf", "signatures", "expected"),
    [
        ("example.com", ("pass", "example.com"), [], ("pass", "reject")),
        ("example.com", ("pass", "bounce.example.com"), [], ("pass", "reject")),
        ("example.com", ("pass", "evil.example.net"), [], ("fail", "reject")),
        ("example.com", ("fail", "example.com"), [("pass", "mail.example.com")], ("pass", "reject")),
        ("example.com", ("none", ""), [("pass", "evil.example.net")], ("fail", "reject")),
        ("example.com", ("none", ""), [("fail", "example.com")], ("fail", "reject")),
        ("example.com", ("none", ""), [("temperror", "example.com")], ("temperror", "reject")),
        ("example.com", UNKNOWN, [("fail", "example.com")], ("none", "reject")),
        ("example.com", UNKNOWN, [("pass", "example.com")], ("pass", "reject")),
        ("shop.example.com", ("pass", "example.com"), [], ("pass", "quarantine")),
        ("shop.example.com", ("pass", "evil.example.net"), [], ("fail", "quarantine")),
        ("example.org", ("fail", "example.org"), [], ("none", "")),
        ("notexample.com", ("fail", "x.org"), [], ("none", "")),
        ("not a domain", ("pass", "example.com"), [], ("none", "")),
    ],
)
def test_the_domain_vouches_by_what_belongs_to_it(author, spf, signatures, expected):
    assert check_dmarc(author, spf, signatures, zone(REJECT)) == expected


def test_strict_domains_want_their_very_name():
    strict = zone({("_dmarc.example.com", "TXT"): ["v=DMARC1; p=reject; adkim=s; aspf=s"]})

    assert check_dmarc("example.com", ("pass", "a.example.com"), [("pass", "b.example.com")], strict)[0] == "fail"
    assert check_dmarc("example.com", ("pass", "example.com"), [], strict)[0] == "pass"


def test_a_domain_in_which_strangers_live_speaks_for_none_of_them():
    homes = zone(
        {("_dmarc.homes.example", "TXT"): ["v=DMARC1; p=reject; psd=y"], ("_dmarc.ada.homes.example", "TXT"): ["v=DMARC1; p=none"]}
    )  # fmt: skip

    assert check_dmarc("ada.homes.example", ("pass", "ben.homes.example"), [], homes) == ("fail", "none")
    assert check_dmarc("www.cleo.homes.example", ("pass", "cleo.homes.example"), [], homes) == ("pass", "reject")
    assert check_dmarc("cleo.homes.example", ("pass", "ben.homes.example"), [], homes) == ("fail", "reject")


def test_a_domain_that_is_only_trying_asks_for_less():
    trying = zone({("_dmarc.example.com", "TXT"): ["v=DMARC1; p=reject; t=y"]})

    assert check_dmarc("example.com", ("fail", "example.com"), [], trying) == ("fail", "quarantine")


@pytest.mark.parametrize("records", [["v=DMARC1; p=none", "v=DMARC1; p=reject"], ["v=DMARC10; p=reject"], ["p=reject"]])
def test_a_record_that_is_none_says_nothing(records):
    assert check_dmarc("example.com", ("fail", "x"), [], zone({("_dmarc.example.com", "TXT"): records})) == ("none", "")


def test_silence_speaks_against_nobody():
    silent = zone({("_dmarc.example.com", "TXT"): SILENT})

    assert check_dmarc("example.com", ("fail", "example.com"), [], silent) == ("temperror", "")


def test_a_very_long_name_costs_few_questions():
    asked = []

    def ask(name, kind):
        asked.append(name)
        return ("v=DMARC1; p=reject",) if name == "_dmarc.example.com" else ()

    author = ".".join(["a"] * 60) + ".example.com"
    assert check_dmarc(author, ("fail", "x.org"), [], ask) == ("fail", "reject")
    assert len(asked) <= 8
