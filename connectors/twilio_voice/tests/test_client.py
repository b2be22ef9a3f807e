"""A line of Twilio's, against a Twilio on loopback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from connectors.errors import AuthExpired, RateLimited, Unavailable
from connectors.twilio_voice import TwilioLine
from connectors.twilio_voice.faults import Refusal, TwilioRejected

OURS, ADA = "+4930123456", "+491715550001"


@pytest.fixture
def line(fake_twilio: Any) -> TwilioLine:
    fake_twilio.add_number(OURS, "Support")
    return TwilioLine(requests.Session(), fake_twilio.account_sid, fake_twilio.auth_token, fake_twilio.address)


def test_numbers_are_listed_and_told_where_to_post(fake_twilio: Any, line: TwilioLine) -> None:
    (number,) = line.numbers()
    assert (number.number, number.name, number.carries_text) == (OURS, "Support", True)
    line.send_events_to(
        number.sid, "https://inbox.example.com/hooks/voip/1", "https://inbox.example.com/hooks/voip/1?step=status"
    )
    (number,) = line.numbers()
    assert number.voice_url == number.sms_url == "https://inbox.example.com/hooks/voip/1"
    assert fake_twilio.numbers[number.sid]["status_callback"].endswith("?step=status")


def test_texts_come_oldest_first_over_several_pages(fake_twilio: Any, line: TwilioLine) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for minute in range(450):
        fake_twilio.now = lambda minute=minute: start + timedelta(minutes=minute)
        fake_twilio.receive_text(ADA, OURS, f"Text {minute}")
    texts = line.texts(start + timedelta(minutes=100), to=OURS)
    assert [text.body for text in texts] == [f"Text {minute}" for minute in range(100, 450)]
    assert texts[0].sent_at == start + timedelta(minutes=100)


def test_a_text_goes_out_once_and_says_where_its_state_is_posted(fake_twilio: Any, line: TwilioLine) -> None:
    sent = line.send_text(OURS, ADA, "Grüße 🙂", ["https://inbox.example.com/x.png"], "https://inbox.example.com/state")
    kept = fake_twilio.texts[sent.sid]
    assert (kept["to"], kept["body"], kept["media_urls"]) == (ADA, "Grüße 🙂", ["https://inbox.example.com/x.png"])
    assert kept["status_callback"] == "https://inbox.example.com/state"


def test_files_of_a_text_are_fetched_with_the_token(fake_twilio: Any, line: TwilioLine) -> None:
    sid = fake_twilio.receive_text(ADA, OURS, "", (("image/png", b"\x89PNG"), ("text/vcard", b"BEGIN")))
    media = line.media(sid)
    assert [one.content_type for one in media] == ["image/png", "text/vcard"]
    assert line.media_bytes(sid, media[0].sid) == b"\x89PNG"


def test_calls_tell_their_end_and_price(fake_twilio: Any, line: TwilioLine) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    sid = fake_twilio.receive_call(ADA, OURS)
    fake_twilio.receive_call(ADA, OURS)
    fake_twilio.end_call(sid, duration_s=30, price="-0.0085")
    (call,) = line.calls(since, to=OURS)
    assert (call.sid, call.sender, call.duration_s, call.price, call.currency) == (
        sid,
        ADA,
        30,
        Decimal("0.0085"),
        "USD",
    )


def test_a_call_is_begun_and_ended(fake_twilio: Any, line: TwilioLine) -> None:
    sid = line.begin_call(OURS, ADA, "https://inbox.example.com/go", "https://inbox.example.com/state", 20)
    assert fake_twilio.calls[sid]["url"] == "https://inbox.example.com/go"
    line.end_call(sid)
    assert line.call(sid).status == "completed"


def test_a_recording_is_fetched_and_deleted(fake_twilio: Any, line: TwilioLine) -> None:
    call = fake_twilio.receive_call(ADA, OURS)
    sid = fake_twilio.record(call, b"ID3 sound", duration_s=7)
    (sound,) = line.recordings(call)
    assert (sound.sid, sound.duration_s, sound.source) == (sid, 7, "RecordVerb")
    assert line.recording_bytes(sid) == b"ID3 sound"
    line.delete_recording(sid)
    with pytest.raises(TwilioRejected) as refused:
        line.recording_bytes(sid)
    assert refused.value.refusal is Refusal.NOT_FOUND


def test_ids_that_are_none_reach_no_address(fake_twilio: Any, line: TwilioLine) -> None:
    with pytest.raises(ValueError, match="no id"):
        line.recording_bytes("../../../Accounts")
    assert not fake_twilio.asked


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("expired_credential", AuthExpired),
        ("rate_limited", RateLimited),
        ("server_trouble", Unavailable),
        ("garbage", Unavailable),
        ("cut_connection", Unavailable),
        ("refused", TwilioRejected),
    ],
)
def test_each_trouble_has_its_error(fake_twilio: Any, line: TwilioLine, fault: str, error: type[Exception]) -> None:
    with fake_twilio.fault(fault), pytest.raises(error):
        line.numbers()


def test_a_text_whose_answer_was_lost_may_have_gone_out(fake_twilio: Any, line: TwilioLine) -> None:
    with fake_twilio.fault("cut_connection"), pytest.raises(Unavailable) as lost:
        line.send_text(OURS, ADA, "Hello", [], "https://inbox.example.com/state")
    assert lost.value.outcome_unknown


def test_a_refusal_says_why(fake_twilio: Any, line: TwilioLine) -> None:
    with fake_twilio.fault("stopped"), pytest.raises(TwilioRejected) as refused:
        line.send_text(OURS, ADA, "Hello", [], "https://inbox.example.com/state")
    assert refused.value.refusal is Refusal.STOPPED


def test_a_changed_token_is_refused(fake_twilio: Any, line: TwilioLine) -> None:
    fake_twilio.auth_token = "another-token"
    with pytest.raises(AuthExpired):
        line.account_name()
