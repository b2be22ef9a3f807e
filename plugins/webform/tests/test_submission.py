"""Submissions in the journal, and the messages they become."""

import json
from pathlib import Path

import pytest

from plugins.webform.tests.factories import AT, create_submission
from plugins.webform.translate import SPAM_REASON, message_of, translate_payload
from plugins.webform.visiting.submission import CONTENT_TYPE, PostedFile, decode, encode
from tidings import MAIL, UnrecognisedPayload

FIXTURES = Path(__file__).parent / "fixtures"


def test_encode_and_decode_lose_nothing():
    submission = create_submission(
        context={"way": "frame", "page": "https://shop.test/"},
        signals=("too_fast",),
        files=(PostedFile("a.bin", "application/octet-stream", bytes(range(256))),),
    )
    event = encode(submission)
    assert event.content_type == CONTENT_TYPE
    assert event.source_key == submission.id
    assert decode(event.payload) == submission


def test_submission_is_the_same_when_it_says_the_same():
    first, again = create_submission(), create_submission(received_at=AT.replace(hour=9), context={})
    assert first.id == again.id


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "n2"},
        {"values": {"message": "Where is it now?"}},
        {"files": (PostedFile("a.txt", "text/plain", b"x"),)},
    ],
)
def test_submission_is_another_when_something_differs(changes):
    assert create_submission().id != create_submission(**changes).id


def test_submission_of_the_longest_texts_has_a_short_key():
    assert len(create_submission(values={"message": "x" * 20_000}).id) < 100


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00" * 50,
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"version": 2}',
        encode(create_submission()).payload.replace(b"2026", b"soon"),
        encode(create_submission()).payload.replace(b"+00:00", b""),
        encode(create_submission(files=(PostedFile("a", "a/b", b"xyz"),))).payload.replace(b'"eHl6"', b'"e%"'),
    ],
)
def test_decode_refuses_what_is_no_stored_form(payload):
    with pytest.raises(UnrecognisedPayload):
        decode(payload)


def test_stored_forms_of_version_1_stay_readable():
    message = translate_payload((FIXTURES / "submission__with_file.json").read_bytes())
    assert message.sender.value == "ada@example.com"
    assert message.fields == {"Page": "https://shop.test/contact", "Language": "el"}
    assert message.attachments[0].data == b"order 7\n"


def test_message_says_who_wrote_what():
    message = message_of(create_submission())
    assert (message.sender.kind, message.sender.value, message.sender.name) == (MAIL, "ada@example.com", "Ada Abel")
    assert (message.subject, message.text, message.reply_text) == ("Order 7", "Where is it?", "Where is it?")
    assert message.sent_at == AT
    assert message.accepts_auto_reply
    assert not message.is_spam


def test_message_is_the_same_each_time():
    payload = encode(create_submission()).payload
    assert translate_payload(payload) == translate_payload(payload)


def test_message_id_can_stand_in_a_mail_header():
    external_id = message_of(create_submission()).external_id
    local, _, domain = external_id.partition("@")
    assert domain.endswith(".invalid")
    assert not set(external_id) & set(' <>()"\\,;:\n')
    assert local.startswith("form.n1.")


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Where is it?\nRegards", "Where is it?"),
        ("word " * 40, ("word " * 14).strip() + "…"),
        ("x" * 200, "x" * 70 + "…"),
    ],
)
def test_message_without_a_subject_begins_with_its_first_words(text, subject):
    assert message_of(create_submission(values={"message": text})).subject == subject


def test_message_with_a_signal_is_spam_and_says_why():
    message = message_of(create_submission(signals=("honeypot", "too_fast")))
    assert message.is_spam
    assert not message.accepts_auto_reply
    assert message.fields[SPAM_REASON].count(";") == 1


def test_payload_holds_no_internet_address():
    assert set(json.loads(encode(create_submission()).payload)) == {
        "version", "nonce", "received_at", "values", "context", "signals", "files",
    }  # fmt: skip
