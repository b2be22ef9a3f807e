"""DKIM: which signatures hold, checked with mails that are signed here."""

import base64
import re
import time

import pytest

from app.mime.authentication.dkim_check import check_signatures
from tests.unit.mime.authentication.zones import SILENT, Signer, zone

MAIL = (
    b"From: Ada <ada@example.com>\r\nTo: help@desk.test\r\nSubject: Order 7\r\nDate: Mon, 02 Mar 2026 08:00:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\n\r\nWhere is it?\r\n"
)


@pytest.fixture(scope="module")
def signer():
    return Signer()


def test_a_mail_as_it_was_signed_passes(signer):
    assert check_signatures(signer.signed(MAIL), zone(signer.records)) == (("pass", "example.com"),)


@pytest.mark.parametrize("canonical", [(b"simple", b"simple"), (b"relaxed", b"relaxed")])
def test_line_ends_and_the_form_it_was_signed_in_do_not_matter(signer, canonical):
    signed = signer.signed(MAIL, canonicalize=canonical)

    assert check_signatures(signed + b"\r\n\r\n", zone(signer.records))[0][0] == "pass"
    assert check_signatures(signed.replace(b"\r\n", b"\n"), zone(signer.records))[0][0] == "pass"


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"Where is it?", b"Pay here!"), (b"Order 7", b"Order 8"), (b"Ada <ada@", b"Ada <eve@")],
)
def test_a_changed_mail_fails(signer, before, after):
    assert check_signatures(signer.signed(MAIL).replace(before, after), zone(signer.records))[0][0] == "fail"


def test_a_second_sender_put_on_top_fails(signer):
    forged = b"From: Bank <service@bank.test>\r\n" + signer.signed(MAIL)

    assert check_signatures(forged, zone(signer.records))[0][0] == "fail"


def test_a_mail_without_signature_has_none(signer):
    assert check_signatures(MAIL, zone(signer.records)) == ()


def test_signatures_that_prove_nothing_do_not_pass(signer):
    """One that leaves the end of the mail open, and one that leaves out the sender."""
    partly = signer.signed(MAIL, length=True)
    faceless = signer.signed(MAIL, include_headers=[b"from", b"to", b"subject"]).replace(b"h=from : ", b"h=", 1)

    assert check_signatures(partly, zone(signer.records))[0][0] == "neutral"
    assert check_signatures(partly + b"More.\r\n", zone(signer.records))[0][0] == "neutral"
    assert check_signatures(faceless, zone(signer.records))[0][0] == "neutral"


def test_a_key_that_can_be_guessed_does_not_pass():
    good, short = Signer(bits=1024), Signer(bits=512)

    assert check_signatures(good.signed(MAIL), zone(good.records))[0][0] == "pass"
    assert check_signatures(short.signed(MAIL), zone(short.records))[0][0] == "permerror"


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ([], "permerror"),
        (["v=DKIM1; p="], "permerror"),
        (["v=DKIM1; k=rsa; p=bm8ga2V5"], "permerror"),
        (["nothing of the kind"], "permerror"),
        (SILENT, "temperror"),
    ],
)
def test_without_a_key_nothing_is_said_of_the_mail(signer, record, verdict):
    assert check_signatures(signer.signed(MAIL), zone({("s1._domainkey.example.com", "TXT"): record}))[0][0] == verdict


def test_a_huge_key_costs_nothing(signer):
    """Modulus and exponent of 16384 bits each, and a signature as long."""
    modulus, exponent = (1 << 16_384) - 1, (1 << 16_383) + 1
    numbers = b"".join(b"\x02\x82\x08\x01" + number.to_bytes(2_049, "big") for number in (modulus, exponent))
    key = base64.b64encode(b"\x30\x82" + len(numbers).to_bytes(2, "big") + numbers).decode()
    signature = base64.b64encode(b"\x7f" + b"\xab" * 2_047)
    mail = re.sub(rb" b=[^;]*?\r\n(?=From)", b" b=" + signature + b"\r\n", signer.signed(MAIL))
    started = time.perf_counter()
    found = check_signatures(mail, zone({("s1._domainkey.example.com", "TXT"): [f"v=DKIM1; p={key}"]}))

    assert found == (("permerror", "example.com"),)
    assert time.perf_counter() - started < 0.5


def test_at_most_five_signatures_are_checked(signer):
    mail = MAIL
    for _ in range(7):
        mail = signer.signed(mail)

    assert check_signatures(mail, zone(signer.records)) == (("pass", "example.com"),) * 5


def test_of_a_large_mail_two_signatures_are_checked(signer):
    mail = MAIL + b"x\r\n" * 700_000
    for _ in range(3):
        mail = signer.signed(mail)

    assert check_signatures(mail, zone(signer.records)) == (("pass", "example.com"),) * 2


@pytest.mark.parametrize(
    "body",
    [
        b" " * 2_000_000 + b"x",
        b"\t \t" * 300_000,
        b"\r\n" * 2_000_000,
        b"x" * 5_000_000,
        (b" " * 300 + b"x\r\n") * 3_000,
    ],
    ids=["blanks", "tabs", "empty lines", "one line", "many runs"],
)
def test_hostile_bodies_cost_little(signer, body):
    mail = signer.signed(MAIL) + body
    started = time.perf_counter()
    check_signatures(mail, zone(signer.records))

    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "header",
    [
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=" + b"a:" * 4_000 + b"from; bh=x; b=x\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=x; b" + b" " * 9_000 + b"=x\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=eA==; b=" + b"=" * 9_000 + b"\r\n",
        b"DKIM-Signature:\r\n" + b" ;\r\n" * 60_000,
        b"DKIM-Signature: \xff\xfe; d=\xff; s=\x00\r\n",
        b" continued\r\n",
        b"X-Long:\r\n" + b" x\r\n" * 90_000,
    ],
    ids=["many names", "blanks", "signs", "folds", "bytes", "no start", "long field"],
)
def test_hostile_headers_cost_little_and_never_pass(signer, header):
    started = time.perf_counter()
    verdicts = [verdict for verdict, _ in check_signatures(header + MAIL, zone(signer.records))]

    assert time.perf_counter() - started < 2
    assert "pass" not in verdicts
