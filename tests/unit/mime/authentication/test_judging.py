"""One judgement on a mail: a trusted host's word first, then what is found out here."""

import pytest

from app.mime.authentication import Trail, judge
from tests.unit.mime.authentication.zones import SILENT, Signer, zone

MAIL = b"From: Ada <ada@example.com>\r\nTo: help@desk.test\r\nSubject: Order 7\r\nMessage-ID: <1@example.com>\r\n\r\nWhere is it?\r\n"
REJECT = {("_dmarc.example.com", "TXT"): ["v=DMARC1; p=reject"]}
SPF = {("example.com", "TXT"): ["v=spf1 ip4:192.0.2.7 -all"]}
AUTHORS = ("example.com",)


@pytest.fixture(scope="module")
def signer():
    return Signer()


def not_asked(name, kind):
    raise AssertionError(f"{name} was asked for")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("dmarc=pass (p=NONE dis=NONE) header.from=example.com", ("pass", "none")),
        ("dmarc=fail (p=REJECT sp=NONE dis=NONE) header.from=example.com", ("fail", "reject")),
        ("dmarc=fail action=oreject header.from=example.com", ("fail", "reject")),
        ("dmarc=bestguesspass action=none header.from=example.com; dmarc=fail header.from=example.com", ("none", "")),
    ],
)
def test_what_a_trusted_host_judged_is_not_asked_again(said, expected):
    trail = Trail((f"mx.example.org; spf=pass smtp.mailfrom=ada@example.com; {said}",))
    ask = not_asked if expected[0] != "none" else zone({})

    judged = judge(MAIL, AUTHORS, trail, (), ask)

    assert (judged.dmarc, judged.policy) == expected
    assert judged.spf == "pass"


def test_a_word_about_another_domain_is_none():
    judged = judge(MAIL, AUTHORS, Trail(("mx.example.org; dmarc=pass header.from=evil.test",)), (), zone(REJECT))

    assert (judged.dmarc, judged.by) == ("none", "")


def test_an_own_signature_is_enough(signer):
    judged = judge(signer.signed(MAIL), AUTHORS, Trail(), (), zone(signer.records | REJECT))

    assert (judged.dkim, judged.dmarc, judged.policy, judged.by) == ("pass", "pass", "reject", "Tidings")


def test_a_strangers_signature_is_not(signer):
    other = Signer("evil.test")
    trail = Trail(border=("198.51.100.1", "evil.test"), return_path="x@evil.test")

    judged = judge(other.signed(MAIL), AUTHORS, trail, (), zone(other.records | REJECT | SPF))

    assert (judged.dkim, judged.dmarc) == ("pass", "fail")


def test_the_server_that_handed_it_over_is_enough():
    trail = Trail(border=("192.0.2.7", "mail.example.com"), return_path="ada@example.com")

    judged = judge(MAIL, AUTHORS, trail, (), zone(REJECT | SPF))

    assert (judged.spf, judged.dmarc) == ("pass", "pass")


def test_nothing_is_asked_without_a_signature_and_a_border():
    assert judge(MAIL, AUTHORS, Trail(), (), not_asked).by == ""
    assert judge(MAIL, (), Trail(), (), not_asked).by == ""


@pytest.mark.parametrize(
    "silent", [("_dmarc.example.com", "TXT"), ("example.com", "TXT"), ("s1._domainkey.example.com", "TXT")]
)
def test_silence_is_neither_for_nor_against(signer, silent):
    trail = Trail(border=("198.51.100.1", "x.test"), return_path="ada@example.com")
    changed = (
        signer.signed(MAIL).replace(b"Where", b"There")
        if silent[0] != "s1._domainkey.example.com"
        else signer.signed(MAIL)
    )

    judged = judge(changed, AUTHORS, trail, (), zone(signer.records | REJECT | SPF | {silent: SILENT}))

    assert judged.dmarc == "temperror"


def test_of_two_authors_the_worse_counts(signer):
    records = zone(signer.records | REJECT | {("_dmarc.bank.test", "TXT"): ["v=DMARC1; p=reject"]})
    trail = Trail(border=("198.51.100.1", "x.test"), return_path="x@x.test")

    judged = judge(signer.signed(MAIL), ("example.com", "bank.test"), trail, (), records)

    assert (judged.domain, judged.dmarc) == ("bank.test", "fail")


def sealed(forwarder, author):
    """A mail that a forwarder found right, and changed afterwards."""
    found = b"Authentication-Results: lists.forwarder.test; dkim=pass header.d=example.com; dmarc=pass header.from=example.com\r\n"
    return forwarder.sealed(
        found + author.signed(MAIL).replace(b"Subject: ", b"Subject: [list] "), b"lists.forwarder.test"
    )


def test_a_trusted_forwarders_seal_counts_and_a_strangers_does_not(signer):
    forwarder = Signer("forwarder.test")
    records = zone(signer.records | forwarder.records | REJECT | SPF)
    trail = Trail(border=("198.51.100.1", "lists.forwarder.test"), return_path="bounce@forwarder.test")
    mail = sealed(forwarder, signer)

    trusted = judge(mail, AUTHORS, trail, ("lists.forwarder.test",), records)
    unknown = judge(mail, AUTHORS, trail, ("mx.example.org",), records)
    broken = judge(mail.replace(b"Where", b"There"), AUTHORS, trail, ("lists.forwarder.test",), records)

    assert [one.dmarc for one in (trusted, unknown, broken)] == ["fail", "fail", "fail"]
    assert [one.arc for one in (trusted, unknown, broken)] == ["pass", "none", "none"]


def test_a_stranger_who_keeps_a_trusted_seal_on_another_mail_is_not_believed(signer):
    forwarder, stranger = Signer("forwarder.test"), Signer("evil.test")
    records = zone(signer.records | forwarder.records | stranger.records | REJECT | SPF)
    trail = Trail(border=("198.51.100.1", "evil.test"), return_path="x@evil.test")
    replayed = sealed(forwarder, signer).replace(b"Where is it?", b"Pay me instead.")
    again = b"Authentication-Results: mx.evil.test; arc=pass\r\n" + replayed.replace(
        b"Authentication-Results: ", b"X-Was: ", 1
    )

    judged = judge(stranger.sealed(again, b"mx.evil.test"), AUTHORS, trail, ("lists.forwarder.test",), records)

    assert (judged.dmarc, judged.arc) == ("fail", "none")


@pytest.mark.parametrize(
    ("signer_said", "verdict"),
    [
        ("header.d=example.com header.i=@mail.example.com", "pass"),
        ("header.i=@example.com", "pass"),
        ("header.i=@evil.test header.s=s1 header.d=example.com", "fail"),
        ("header.i=x header.d=example.com @evil.test", "fail"),
    ],
)
def test_a_signer_with_two_names_is_nobody(signer_said, verdict):
    trail = Trail((f"mx.example.org; spf=pass smtp.mailfrom=x@evil.test; dkim=pass {signer_said}",))

    assert judge(MAIL, AUTHORS, trail, (), zone(REJECT)).dmarc == verdict
