"""What webhooks tell: those of Messenger, Instagram and comments as the fake sends them, signed, and those of WhatsApp."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors.meta_graph import challenge_answer, is_signed, parse, whatsapp
from connectors.meta_graph import events as of
from connectors.meta_graph.pages import MESSAGING_FIELDS
from connectors.meta_graph.webhooks import SIGNATURE_HEADER

Told = list[of.Event]


@pytest.fixture
def told(fake_meta_graph: Any, page: Any) -> Iterator[Told]:
    """The events of the webhooks that arrived, each from a request with a right signature."""
    received: Told = []

    class App(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = challenge_answer(dict(parse_qsl(urlsplit(self.path).query)), "verify-me")
            self._say(403 if answer is None else 200, (answer or "").encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not is_signed(body, self.headers[SIGNATURE_HEADER], ["earlier", fake_meta_graph.app_secret]):
                return self._say(403, b"")
            received.extend(parse(body))
            return self._say(200, b"")

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), App)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    fake_meta_graph.callback_url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    page.subscribed = (*MESSAGING_FIELDS, "feed")
    yield received
    assert all(status == 200 for _, status in fake_meta_graph.delivered)
    server.shutdown()
    server.server_close()


@pytest.fixture
def ben(fake_meta_graph: Any, page: Any) -> Any:
    """Somebody on Messenger."""
    return fake_meta_graph.add_person(page, "Ben Example")


def test_the_callback_is_verified(told: Told, fake_meta_graph: Any) -> None:
    is_right = fake_meta_graph.verify_callback()
    fake_meta_graph.verify_token = "another"

    assert is_right
    assert not fake_meta_graph.verify_callback()


def test_a_message_tells_text_files_and_what_it_answers(
    told: Told, fake_meta_graph: Any, page: Any, ben: Any, clock: Any
) -> None:
    files = [
        {"type": "image", "payload": {"url": "https://files.example.test/a.jpg", "sticker_id": 369239263222822}},
        {"type": "location", "payload": {"coordinates": {"lat": 52.5, "long": 13.4}}, "title": "Here"},
    ]
    written = fake_meta_graph.write(
        ben,
        "Grüße",
        attachments=files,
        reply_to={"mid": "m_0"},
        quick_reply={"payload": "YES"},
        referral={"ref": "spring", "source": "ADS"},
    )
    (event,) = told

    assert isinstance(event, of.Message)
    assert (event.mid, event.text, event.at) == (written.id, "Grüße", clock())
    assert (event.object, event.entry_id, event.person_id, event.is_standby) == ("page", page.id, ben.id, False)
    assert (event.reply_to_mid, event.quick_reply_payload) == ("m_0", "YES")
    assert event.referral == of.Referral(ref="spring", source="ADS")
    picture, place = event.attachments
    assert (picture.kind, picture.url, picture.sticker_id) == (
        "image",
        "https://files.example.test/a.jpg",
        "369239263222822",
    )
    assert (place.title, place.latitude, place.longitude) == ("Here", 52.5, 13.4)


def test_an_answer_written_elsewhere_is_an_echo_for_the_person(
    told: Told, fake_meta_graph: Any, ben: Any, page: Any
) -> None:
    written = fake_meta_graph.answer_elsewhere(ben, "From the inbox")
    (event,) = told

    assert isinstance(event, of.Echo)
    assert (event.mid, event.text, event.app_id) == (written.id, "From the inbox", "263902037430900")
    assert (event.sender_id, event.person_id) == (page.id, ben.id)


LINK = of.Referral("spring", "SHORTLINK", "OPEN_THREAD")
Doing = Callable[[Any, Any, Any], object]


@pytest.mark.parametrize(
    ("doing", "kind", "expected"),
    [
        (lambda graph, ben, message: graph.edit(message, "Hullo"), of.Edited, {"text": "Hullo", "edits": 1}),
        (lambda graph, ben, message: graph.unsend(message), of.Deleted, {"is_echo": False}),
        (lambda graph, ben, message: graph.react(ben, message), of.Reacted, {"is_added": True, "emoji": "❤", "reaction": "love"}),
        (lambda graph, ben, message: graph.react(ben, message, ""), of.Reacted, {"is_added": False, "emoji": ""}),
        (lambda graph, ben, message: graph.press(ben, "Start", "GO"), of.Postback, {"title": "Start", "payload": "GO"}),
        (lambda graph, ben, message: graph.come_by(ben, "spring"), of.Referred, {"referral": LINK}),
        (lambda graph, ben, message: graph.read(ben), of.Read, {"watermark_at": datetime(2026, 5, 4, 10, tzinfo=UTC)}),
    ],
)  # fmt: skip
def test_what_people_do_beside_writing_has_its_own_event(
    told: Told, fake_meta_graph: Any, ben: Any, doing: Doing, kind: type[of.MessagingEvent], expected: dict[str, object]
) -> None:
    message = fake_meta_graph.write(ben, "Hello")
    doing(fake_meta_graph, ben, message)
    event = told[1]

    assert type(event) is kind
    assert event.person_id == ben.id
    assert {name: getattr(event, name) for name in expected} == expected
    if kind in (of.Edited, of.Deleted, of.Reacted):
        assert event.mid == message.id  # type: ignore[attr-defined]


def test_a_thread_of_another_app_is_watched_in_standby(told: Told, fake_meta_graph: Any, ben: Any) -> None:
    fake_meta_graph.hand_over(ben, "99", "pass", "a note")
    fake_meta_graph.write(ben, "Anybody?")
    handed, message = told

    assert isinstance(handed, of.HandedOver)
    assert (handed.action, handed.previous_owner, handed.new_owner, handed.metadata) == ("pass", "", "99", "a note")
    assert isinstance(message, of.Message)
    assert message.is_standby


def test_what_the_page_did_not_subscribe_to_is_not_sent(told: Told, fake_meta_graph: Any, page: Any, ben: Any) -> None:
    page.subscribed = ("messages",)
    message = fake_meta_graph.write(ben, "Hello")
    fake_meta_graph.react(ben, message)

    assert [type(event) for event in told] == [of.Message]


def test_instagram_messages_name_the_account(told: Told, fake_meta_graph: Any, page: Any) -> None:
    person = fake_meta_graph.add_person(page, "Ada", platform="instagram")
    fake_meta_graph.write(person, "Nice", reply_to={"story": {"id": "17", "url": "https://files.example.test/story"}})
    fake_meta_graph.answer_elsewhere(person, "Thanks")
    message, echo = told

    assert isinstance(message, of.Message)
    assert (message.object, message.entry_id, message.story_url) == (
        "instagram",
        page.instagram_id,
        "https://files.example.test/story",
    )
    assert isinstance(echo, of.Echo)
    assert echo.person_id == person.id


def test_a_comments_life_is_told(told: Told, fake_meta_graph: Any, page: Any, ben: Any) -> None:
    post = fake_meta_graph.add_post(page.id, "We are open.")
    comment = fake_meta_graph.comment(ben, post, "When?")
    answer = fake_meta_graph.write_comment(
        page.id, post.id, "At ten.", author=(page.id, page.name), parent_id=comment.id
    )
    fake_meta_graph.edit_comment(comment, "When, please?")
    fake_meta_graph.hide_comment(comment)
    fake_meta_graph.remove_comment(comment)
    comments = [event for event in told if isinstance(event, of.CommentChanged)]

    assert [event.verb for event in comments] == ["add", "add", "edited", "hide", "remove"]
    assert [event.text for event in comments] == ["When?", "At ten.", "When, please?", "", ""]
    assert [event.parent_id for event in comments] == [None, comment.id, None, None, None]
    assert [event.comment_id for event in comments[:2]] == [comment.id, answer.id]
    assert [event.is_by_page for event in comments[:2]] == [False, True]
    assert all(event.post_id == post.id for event in comments)


def test_instagram_comments_are_read() -> None:
    value = {
        "id": "17",
        "text": "Nice",
        "from": {"id": "5", "username": "ada"},
        "media": {"id": "9"},
        "parent_id": "16",
    }
    body = {
        "object": "instagram",
        "entry": [{"id": "2", "time": 1777888800, "changes": [{"field": "comments", "value": value}]}],
    }
    (event,) = parse(json.dumps(body).encode())

    assert isinstance(event, of.CommentChanged)
    assert (event.comment_id, event.post_id, event.parent_id, event.text) == ("17", "9", "16", "Nice")
    assert event.author is not None
    assert event.author.name == "ada"
    assert event.at == datetime(2026, 5, 4, 10, tzinfo=UTC)


def test_what_was_not_taken_comes_again(told: Told, fake_meta_graph: Any, ben: Any) -> None:
    right, fake_meta_graph.callback_url = fake_meta_graph.callback_url, "http://127.0.0.1:9/"
    fake_meta_graph.write(ben, "Lost?")
    fake_meta_graph.delivered.clear()
    fake_meta_graph.callback_url = right

    assert told == []
    assert fake_meta_graph.redeliver() == 0
    assert [event.text for event in told if isinstance(event, of.Message)] == ["Lost?"]


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        ({"text": {"body": "Hi"}}, of.WhatsAppMessage, {"kind": "text", "text": "Hi", "payload": None}),
        ({"button": {"text": "Yes", "payload": "YES"}}, of.WhatsAppMessage, {"text": "Yes", "payload": "YES"}),
        (
            {"interactive": {"type": "list_reply", "list_reply": {"id": "7", "title": "Seven"}}},
            of.WhatsAppMessage,
            {"text": "Seven", "payload": "7"},
        ),
        (
            {
                "document": {
                    "id": "4",
                    "filename": "a.pdf",
                    "caption": "Look",
                    "mime_type": "application/pdf",
                    "sha256": "x",
                }
            },
            of.WhatsAppMessage,
            {"text": "Look", "files": (of.WhatsAppFile("document", "4", "application/pdf", "a.pdf", "x"),)},
        ),
        (
            {"audio": {"id": "4", "voice": True}},
            of.WhatsAppMessage,
            {"files": (of.WhatsAppFile("audio", "4", is_voice=True),)},
        ),
        ({"location": {"latitude": 52, "longitude": 13.4}}, of.WhatsAppMessage, {"location": of.Location(52.0, 13.4)}),
        (
            {"contacts": [{"name": {"formatted_name": "Ada"}}]},
            of.WhatsAppMessage,
            {"cards": ({"name": {"formatted_name": "Ada"}},)},
        ),
        (
            {"reaction": {"message_id": "wamid.1", "emoji": "👍"}},
            of.WhatsAppReacted,
            {"message_id": "wamid.1", "emoji": "👍"},
        ),
        ({"reaction": {"message_id": "wamid.1"}}, of.WhatsAppReacted, {"emoji": ""}),
        ({"revoke": {"original_message_id": "wamid.1"}}, of.WhatsAppDeleted, {"original_id": "wamid.1"}),
        (
            {"system": {"type": "user_changed_number", "wa_id": "15550199"}},
            of.WhatsAppNumberChanged,
            {"new_wa_id": "15550199"},
        ),
        ({"system": {"type": "customer_identity_changed"}}, of.Unknown, {"kind": "system"}),
        ({"poll": {}}, of.WhatsAppMessage, {"kind": "poll", "text": ""}),
    ],
)
def test_whatsapp_messages_are_read(
    told: Told,
    fake_meta_graph: Any,
    content: dict[str, Any],
    kind: type[of.Event],
    expected: dict[str, object],
    clock: Any,
) -> None:
    number = fake_meta_graph.add_number()
    fake_meta_graph.state.subscribed_businesses.add(number.business_id)
    fake_meta_graph.write_whatsapp(number.id, "15550123", "Ben", **content)
    (event,) = told

    assert type(event) is kind
    assert {name: getattr(event, name) for name in expected} == expected
    assert event.at == clock()
    if isinstance(event, of.WhatsAppEvent):
        assert (event.number_id, event.wa_id, event.name) == (number.id, "15550123", "Ben")


def test_whatsapp_edits_show_the_message_as_it_reads_now(told: Told, fake_meta_graph: Any) -> None:
    number = fake_meta_graph.add_number()
    fake_meta_graph.state.subscribed_businesses.add(number.business_id)
    changed = {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "Now"}}}
    fake_meta_graph.write_whatsapp(number.id, "15550123", "Ben", edit=changed)
    (event,) = told

    assert isinstance(event, of.WhatsAppEdited)
    assert (event.original_id, event.message.id, event.message.text) == ("wamid.1", "wamid.1", "Now")


def test_whatsapp_tells_how_far_a_message_came(told: Told, fake_meta_graph: Any, app: Any) -> None:
    number = fake_meta_graph.add_number()
    fake_meta_graph.write_whatsapp(number.id, "15550123", "Ben", text={"body": "Hi"})
    whatsapp.send_text(app.client(fake_meta_graph.new_token("SYSTEM_USER").text), number.id, "15550123", "Hello")
    fake_meta_graph.state.subscribed_businesses.add(number.business_id)
    error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "Too late"}}
    fake_meta_graph.tell_status(
        number.id, fake_meta_graph.state.sent[0], "delivered", pricing={"billable": True, "category": "service"}
    )
    fake_meta_graph.tell_status(number.id, fake_meta_graph.state.sent[0], "failed", errors=[error])
    delivered, failed = told

    assert isinstance(delivered, of.WhatsAppStatus)
    assert isinstance(failed, of.WhatsAppStatus)
    assert (delivered.id, delivered.status, delivered.wa_id) == (
        fake_meta_graph.state.sent[0].id,
        "delivered",
        "15550123",
    )
    assert (delivered.category, delivered.is_billable) == ("service", True)
    assert failed.errors == (of.MessageError(131047, "Re-engagement message", "Too late"),)


def test_what_the_business_writes_on_its_own_phone_is_an_echo() -> None:
    echo = {
        "from": "15550100",
        "to": "15550123",
        "id": "wamid.2",
        "timestamp": "1777888800",
        "type": "text",
        "text": {"body": "Hi"},
    }
    value = {"metadata": {"phone_number_id": "7"}, "message_echoes": [echo]}
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "smb_message_echoes", "value": value}]}],
    }
    (event,) = parse(json.dumps(body).encode())

    assert isinstance(event, of.WhatsAppMessage)
    assert (event.is_echo, event.wa_id, event.text, event.number_id) == (True, "15550123", "Hi", "7")
