"""Mails become messages of the host and the other way round, with nothing lost between the two vocabularies."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tidings import (
    MAIL,
    Closing,
    MessageKind,
    OutboundAttachment,
    OutboundMessage,
    Participant,
    Permanent,
    UnrecognisedPayload,
    inbound_from_mail,
    mail_from_outbound,
)

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

PLAIN = "From: Ada <Ada@Example.com>\r\nTo: help@example.com\r\nMessage-ID: <one@example.com>\r\n"


def mail(head: str, body: str = "Hello", first: str = PLAIN) -> bytes:
    return f"{first}{head}\r\n\r\n{body}\r\n".encode()


def outbound(**changes) -> OutboundMessage:
    message = OutboundMessage(
        message_id=5,
        conversation_id=7,
        external_id="t.abcd.efgh@example.com",
        to=(Participant(MAIL, "ada@example.com", "Ada"),),
        text="Grüße",
        created_at=NOW,
        subject="Re: Lamp",
        in_reply_to="one@example.com",
        references=("zero@example.com", "one@example.com"),
    )
    return replace(message, **changes)


def test_a_mail_keeps_its_people_ids_and_moment():
    message = inbound_from_mail(
        mail(
            "Subject: Lamp\r\nDate: Sun, 01 Mar 2026 10:00:00 +0200\r\nCc: b@example.com\r\n"
            "Reply-To: Home <Ada@home.test>\r\nIn-Reply-To: <zero@example.com>"
        ),
        NOW,
    )
    assert message.external_id == "one@example.com"
    assert message.sender == Participant(MAIL, "ada@example.com", "Ada")
    assert message.reply_to == (Participant(MAIL, "ada@home.test", "Home"),)
    assert [person.value for person in (*message.to, *message.cc)] == ["help@example.com", "b@example.com"]
    assert message.sent_at == datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    assert message.in_reply_to == "zero@example.com"
    assert message.text.strip() == "Hello"
    assert message.accepts_auto_reply


@pytest.mark.parametrize("date", ["", "Date: Fri, 01 Mar 2052 10:00:00 +0000"])
def test_the_arrival_stands_in_for_a_date_that_is_missing_or_lies_ahead(date):
    assert inbound_from_mail(mail(f"Subject: x\r\n{date}".rstrip()), NOW).sent_at == NOW


def test_a_date_a_few_hours_ahead_is_believed():
    message = inbound_from_mail(mail("Date: Sun, 01 Mar 2026 15:30:00 +0000"), NOW)
    assert message.sent_at == NOW + timedelta(hours=6)


def test_two_copies_have_one_content_key_and_another_text_has_another():
    first = inbound_from_mail(mail("Subject: x"), NOW)
    copy = inbound_from_mail(mail("Subject: x", first="Received: from relay.test\r\n" + PLAIN), NOW)
    other = inbound_from_mail(mail("Subject: x", "Other"), NOW)
    assert first.content_key == copy.content_key != other.content_key


def test_a_mail_without_id_has_an_empty_one():
    assert inbound_from_mail(mail("Subject: x", first="From: ada@example.com\r\n"), NOW).external_id == ""


@pytest.mark.parametrize("raw", [b"", b"\0" * 64, b"\xff\xfe\xfd", b"Subject: nobody\r\n\r\nHello"])
def test_bytes_without_a_from_and_any_sender_are_not_recognised(raw):
    with pytest.raises(UnrecognisedPayload):
        inbound_from_mail(raw, NOW)


@pytest.mark.parametrize("value", ['"" <>', "<>", "", "Nobody at all"])
def test_a_mail_whose_from_names_nobody_is_read_and_never_answered_by_itself(value):
    message = inbound_from_mail(f"From: {value}\r\nReply-To: <>\r\nSubject: Buy\r\n\r\nNow".encode(), NOW)
    assert (message.sender.value, message.subject, message.text) == ("nobody@unknown.invalid", "Buy", "Now")
    assert not message.accepts_auto_reply


@pytest.mark.parametrize("value", ["All", "DR, OOF, AutoReply"])
def test_a_sender_that_wants_no_automatic_answers_gets_none(value):
    message = inbound_from_mail(mail(f"X-Auto-Response-Suppress: {value}"), NOW)
    assert message.kind in (MessageKind.NORMAL, MessageKind.AUTO_GENERATED)
    assert not message.accepts_auto_reply


def test_an_answer_carries_both_texts_the_history_and_the_ids():
    raw = mail_from_outbound(
        outbound(quoted_text="On Sunday, Ada wrote:\n> Where is <it>?"), "help@example.com", from_name="Help"
    )
    back = inbound_from_mail(raw, NOW)
    assert back.external_id == "t.abcd.efgh@example.com"
    assert back.sender == Participant(MAIL, "help@example.com", "Help")
    assert (back.in_reply_to, back.references) == ("one@example.com", ("zero@example.com", "one@example.com"))
    assert "Grüße" in back.text
    assert "> Where is <it>?" in back.text
    assert back.html is not None
    assert "<blockquote" in back.html
    assert "Where is &lt;it&gt;?" in back.html


def test_each_attempt_makes_the_same_bytes():
    assert mail_from_outbound(outbound(attempt=1), "help@example.com") == mail_from_outbound(
        outbound(attempt=2), "help@example.com"
    )


def test_hidden_recipients_stay_hidden():
    raw = mail_from_outbound(outbound(bcc=(Participant(MAIL, "secret@example.com"),)), "help@example.com")
    assert b"secret@example.com" not in raw


def test_automatic_mail_says_so():
    assert b"Auto-Submitted: auto-replied" in mail_from_outbound(outbound(is_automatic=True), "help@example.com")
    unasked = outbound(is_automatic=True, in_reply_to=None, references=())
    assert b"Auto-Submitted: auto-generated" in mail_from_outbound(unasked, "help@example.com")
    assert b"Auto-Submitted" not in mail_from_outbound(outbound(), "help@example.com")


def test_the_token_stands_in_the_answer_address_where_the_server_takes_it():
    message = outbound(reply_token="abcdefgh")
    with_plus = inbound_from_mail(mail_from_outbound(message, "help@example.com", has_plus_addresses=True), NOW)
    assert with_plus.reply_to[0].value == "help+r-abcdefgh@example.com"
    assert inbound_from_mail(mail_from_outbound(message, "help@example.com"), NOW).reply_to == ()


def test_files_travel_and_pictures_of_the_text_stand_in_it():
    picture = OutboundAttachment("dot.png", "image/png", b"\x89PNG", content_id="dot@here")
    paper = OutboundAttachment("Rechnung Müller.pdf", "application/pdf", b"%PDF-1.4")
    message = outbound(html='<p><img src="cid:dot@here"></p>', attachments=(picture, paper))
    back = inbound_from_mail(mail_from_outbound(message, "help@example.com"), NOW)
    assert {(file.filename, file.inline, file.data) for file in back.attachments} == {
        ("dot.png", True, b"\x89PNG"),
        ("Rechnung Müller.pdf", False, b"%PDF-1.4"),
    }


def test_what_cannot_stand_in_a_mail_is_permanent():
    with pytest.raises(Permanent, match="cannot be sent as a mail"):
        mail_from_outbound(outbound(subject="a\r\nBcc: b@example.com"), "help@example.com")


# ---- signature and footer
LOGO = OutboundAttachment("logo.png", "image/png", b"\x89PNG", content_id="logo-1@x.example")


def parts_of(raw: bytes) -> tuple[str, str]:
    sent = email.message_from_bytes(raw, policy=email.policy.default)
    return tuple(sent.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))


def test_signature_and_footer_stand_below_the_words_and_above_the_history():
    message = outbound(
        html="<p>Grüße</p>",
        signature=Closing("Lea", '<b>Lea</b><img src="cid:logo-1@x.example">', (LOGO,)),
        footer=Closing("Lumen <Ltd>"),
        quoted_text="Ada wrote:\n> Hi",
    )
    raw = mail_from_outbound(message, "help@example.com")
    text, html = parts_of(raw)
    assert text.rstrip() == "Grüße\n\n-- \nLea\n\nLumen <Ltd>\n\nAda wrote:\n> Hi"
    assert (
        html.index("Grüße")
        < html.index("<b>Lea</b>")
        < html.index("<p>Lumen &lt;Ltd&gt;</p>")
        < html.index("Ada wrote")
    )
    assert b"multipart/related" in raw
    assert b"Content-Disposition: inline" in raw


def test_a_signature_is_marked_once_where_the_agent_has_marked_theirs():
    text, html = parts_of(
        mail_from_outbound(outbound(text="Hi\n\n-- \nLea", signature=Closing("Lumen")), "help@example.com")
    )
    assert text.rstrip() == "Hi\n\n-- \nLea\n\nLumen"
    assert html.count("--") == 1
