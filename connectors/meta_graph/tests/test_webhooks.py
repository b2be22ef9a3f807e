"""Signatures, the dashboard's question, and webhooks that nobody documented."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from connectors.meta_graph import UnreadableWebhook, challenge_answer, is_signed, parse
from connectors.meta_graph.events import Message, Unknown
from connectors.meta_graph.webhooks import read_signed_request, sign

BODY = b'{"object": "page", "text": "Gr\\u00fc\\u00dfe"}'


def test_a_signature_is_what_rfc_2104_gives() -> None:
    # HMAC-SHA256 of RFC 4231's second case, whose key is "Jefe".
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"what do ya want for nothing?", "Jefe") == f"sha256={expected}"


def test_any_of_several_secrets_will_do() -> None:
    header = sign(BODY, "new")

    assert is_signed(BODY, header, ["old", "new"])
    assert is_signed(BODY, header, ["new", "old"])
    assert not is_signed(BODY, header, ["old"])
    assert not is_signed(BODY, header, [])


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", "sha256", "nonsense", "sha256=ä", "\ud800", f"sha1={0:040}", f"sha256={0:064}"],
)
def test_an_odd_or_missing_signature_is_wrong_and_raises_nothing(header: str | None) -> None:
    assert not is_signed(BODY, header, ["secret", ""])


def test_one_changed_byte_spoils_the_signature() -> None:
    header = sign(BODY, "secret")
    spoilt = [BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :] for place in range(len(BODY))]

    assert not any(is_signed(body, header, ["secret"]) for body in [*spoilt, BODY + b" ", b""])


def test_an_empty_secret_signs_nothing() -> None:
    header = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert not is_signed(BODY, header, [""])


def test_the_dashboards_question_is_answered_only_with_our_token() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "ours", "hub.challenge": "1158201444"}

    assert challenge_answer(query, "ours") == "1158201444"
    assert challenge_answer(query, "theirs") is None
    assert challenge_answer({**query, "hub.verify_token": ""}, "") is None
    assert challenge_answer({**query, "hub.mode": "unsubscribe"}, "ours") is None
    assert challenge_answer({}, "ours") is None
    assert challenge_answer({**query, "hub.verify_token": "öurs"}, "ours") is None


def test_a_signed_request_is_read_only_with_its_secret() -> None:
    payload = base64.urlsafe_b64encode(b'{"user_id": "218471", "algorithm": "HMAC-SHA256"}').rstrip(b"=")
    signature = base64.urlsafe_b64encode(hmac.new(b"secret", payload, hashlib.sha256).digest()).rstrip(b"=")
    signed = f"{signature.decode()}.{payload.decode()}"
    found = read_signed_request(signed, "secret")

    assert found is not None
    assert found["user_id"] == "218471"
    assert read_signed_request(signed, "other") is None
    assert [read_signed_request(odd, "secret") for odd in ("", ".", "a.b", "ä.ä", signed[:-3])] == [None] * 5


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"null", b'{"object": "page"}', b'{"entry": []}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_webhook_of_meta_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableWebhook):
        parse(body)


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [[]], {"mid": 7}, {"mid": None}, True])
def test_odd_shapes_are_unknown_and_spoil_nothing_beside_them(odd: object) -> None:
    good = {"sender": {"id": "1"}, "recipient": {"id": "2"}, "timestamp": 1, "message": {"mid": "m_1", "text": "Hi"}}
    names = ("message", "reaction", "message_edit", "referral", "sender", "timestamp")
    bad = [{name: odd} for name in names]
    changes = [{"field": "feed", "value": odd}, {"field": odd, "value": {"item": "comment", "verb": odd}}]
    entries = [
        {"id": "2", "messaging": [*bad, good]},
        {"id": odd, "messaging": odd, "standby": odd, "changes": changes},
        odd,
    ]
    for kind in ("page", "instagram", "whatsapp_business_account"):
        events = parse(json.dumps({"object": kind, "entry": entries}).encode())
        assert [event.text for event in events if isinstance(event, Message) and event.mid == "m_1"] == ["Hi"]
        assert len(events) == len(bad) + 1 + len(changes)


def test_ids_may_be_numbers_and_times_out_of_range() -> None:
    item = {"sender": {"id": 1}, "recipient": {"id": 2}, "timestamp": 10**30, "message": {"mid": "m_1", "text": "Hi"}}
    (event,) = parse(json.dumps({"object": "page", "entry": [{"id": 2, "messaging": [item]}]}).encode())

    assert isinstance(event, Message)
    assert (event.sender_id, event.person_id, event.entry_id, event.at) == ("1", "1", "2", None)


def test_fields_without_a_class_keep_their_name_and_content() -> None:
    changes = [{"field": "ratings", "value": {"item": "rating", "verb": "add", "recommendation_type": "positive"}}]
    events = parse(json.dumps({"object": "page", "entry": [{"id": "2", "time": 1, "changes": changes}]}).encode())

    assert [(type(event), getattr(event, "kind", "")) for event in events] == [(Unknown, "ratings.rating.add")]
    assert events[0].raw == changes[0]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9" * 5000, 1e300, -1e300, True, {}])
def test_a_time_that_is_none_keeps_no_message_away(at: object) -> None:
    said = {"sender": {"id": "1"}, "recipient": {"id": "2"}, "timestamp": at, "message": {"mid": "m_1", "text": "Hi"}}
    body = json.dumps({"object": "page", "entry": [{"id": "2", "time": at, "messaging": [said]}]})
    (event,) = parse(body.encode())
    assert event.at is None
