"""Submissions in the journal, and the messages they become."""

import json
from pathlib import Path

import pytest

from forms.definitions import Becomes, Kind, Priority, Routing
from plugins.webform.checking import marks
from plugins.webform.guarding.signals import SIGNALS_FIELD
from plugins.webform.sharing.context import Context, ContextState
from plugins.webform.tests.factories import AT, create_answer, create_submission
from plugins.webform.translate import VISITOR, message_of, translate_payload
from plugins.webform.visiting.submission import CONTENT_TYPE, PostedFile, decode, encode
from tidings import MAIL, SPAM_REASON, UnrecognisedPayload

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
        b'{"version": 3}',
        b'{"version": [1]}',
        encode(create_submission()).payload.replace(b'"long_text"', b'"poem"'),
        encode(create_submission()).payload.replace(b'"unverified"', b'"believed"'),
        encode(create_submission()).payload.replace(b"2026", b"soon"),
        encode(create_submission()).payload.replace(b"+00:00", b""),
        encode(create_submission(files=(PostedFile("a", "a/b", b"xyz"),))).payload.replace(b'"eHl6"', b'"e%"'),
    ],
)
def test_decode_refuses_what_is_no_stored_form(payload):
    with pytest.raises(UnrecognisedPayload):
        decode(payload)


def test_everything_a_definition_adds_is_kept():
    submission = create_submission(
        number=7,
        values={"topic": "order", "days": ["mon", "tue"], "email": "ada@example.com"},
        answers=(create_answer("topic", "An order", kind=Kind.CHOICE), create_answer("days", "Monday, Tuesday")),
        routing=Routing(team_id=3, priority=Priority.HIGH, tags=("orders", "vip")),
        customer=Context({"plan": "gold"}, ContextState.VERIFIED),
        files=(PostedFile("a.pdf", "application/pdf", b"x", field_id="proof"),),
    )
    assert decode(encode(submission).payload) == submission


def test_stored_forms_of_version_1_stay_readable():
    message = translate_payload((FIXTURES / "submission__with_file.json").read_bytes())
    assert message.sender.value == "ada@example.com"
    assert message.fields == {"Page": "https://shop.test/contact", "Language": "el"}
    assert message.attachments[0].data == b"order 7\n"


def test_stored_forms_of_version_2_stay_readable():
    message = translate_payload((FIXTURES / "submission__of_a_definition.json").read_bytes())
    assert (message.sender.value, message.subject) == ("ada@example.com", "Bestellung A-7")
    assert message.text == "Wo ist meine Bestellung?\n\nGrüße"
    assert (message.tags, message.priority, message.contact.phone) == (("orders",), "high", "+49301234567")
    assert message.answers == {"Thema": "Eine Bestellung", "Tage": "Montag, Mittwoch", "Telefon": "+49 30 1234567"}
    assert message.fields == {"Page": "https://shop.test/contact", "Language": "de"}


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


def test_message_with_a_heavy_signal_is_spam_and_says_why():
    message = message_of(create_submission(signals=("honeypot", "too_fast")))
    assert message.is_spam
    assert not message.accepts_auto_reply
    assert message.fields[SPAM_REASON].count(";") == 1
    assert message.fields[SIGNALS_FIELD] == "honeypot too_fast"


def test_message_with_a_light_signal_is_weighed_by_the_filter():
    message = message_of(create_submission(signals=("plain_post",)))
    assert not message.is_spam
    assert message.accepts_auto_reply
    assert message.fields == {SIGNALS_FIELD: "plain_post"}


def test_answers_stand_beside_the_message_under_their_labels():
    answers = (
        create_answer("message", "Where is it?"),
        create_answer("order", "A-7", label="Order number"),
        create_answer("phone", "+49 30 1234567", label="Phone", kind=Kind.PHONE, becomes=Becomes.PHONE),
        create_answer("firm", "Boots & Co", label="Company", becomes=Becomes.COMPANY),
        create_answer("file", "a.pdf", kind=Kind.FILE),
    )
    message = message_of(create_submission(values={"phone": "+49301234567"}, answers=answers))
    assert message.answers == {"Order number": "A-7", "Phone": "+49 30 1234567", "Company": "Boots & Co"}
    assert (message.contact.company, message.contact.phone) == ("Boots & Co", "+49301234567")


def test_answers_with_the_same_label_are_told_apart():
    labels = ("Size", "Page", "Size")
    facts = (create_answer(f"f{n}", str(n), label=label) for n, label in enumerate(labels))
    answers = (create_answer("message", "Hello."), *facts)
    message = message_of(create_submission(answers=answers, context={"page": "https://shop.test/"}))
    assert message.answers == {"Size": "0", "Page": "1", "Size (2)": "2"}
    assert message.fields == {"Page": "https://shop.test/"}


def test_nothing_that_was_answered_is_cut():
    answers = (create_answer("message", "Hello."), *(create_answer(f"f{n}", "x" * (n * 30)) for n in range(1, 101)))
    message = message_of(create_submission(answers=answers))
    beside = "\n".join(message.answers.values())
    assert all(answer.text in message.text + beside for answer in answers)
    assert message.text.startswith("Hello.\n\nF34:\nxxx")
    assert len(message.answers) < 90
    assert max(map(len, message.answers.values())) <= 1000


def test_message_of_a_form_that_asks_for_none_is_the_list_of_answers():
    message = message_of(create_submission(values={"colour": "red", "size": "42"}))
    assert message.text == "Colour: red\nSize: 42"
    assert message.subject == "Colour: red"


def test_somebody_without_an_address_is_a_visitor_of_their_own():
    first = message_of(create_submission(values={"name": "Ada", "colour": "red"})).sender
    other = message_of(create_submission(values={"name": "Ada", "colour": "red"}, nonce="n2")).sender
    assert (first.kind, first.name) == (VISITOR, "Ada")
    assert first.value != other.value


def test_routing_of_the_form_goes_with_the_message():
    routing = Routing(team_id=3, priority=Priority.URGENT, tags=("orders",))
    message = message_of(create_submission(routing=routing))
    assert (message.tags, message.priority) == (("orders",), "urgent")


def test_tests_of_a_form_share_one_conversation_and_go_to_nobody():
    routing = Routing(team_id=3, priority=Priority.URGENT, tags=("orders",))
    message = message_of(create_submission(nonce=marks.new_nonce("x1"), routing=routing))
    assert (message.tags, message.priority, message.thread_key) == ((marks.TAG,), "", marks.THREAD)
    assert marks.is_test(message.external_id)
    assert message_of(create_submission()).thread_key is None


def test_payload_holds_no_internet_address():
    assert set(json.loads(encode(create_submission()).payload)) == {
        "version", "nonce", "received_at", "number", "values", "answers", "subject", "routing", "context", "customer", "signals", "files",
    }  # fmt: skip
