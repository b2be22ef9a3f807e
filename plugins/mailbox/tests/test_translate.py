"""Promises about reading the event of a mail."""

from datetime import UTC, datetime

import pytest

from plugins.mailbox.settings import MailboxSettings
from plugins.mailbox.tests.accounts import create_mail, load_mail
from plugins.mailbox.translate import CONTENT_TYPE, message_from_event
from tidings import RawEvent, UnrecognisedPayload, UnsupportedEvent

OWN = "help@example.test"
SETTINGS = MailboxSettings.read({"address": OWN})


def event(payload, **meta):
    return RawEvent(payload, "INBOX:1:7", CONTENT_TYPE, meta)


def test_a_mail_says_who_wrote_what_to_whom():
    message = message_from_event(event(load_mail("message__html_with_attachment.eml")), SETTINGS)

    assert (message.sender.value, message.sender.name) == ("ben@shop.example.net", "Ben Okoro")
    assert message.reply_text.strip() == "The second line is wrong, see the file."
    assert message.in_reply_to == "invoice.1@example.test"
    assert [file.filename for file in message.attachments] == ["invoice 2.pdf"]
    assert [person.value for person in message.cc] == ["ada@mail.example.org"]


def test_the_servers_date_stands_in_for_one_that_is_missing():
    raw = create_mail(1).replace(b"Date: Mon, 02 Mar 2026 08:55:00 +0000\r\n", b"")

    message = message_from_event(event(raw, received_at="2026-03-02T10:00:00+01:00"), SETTINGS)

    assert message.sent_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_form_that_sends_in_our_name_is_from_whom_it_names_in_reply_to():
    message = message_from_event(event(load_mail("message__form_in_our_name.eml")), SETTINGS)

    assert (message.sender.value, message.sender.name) == ("cleo@mail.example.org", "Cleo Marsh")
    assert message.fields == {"Sent in the name of": OWN}
    assert message.is_sender_claimed


def test_of_several_whom_a_mail_in_our_name_names_only_the_first_wrote_and_gets_the_answer():
    raw = load_mail("message__form_in_our_name.eml").replace(
        b"Reply-To: Cleo Marsh <cleo@mail.example.org>",
        f"Reply-To: {OWN}, Cleo <cleo@mail.example.org>, eve@evil.test".encode(),
    )
    message = message_from_event(event(raw), SETTINGS)

    assert message.sender.value == "cleo@mail.example.org"
    assert message.reply_to == (message.sender,)


def test_a_mail_to_oneself_is_kept_as_it_is():
    message = message_from_event(event(create_mail(1, sender="help+note@example.test")), SETTINGS)

    assert message.sender.value == "help+note@example.test"


def test_somebody_elses_reply_to_does_not_change_who_wrote():
    raw = b"Reply-To: boss@mail.example.org\r\n" + create_mail(1)

    message = message_from_event(event(raw), SETTINGS)
    assert message.sender.value == "ada@mail.example.org"
    assert not message.is_sender_claimed


def test_a_message_withheld_with_its_header_says_where_it_lies():
    withheld = {"why": "refused", "size": 2_000_000, "folder": "Büro", "detail": "NO corrupted"}
    header = create_mail(1).partition(b"Hello")[0]

    message = message_from_event(event(header, withheld=withheld), SETTINGS)

    assert "Büro" in message.text
    assert "NO corrupted" in message.text
    assert message.subject == "Mail 1"


def test_a_message_withheld_without_its_header_goes_to_the_tray_with_the_reason():
    withheld = {"why": "refused", "size": 2_000_000, "folder": "INBOX", "detail": "NO corrupted"}

    with pytest.raises(UnrecognisedPayload, match="NO corrupted.*INBOX"):
        message_from_event(event(b"", withheld=withheld), SETTINGS)


def of(settings, raw, **meta):
    return message_from_event(event(raw, **meta), MailboxSettings.read({"address": OWN, **settings}))


def test_for_whom_a_mail_was_handed_in_is_told_where_it_is_not_the_mailbox():
    raw = b"Delivered-To: box@mail.example.net\r\n" + create_mail(1)

    message = of({"aliases": "sales@example.test"}, raw, recipients=["Sales+r-abcd@example.test"])

    assert message.delivered_to == ("sales+r-abcd@example.test", "box@mail.example.net")
    assert message.fields == {"Delivered to": "sales@example.test, box@mail.example.net"}
    assert of({}, b"Delivered-To: help+r-abcd@example.test\r\n" + create_mail(1)).fields == {}


COPIED = create_mail(1).replace(b"To: help@example.test", b"To: ben@mail.example.org\r\nCc: Help <sales@example.test>")


@pytest.mark.parametrize(("choice", "opens"), [("take", True), ("join", False)])
def test_a_copy_opens_a_conversation_where_the_owner_wants_it(choice, opens):
    aliases = "sales@example.test"

    assert of({"aliases": aliases, "cc_only": choice}, COPIED).opens_conversation is opens
    assert of({"aliases": aliases, "cc_only": choice}, create_mail(1)).opens_conversation


def test_a_copy_is_left_alone_where_the_owner_wants_that():
    with pytest.raises(UnsupportedEvent, match="only in Cc"):
        of({"aliases": "sales@example.test", "cc_only": "leave"}, COPIED)
    assert of({"cc_only": "leave"}, COPIED).opens_conversation  # came by a list or a Bcc: it does not name us
    assert of({"aliases": "*@example.test\nben@mail.example.org", "cc_only": "leave"}, COPIED).opens_conversation


def test_a_report_is_no_copy():
    report = (
        b"From: MAILER-DAEMON@mx.example.org\r\nTo: ben@mail.example.org\r\nCc: help@example.test\r\nSubject: Undelivered\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nNo.\r\n'
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        b"Final-Recipient: rfc822; ada@mail.example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )

    assert of({"cc_only": "leave"}, report).bounce is not None
