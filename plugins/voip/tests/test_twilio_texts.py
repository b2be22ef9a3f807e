"""Texts between Twilio's forms and the host's messages, and how requests are read outside of an installation."""

import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest

from plugins.voip import register_webhook_readers
from plugins.voip.channel import VoipChannel
from plugins.voip.tests.lines import ADA, OURS, create_host, twilio_account
from plugins.voip.twilio_texts import fields_of, messages_of_text, state_event, text_event, update_of_state
from tidings import (
    BadSignature,
    Exchange,
    OutboundAttachment,
    OutboundMessage,
    Participant,
    Permanent,
    RawEvent,
    UnrecognisedPayload,
    WebhookRequest,
)
from tidings.testing import FakeClock, load_fixture

NOW = FakeClock().now()
FORM = "application/x-www-form-urlencoded"


def form(name: str) -> bytes:
    return load_fixture(__file__, name)


def test_a_text_becomes_a_message_of_its_number() -> None:
    (message,) = messages_of_text(twilio_account(), text_event(form("text__emoji.form"), NOW), str)
    assert message.sender == Participant("phone", ADA)
    assert message.to == (Participant("phone", OURS),)
    assert message.text == "Grüße aus Köln 🙂 – ist die Lampe da?"
    assert (message.thread_key, message.sent_at, message.is_echo) == (ADA, NOW, False)


def test_files_come_with_their_text_or_are_said_to_be_lost() -> None:
    event = text_event(form("text__picture.form"), NOW)
    assert messages_of_text(twilio_account(), event, str)[0].defects
    whole = RawEvent(event.payload, event.source_key, FORM, event.meta, {"ME" + "c3" * 16: b"\x89PNG"})
    (message,) = messages_of_text(twilio_account(), whole, str)
    assert [(one.filename, one.content_type) for one in message.attachments] == [("file-1.png", "image/png")]
    assert not message.defects


def test_a_text_that_left_elsewhere_is_an_echo() -> None:
    fields = {"MessageSid": "SM" + "1" * 32, "From": OURS, "To": ADA, "Body": "Hello", "Direction": "outbound-api"}
    (message,) = messages_of_text(twilio_account(), text_event(urlencode(fields).encode(), NOW), str)
    assert (message.is_echo, message.thread_key, message.to[0].value) == (True, ADA, ADA)


def test_senders_that_are_words_cannot_be_written_to(fake_twilio: Any) -> None:
    fields = {"MessageSid": "SM" + "1" * 32, "From": "LUMEN", "To": OURS, "Body": "Sale!"}
    account = twilio_account()
    (message,) = messages_of_text(account, text_event(urlencode(fields).encode(), NOW), str)
    assert message.sender == Participant("phone_sender", "LUMEN", "LUMEN")
    exchange = Exchange(1, "LUMEN", message.sender, NOW, "SM1", {}, NOW)
    assert VoipChannel(create_host(fake_twilio, account)).reply_rules(account, exchange).is_refused


def test_a_failed_text_says_why() -> None:
    (update,) = update_of_state(state_event(form("state__undelivered.form"), NOW), str)
    assert (update.word, update.reason) == ("failed", "There is no such number any more. (30005)")


@pytest.mark.parametrize(
    "payload", [b"", b"nonsense", b"MessageSid=SM1", b"From=1&To=2&MessageSid=..%2F..", b"\xff\xfe"]
)
def test_what_is_no_text_is_not_recognised(payload: bytes) -> None:
    with pytest.raises(UnrecognisedPayload):
        messages_of_text(twilio_account(), RawEvent(payload, meta={"at": NOW.isoformat()}), str)


def test_addresses_of_files_are_not_believed(fake_twilio: Any) -> None:
    fields = {"MessageSid": "MM" + "b2" * 16, "From": ADA, "To": OURS, "NumMedia": "1"}
    fields["MediaUrl0"] = "https://evil.example.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/" + "ME" + "c3" * 16
    account = twilio_account()
    channel = VoipChannel(create_host(fake_twilio, account))
    fake_twilio.files["MM" + "b2" * 16] = [("ME" + "c3" * 16, "image/png", b"\x89PNG")]
    completed = channel.complete(account, text_event(urlencode(fields).encode(), NOW))
    assert list(completed.files.values()) == [b"\x89PNG"]
    assert {asked.server for asked in fake_twilio.asked} == {"api.twilio.com"}


def message(*attachments: OutboundAttachment, to: str = ADA) -> OutboundMessage:
    return OutboundMessage(
        1, 1, "1@inbox.example.com", (Participant("phone", to),), "Hello", NOW, attachments=attachments
    )


def test_a_file_leaves_by_an_address_that_twilio_can_fetch(fake_twilio: Any) -> None:
    account = twilio_account()
    host = create_host(fake_twilio, account)
    receipt = VoipChannel(host).send(account, message(OutboundAttachment("a.png", "image/png", b"\x89PNG")))
    sent = fake_twilio.texts[receipt.external_id]
    (address,) = sent["media_urls"]
    assert address.startswith("https://inbox.example.com/plugins/voip/files/")
    assert (host.data_folder() / "outgoing" / address.rpartition("/")[2]).read_bytes() == b"\x89PNG"
    assert sent["status_callback"].endswith("/hooks/voip/1?step=text_state")
    assert receipt.thread_key == ADA


def test_nothing_is_sent_to_what_is_no_number(fake_twilio: Any) -> None:
    account = twilio_account()
    with pytest.raises(Permanent):
        VoipChannel(create_host(fake_twilio, account)).send(account, message(to="Lumen"))


def test_who_answered_stop_is_said_in_words(fake_twilio: Any) -> None:
    account = twilio_account()
    channel = VoipChannel(create_host(fake_twilio, account))
    with fake_twilio.fault("stopped"), pytest.raises(Permanent, match="answered STOP"):
        channel.send(account, message())


# ------------------------------------------------------------------------------------------- readers ----
def request(body: bytes, url: str = "https://support.example.com/hooks/twilio", **headers: str) -> WebhookRequest:
    return WebhookRequest("POST", url, {"content-type": FORM, **headers}, {}, body, NOW)


def test_requests_are_verified_and_read_without_an_account(fake_twilio: Any) -> None:
    (reader,) = register_webhook_readers(None)
    body = form("text__emoji.form")
    fields = fields_of(body)
    signed = fake_twilio.sign("https://support.example.com/hooks/twilio", fields)
    asked = request(body, **{name.lower(): value for name, value in signed.items()})
    reader.verify(fake_twilio.auth_token, asked)
    with pytest.raises(BadSignature):
        reader.verify("another token", asked)
    (event,) = reader.read(asked)
    assert (event.kind, event.external_id, event.conversation_key, event.text) == (
        "message",
        "SM" + "a1" * 16,
        ADA,
        fields["Body"],
    )


def test_json_is_bound_by_its_digest() -> None:
    (reader,) = register_webhook_readers(None)
    body = b'{"text": "hello"}'
    url = f"https://support.example.com/hooks/twilio?bodySHA256={hashlib.sha256(body).hexdigest()}"
    with pytest.raises(BadSignature):
        reader.verify("token", request(body, url, **{"content-type": "application/json", "x-twilio-signature": "AAAA"}))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("call__ringing.form", "call"),
        ("call__completed.form", "call"),
        ("text__picture.form", "message"),
        ("state__sent.form", "other"),
    ],
)
def test_each_kind_of_request_has_its_word(name: str, kind: str) -> None:
    (reader,) = register_webhook_readers(None)
    (event,) = reader.read(request(form(name)))
    assert event.kind == kind


def test_what_is_no_form_is_not_recognised() -> None:
    (reader,) = register_webhook_readers(None)
    with pytest.raises(UnrecognisedPayload):
        reader.read(request(b"{}"))
