"""Promises about who vouches for a mail: found out by real questions to a name server, kept with the message, and never guessed."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.domain.authenticity import Verdict
from app.models import Attachment, Contact, KnownDomain, Message
from tests.unit.mime.authentication.zones import Signer

RECEIVED = "from mail.example.com (mail.example.com [192.0.2.7]) by mx.desk.test with ESMTPS id 1; Mon, 2 Mar 2026 08:59:00 +0000"
ELSEWHERE = RECEIVED.replace("192.0.2.7", "198.51.100.66")


@pytest.fixture
def installation(installation, dns_server):
    return replace(installation, dns=dns_server.address)


@pytest.fixture(scope="module")
def signer():
    return Signer()


@pytest.fixture
def zone(dns_server, signer):
    """The domain example.com: it signs, names its server and asks for the rest to be refused."""
    dns_server.put_all(signer.records.items())
    dns_server.put("_dmarc.example.com", "TXT", "v=DMARC1; p=reject")
    dns_server.put("example.com", "TXT", "v=spf1 ip4:192.0.2.7 -all")
    return dns_server


def mail(*, sender="Ada <ada@example.com>", received=RECEIVED, number=1, **fields):
    head = [f"Received: {received}"] if received else []
    head += [f"From: {sender}", "To: help@example.com", "Subject: Order 7", f"Message-ID: <{number}@example.com>"]
    head += ["Date: Mon, 02 Mar 2026 08:58:00 +0000"] + [
        f"{name.replace('_', '-')}: {value}" for name, value in fields.items()
    ]
    return "\r\n".join([*head, "", "Where is it?", ""]).encode()


@pytest.fixture
def stored(core, receive_mail):
    """Take a mail in; gives the message."""

    def take(raw, **options):
        received = receive_mail(raw, **options)
        assert received.state == "new"
        core.session.rollback()
        return core.session.get(Message, received.message_id)

    return take


def kinds_of(message):
    return [one["kind"] for one in message.warnings or ()]


def test_a_signed_mail_is_vouched_for(core, stored, zone, signer):
    message = stored(signer.signed(mail(received="")))

    assert message.authenticity["dmarc"] == "pass"
    assert message.authenticity["dkim"] == "pass"
    assert message.authenticity["by"] == "Tidings"
    assert message.warnings is None
    assert core.session.get(KnownDomain, "example.com").messages == 1


def test_a_domain_is_counted_once_a_day(core, clock, stored, zone, signer):
    for number in (1, 2):
        stored(signer.signed(mail(received="", number=number)))
    clock.advance(days=1)
    stored(signer.signed(mail(received="", number=3)))

    assert core.session.get(KnownDomain, "example.com").messages == 2


def test_names_that_somebody_invents_below_their_domain_are_not_remembered(core, stored, zone, signer):
    for number in (1, 2, 3):
        sender = f"Ada <ada@x{number}.news.example.com>"
        message = stored(signer.signed(mail(sender=sender, received="", number=number)))
        assert message.authenticity["dmarc"] == "pass"

    known = core.session.execute(select(KnownDomain.domain, KnownDomain.messages)).all()
    assert known == [("example.com", 1)]


def test_the_server_it_came_from_vouches_too(stored, zone):
    message = stored(b"Return-Path: <ada@example.com>\r\n" + mail())

    assert (message.authenticity["spf"], message.authenticity["dmarc"]) == ("pass", "pass")


def test_a_domain_vouches_for_nobody_elses_address(stored, zone, signer):
    """A form on a website that sends in the name of the mailbox, which has the same domain here."""
    form = mail(sender="Shop <help@example.com>", received="", Reply_To="Ben <ben@customer.test>")
    message = stored(signer.signed(form))

    assert message.sender_value == "ben@customer.test"
    assert message.authenticity is None
    assert message.accepts_auto_reply


def test_a_form_in_our_name_that_our_domain_does_not_vouch_for_is_answered_by_no_machine(stored):
    form = mail(sender="Shop <help@example.com>", received="", Reply_To="Ben <ben@customer.test>")
    message = stored(form)

    assert message.sender_value == "ben@customer.test"
    assert not message.accepts_auto_reply


def test_a_contact_without_a_name_gets_none_from_a_forged_sender(core, stored, zone, signer):
    contact_id = stored(signer.signed(mail(sender="ada@example.com", received=""))).contact_id
    forged = mail(sender="The Bank <ada@example.com>", received=ELSEWHERE, number=2)
    stored(b"Return-Path: <x@evil.test>\r\n" + forged)
    assert core.session.get(Contact, contact_id, populate_existing=True).name == ""

    stored(signer.signed(mail(received="", number=3)))
    assert core.session.get(Contact, contact_id, populate_existing=True).name == "Ada"


def test_a_forged_sender_is_told(stored, zone):
    forged = mail(received=ELSEWHERE)
    message = stored(b"Return-Path: <x@evil.test>\r\n" + forged)

    assert message.authenticity["dmarc"] == "fail"
    assert message.authenticity["policy"] == "reject"
    assert kinds_of(message) == ["dmarc_failed"]
    assert message.warnings[0]["data"] == {"domain": "example.com"}


def test_what_a_sender_writes_of_checks_is_not_believed(stored, zone):
    word = "mx.desk.test; dmarc=pass header.from=example.com"
    forged = mail(received=RECEIVED.replace("192.0.2.7", "198.51.100.66"), Authentication_Results=word)

    assert stored(forged).authenticity["dmarc"] == "fail"


def test_a_trusted_host_is_believed_without_a_question(create_account, stored, dns_server):
    account_id = create_account("mailbox", address="help@desk.test", trusted_hosts="mx.desk.test\n*.desk.test")
    word = "Authentication-Results: mx.desk.test; dmarc=pass (p=none) header.from=example.com\r\n"
    message = stored(word.encode() + mail(), account_id=account_id)

    assert (message.authenticity["dmarc"], message.authenticity["by"]) == ("pass", "mx.desk.test")
    assert dns_server.questions == []


@pytest.mark.parametrize("trouble", ["is_silent", "is_broken"])
def test_trouble_with_names_speaks_against_nobody(stored, zone, trouble):
    setattr(zone, trouble, True)
    started = time.perf_counter()
    message = stored(mail(Reply_To="eve@elsewhere.test"))

    assert message.authenticity["dmarc"] == Verdict.TEMPERROR
    assert message.warnings is None
    assert time.perf_counter() - started < 8


def test_silence_is_not_waited_for_twice(stored, zone):
    zone.is_silent = True
    stored(mail())
    started = time.perf_counter()
    stored(mail(number=2))

    assert time.perf_counter() - started < 2


def test_nothing_is_asked_about_old_mail(stored, dns_server, signer):
    old = signer.signed(mail(received=RECEIVED.replace("2 Mar 2026", "2 Feb 2026")))
    message = stored(old)

    assert message.authenticity is None
    assert dns_server.questions == []


def test_nothing_is_asked_about_mail_that_proves_nothing(stored, dns_server):
    message = stored(mail(received=""))

    assert message.authenticity is None
    assert dns_server.questions == []


def test_long_answers_come_by_the_other_protocol(stored, zone):
    zone.put(
        "example.com",
        "TXT",
        *[f"site-verification={number:0200d}" for number in range(12)],
        "v=spf1 ip4:192.0.2.7 -all",
    )

    assert stored(b"Return-Path: <ada@example.com>\r\n" + mail()).authenticity["spf"] == "pass"


@pytest.mark.parametrize(
    ("sender", "fields", "expected"),
    [
        ("Ada <ada@examp1e.com>", {}, ["lookalike_domain"]),
        ("Ada <ada@exarnple.com>", {}, ["lookalike_domain"]),
        ("Ada <ada@exmaple.com>", {}, ["lookalike_domain"]),
        ("Ada <ada@example.com.evil.test>", {}, ["lookalike_domain"]),
        ("Ada <ada@xn--xample-9uf.com>", {}, ["lookalike_domain"]),
        ("Lea Brandt <lea@evil.test>", {}, ["lookalike_name"]),
        ("lea  BRANDT <lea@evil.test>", {}, ["lookalike_name"]),
        ("Lea Brandt <lea.private@example.com>", {}, []),
        ('"ada@bank.test" <x@evil.test>', {}, ["name_is_address"]),
        ('"ada@mail.evil.test" <x@evil.test>', {}, []),
        ('"ada@bank.test" <x@evil.test>', {"List_Id": "<l.evil.test>"}, []),
        ("Ada <ada@other.test>", {"Reply_To": "x@evil.test"}, ["reply_elsewhere"]),
        ("Ada <ada@other.test>", {"Reply_To": "x@desk.other.test"}, []),
        ("Ada <ada@other.test>", {}, []),
    ],
)  # fmt: skip
def test_senders_that_want_to_be_mistaken_are_told(create_agent, stored, dns_server, sender, fields, expected):
    create_agent("Lea Brandt", email="lea@example.com")

    assert kinds_of(stored(mail(sender=sender, **fields))) == expected


def test_a_file_that_may_do_harm_is_marked(core, stored):
    mail_with_file = [
        "From: Ada <ada@example.com>", "To: help@example.com", "Subject: Invoice", "MIME-Version: 1.0",
        "Content-Type: application/octet-stream", 'Content-Disposition: attachment; filename="invoice.pdf.exe"', "", "MZ", "",
    ]  # fmt: skip
    message = stored("\r\n".join(mail_with_file))

    assert core.session.scalars(select(Attachment.danger).where(Attachment.message_id == message.id)).all() == [
        "disguised"
    ]
