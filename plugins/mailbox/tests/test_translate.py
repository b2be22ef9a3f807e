"""Promises about reading the event of a mail."""

from datetime import UTC, datetime

import pytest

from plugins.mailbox.tests.accounts import create_mail, load_mail
from plugins.mailbox.translate import CONTENT_TYPE, message_from_event
from tidings import RawEvent, UnrecognisedPayload

OWN = "help@example.test"


def event(payload, **meta):
    return RawEvent(payload, "INBOX:1:7", CONTENT_TYPE, meta)


def test_a_mail_says_who_wrote_what_to_whom():
    message = message_from_event(event(load_mail("message__html_with_attachment.eml")), OWN)

    assert (message.sender.value, message.sender.name) == ("ben@shop.example.net", "Ben Okoro")
    assert message.reply_text.strip() == "The second line is wrong, see the file."
    assert message.in_reply_to == "invoice.1@example.test"
    assert [file.filename for file in message.attachments] == ["invoice 2.pdf"]
    assert [person.value for person in message.cc] == ["ada@mail.example.org"]


def test_the_servers_date_stands_in_for_one_that_is_missing():
    raw = create_mail(1).replace(b"Date: Mon, 02 Mar 2026 08:55:00 +0000\r\n", b"")

    message = message_from_event(event(raw, received_at="2026-03-02T10:00:00+01:00"), OWN)

    assert message.sent_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_form_that_sends_in_our_name_is_from_whom_it_names_in_reply_to():
    message = message_from_event(event(load_mail("message__form_in_our_name.eml")), OWN)

    assert (message.sender.value, message.sender.name) == ("cleo@mail.example.org", "Cleo Marsh")
    assert message.fields == {"Sent in the name of": OWN}


def test_a_mail_to_oneself_is_kept_as_it_is():
    message = message_from_event(event(create_mail(1, sender="help+note@example.test")), OWN)

    assert message.sender.value == "help+note@example.test"


def test_somebody_elses_reply_to_does_not_change_who_wrote():
    raw = b"Reply-To: boss@mail.example.org\r\n" + create_mail(1)

    assert message_from_event(event(raw), OWN).sender.value == "ada@mail.example.org"


def test_a_message_withheld_with_its_header_says_where_it_lies():
    withheld = {"why": "refused", "size": 2_000_000, "folder": "Büro", "detail": "NO corrupted"}
    header = create_mail(1).partition(b"Hello")[0]

    message = message_from_event(event(header, withheld=withheld), OWN)

    assert "Büro" in message.text
    assert "NO corrupted" in message.text
    assert message.subject == "Mail 1"


def test_a_message_withheld_without_its_header_goes_to_the_tray_with_the_reason():
    withheld = {"why": "refused", "size": 2_000_000, "folder": "INBOX", "detail": "NO corrupted"}

    with pytest.raises(UnrecognisedPayload, match="NO corrupted.*INBOX"):
        message_from_event(event(b"", withheld=withheld), OWN)
