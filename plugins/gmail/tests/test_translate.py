"""Promises about reading: what a mail and its labels say, and who is on the other side."""

import json
from dataclasses import replace

import pytest

from plugins.gmail.events import LABELS, OWN_HEADER
from plugins.gmail.tests.mailboxes import create_mail, event_of, load_mail
from plugins.gmail.translate import translated_event
from tidings import Account, ConversationUpdate, RawEvent, UnrecognisedPayload, UnsupportedEvent

MAPPED = {
    "address": "support@example.test",
    "maps_labels": True,
    "archives_resolved": True,
    "pending_label": "Waiting",
    "resolved_label": "Done",
    "spam_label": "SPAM",
    "tag_prefix": "Tidings/",
}


def account(**settings: object) -> Account:
    return Account(1, "gmail", "Support", "support@example.test", {"address": "support@example.test", **settings})


def test_a_mail_is_read_as_any_other_mail():
    (message,) = translated_event(account(), event_of(load_mail("message__html_with_attachment.eml")))

    assert (message.sender.value, message.sender.name) == ("ada@example.com", "Ada Ünlü")
    assert message.subject == "Lampe für die Küche"
    assert "東京" in message.text
    assert [file.filename for file in message.attachments] == ["size.txt"]
    assert message.external_id == "lamp-1@mail.example.com"
    assert message.thread_key is None
    assert not message.is_echo
    assert not message.is_spam


def test_what_lies_in_the_spam_folder_is_spam():
    (message,) = translated_event(account(), event_of(create_mail(), "SPAM"))

    assert message.is_spam


def test_an_answer_written_in_gmail_is_an_echo_to_the_contact():
    (message,) = translated_event(account(), event_of(load_mail("sent__in_gmail.eml"), "SENT"))

    assert message.is_echo
    assert message.sender.value == "support@example.test"
    assert message.to[0].value == "ada@example.com"
    assert {one.value for one in message.to} == {"ada@example.com", "support@example.test"}
    assert message.in_reply_to == "lamp-2@mail.example.com"
    assert message.external_id == "written-in-gmail@mail.gmail.test"


def test_what_tidings_sent_gets_its_own_id_back():
    raw = f"{OWN_HEADER}: <t.11@inbox.example.com>\r\n".encode() + load_mail("sent__in_gmail.eml")

    (message,) = translated_event(account(), event_of(raw, "SENT"))

    assert message.external_id == "t.11@inbox.example.com"


def test_somebody_elses_line_of_ours_means_nothing_in_what_comes_in():
    raw = f"{OWN_HEADER}: <t.11@inbox.example.com>\r\n".encode() + create_mail(1)

    (message,) = translated_event(account(), event_of(raw))

    assert message.external_id == "1@mail.example.org"
    assert not message.is_echo


def test_an_answer_from_an_alias_is_an_echo():
    raw = load_mail("sent__in_gmail.eml").replace(b"From: Support <support@", b"From: Sales <sales@")

    (message,) = translated_event(account(send_as="sales@example.test"), event_of(raw, "SENT"))

    assert message.is_echo
    assert message.to[0].value == "ada@example.com"


def test_mail_to_oneself_is_left_alone_but_for_forms_that_name_the_customer():
    with pytest.raises(UnsupportedEvent):
        translated_event(account(), event_of(create_mail(sender="Support <support@example.test>"), "SENT", "INBOX"))

    for labels in (("INBOX",), ("SENT", "INBOX")):
        (message,) = translated_event(account(), event_of(load_mail("message__form_in_our_name.eml"), *labels))
        assert message.sender.value == "ben@example.com"
        assert message.fields == {"Sent in the name of": "support@example.test"}
        assert message.is_sender_claimed
        assert message.reply_to == (message.sender,)
        assert not message.is_echo


def test_labels_that_a_filter_put_on_a_mail_are_status_and_tags():
    said = translated_event(account(**MAPPED), event_of(create_mail(), "INBOX", "Waiting", "Tidings/Billing", "Other"))

    assert said[1:] == [
        ConversationUpdate(
            at=said[0].sent_at, external_id="1@mail.example.org", status="pending", add_tags=("Billing",)
        )
    ]


def test_mail_that_arrives_outside_of_the_inbox_resolves_nothing():
    assert len(translated_event(account(**MAPPED), event_of(create_mail(), "Orders"))) == 1


def labels_event(**said: object) -> RawEvent:
    known = {
        "thread_id": "18f0",
        "external_id": "1@mail.example.org",
        "added": [],
        "removed": [],
        "now": [],
        "at": "2026-03-02T10:13:00+00:00",
    }
    return RawEvent(json.dumps({**known, **said}).encode(), "labels:18f0:77", LABELS)


@pytest.mark.parametrize(
    ("said", "status", "add", "remove"),
    [
        ({"added": ["Done"], "now": ["INBOX", "Done"]}, "resolved", (), ()),
        ({"removed": ["Done"], "now": ["INBOX"]}, "open", (), ()),
        ({"removed": ["Done"], "now": ["INBOX", "Waiting"]}, "pending", (), ()),
        ({"removed": ["INBOX"], "now": []}, "resolved", (), ()),
        ({"added": ["INBOX"], "now": ["INBOX"]}, "open", (), ()),
        ({"removed": ["INBOX"], "added": ["SPAM"], "now": ["SPAM"]}, "spam", (), ()),
        ({"added": ["Tidings/Billing"], "now": ["INBOX", "Tidings/Billing"]}, "", ("Billing",), ()),
        ({"removed": ["Tidings/Billing"], "now": ["INBOX"]}, "", (), ("Billing",)),
    ],
)
def test_changed_labels_change_the_conversation(said, status, add, remove):
    (update,) = translated_event(account(**MAPPED), labels_event(**said))

    assert (update.status, update.add_tags, update.remove_tags) == (status, add, remove)
    assert update.external_id == "1@mail.example.org"


@pytest.mark.parametrize(
    "said",
    [
        {"added": ["STARRED"], "now": ["INBOX", "STARRED"]},
        {"added": ["Done"], "now": ["INBOX"]},
        {"removed": ["INBOX"], "now": ["TRASH"]},
        {"added": ["Done"], "now": ["Done"], "external_id": ""},
    ],
    ids=["no meaning", "put on and taken off", "thrown away", "no name"],
)
def test_what_labels_do_not_say_changes_nothing(said):
    assert translated_event(account(**MAPPED), labels_event(**said)) == []


def test_labels_mean_nothing_unless_the_settings_say_so():
    settings = {**MAPPED, "maps_labels": False}

    assert translated_event(account(**settings), labels_event(added=["Done"], now=["Done"])) == []


def test_garbage_about_labels_is_not_recognised():
    for payload in (b"", b"[]", b"{}", b"\xff", b'{"added": 7}', b"[" * 50_000):
        with pytest.raises(UnrecognisedPayload):
            translated_event(account(**MAPPED), replace(labels_event(), payload=payload))
