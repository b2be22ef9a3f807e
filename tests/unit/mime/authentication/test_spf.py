"""SPF by the rules of RFC 7208: which server may send for a domain."""

import time

import pytest

from app.mime.authentication.spf import check_spf
from tests.unit.mime.authentication.zones import SILENT, zone


def checked(record, *, ip="192.0.2.7", sender="ada@example.com", helo="mail.example.org", **records):
    known = {("example.com", "TXT"): [record] if isinstance(record, str) else record}
    known |= {tuple(name.rsplit(" ", 1)): values for name, values in records.pop("zone", {}).items()}
    return check_spf(ip, sender, helo, zone(known))[0]


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:192.0.2.7 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ip4:198.51.100.0/24 ~all", "softfail"),
        ("v=spf1 ip4:198.51.100.0/24 ?all", "neutral"),
        ("v=spf1 ip4:198.51.100.0/24", "neutral"),
        ("v=spf1 -ip4:192.0.2.7 +all", "fail"),
        ("V=SPF1 IP4:192.0.2.7 -ALL", "pass"),
        ("v=spf1", "neutral"),
        ("v=spf10 +all", "none"),
        ("something else", "none"),
        ([], "none"),
        (["v=spf1 +all", "v=spf1 -all"], "permerror"),
        ("v=spf1 foo -all", "permerror"),
        ("v=spf1 ip4:192.0.2.300 -all", "permerror"),
        ("v=spf1 ip4 -all", "permerror"),
        ("v=spf1 include: -all", "permerror"),
        ("v=spf1 all:example.com", "permerror"),
        ("v=spf1 unknown=thing ip4:192.0.2.7 -all", "pass"),
        ("v=spf1 exp=why.example.com ip4:192.0.2.7 -all", "pass"),
    ],
)
def test_a_record_is_read_from_left_to_right(record, verdict):
    assert checked(record) == verdict


ZONE = {
    "example.com A": ["192.0.2.7"],
    "example.com AAAA": ["2001:db8::7"],
    "near.example.com A": ["192.0.2.8"],
    "example.com MX": ["mx1.example.com", "mx2.example.com"],
    "mx2.example.com A": ["192.0.2.7"],
    "mx1.example.com A": ["192.0.2.1"],
    "spf.example.net TXT": ["v=spf1 ip4:192.0.2.7 -all"],
    "other.example.net TXT": ["v=spf1 ip4:198.51.100.1 -all"],
    "loop.example.net TXT": ["v=spf1 include:loop.example.net -all"],
    "192.0.2.7 PTR": ["mail.example.com"],
    "mail.example.com A": ["192.0.2.7"],
    "7.2.0.192.in-addr._spf.example.com A": ["127.0.0.2"],
    "ada.lp._spf.example.com A": ["127.0.0.2"],
    "moon.example.com TXT": SILENT,
}


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ("v=spf1 a -all", "pass"),
        ("v=spf1 a:near.example.com -all", "fail"),
        ("v=spf1 a:near.example.com/28 -all", "pass"),
        ("v=spf1 mx -all", "pass"),
        ("v=spf1 mx:nothing.example.com -all", "fail"),
        ("v=spf1 include:spf.example.net -all", "pass"),
        ("v=spf1 include:other.example.net -all", "fail"),
        ("v=spf1 include:nothing.example.net -all", "permerror"),
        ("v=spf1 redirect=spf.example.net", "pass"),
        ("v=spf1 redirect=nothing.example.net", "permerror"),
        ("v=spf1 redirect=other.example.net ?all", "neutral"),
        ("v=spf1 include:loop.example.net -all", "permerror"),
        ("v=spf1 ptr -all", "pass"),
        ("v=spf1 ptr:example.org -all", "fail"),
        ("v=spf1 exists:%{ir}.%{v}._spf.%{d} -all", "pass"),
        ("v=spf1 exists:%{l}.lp._spf.%{o} -all", "pass"),
        ("v=spf1 exists:%{d1r}.%{x} -all", "permerror"),
        ("v=spf1 exists:50%off.example.com -all", "permerror"),
        ("v=spf1 include:moon.example.com -all", "temperror"),
        ("v=spf1 a:v1.example.com a:v2.example.com a:v3.example.com -all", "permerror"),
        ("v=spf1 " + " ".join(["a:near.example.com"] * 10) + " -all", "fail"),
        ("v=spf1 " + " ".join(["a:near.example.com"] * 11) + " -all", "permerror"),
    ],
)
def test_what_a_record_names_is_asked_for(record, verdict):
    assert checked(record, zone=ZONE) == verdict


def test_the_other_protocol_has_addresses_of_its_own():
    assert checked("v=spf1 a -all", ip="2001:db8::7", zone=ZONE) == "pass"
    assert checked("v=spf1 ip6:2001:db8::/32 -all", ip="2001:db8::9") == "pass"
    assert checked("v=spf1 ip4:192.0.2.0/24 -all", ip="2001:db8::9") == "fail"
    assert checked("v=spf1 ip6:192.0.2.0/24 -all", ip="2001:db8::9") == "permerror"


def test_a_delivery_report_stands_for_the_server_that_sends_it():
    known = zone({("mail.example.org", "TXT"): ["v=spf1 ip4:192.0.2.7 -all"]})

    assert check_spf("192.0.2.7", "", "mail.example.org", known) == ("pass", "mail.example.org")
    assert check_spf("192.0.2.7", "", "[192.0.2.7]", known) == ("none", "")


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 exists:" + "%{s}" * 1_200 + ".example.com -all",
        "v=spf1 " + "exists:%{s1r}.%{p}.example.com " * 2_000,
        "v=spf1 " + "ip4:1.2.3.4 " * 5_000,
    ],
)
def test_hostile_records_cost_little(record):
    started = time.perf_counter()
    verdict = checked(record, sender=f"{'a.' * 120}a@example.com")

    assert verdict in ("fail", "permerror")
    assert time.perf_counter() - started < 0.5


def test_of_a_name_that_is_too_long_the_end_is_asked_for():
    asked = []
    records = {("example.com", "TXT"): [f"v=spf1 exists:{'bb.' * 200}example.org -all"]}

    def noting(name, kind):
        asked.append(name)
        return zone(records)(name, kind)

    check_spf("192.0.2.7", "ada@example.com", "mail.example.org", noting)

    assert asked == ["example.com", "bb." * 80 + "example.org"]
