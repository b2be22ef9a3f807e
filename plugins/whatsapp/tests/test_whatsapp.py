"""What is WhatsApp's own: numbers, files, delivery states, templates and the window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.meta_graph.webhooks import sign
from plugins.whatsapp import subscription
from plugins.whatsapp.channel import WhatsAppChannel
from plugins.whatsapp.panels import account_panels
from plugins.whatsapp.templates_of import kept_templates
from plugins.whatsapp.tests import numbers
from tidings import (
    Account,
    BadSignature,
    DeliveryUpdate,
    DeliveryWord,
    Exchange,
    MessageEdit,
    MessageRemoval,
    NeedsReauth,
    OutboundAttachment,
    OutboundMessage,
    Participant,
    Permanent,
    RawEvent,
    Temporary,
    UnsupportedEvent,
    WebhookRequest,
)
from tidings.testing import FakeHost, providers

PERSON_KEY, OURS = f"person:{numbers.PERSON}", "wamid.HBgNNDkxNTExMjM0NTY3OBUCABIYF0"
PHOTO, BILL = (
    OutboundAttachment("lamp.jpg", "image/jpeg", b"jpeg"),
    OutboundAttachment("bill.pdf", "application/pdf", b"%PDF"),
)


def said(channel: WhatsAppChannel, account: Account, name: str) -> Any:
    (one,) = channel.translate(account, channel.complete(account, numbers.captured(name)))
    return one


def test_people_are_known_by_their_number(channel: Any, account: Account) -> None:
    message = said(channel, account, "message__text")

    assert (message.sender.kind, message.sender.value, message.sender.name) == ("phone", "+4915112345678", "Ada Ünlü")
    assert message.thread_key == PERSON_KEY


@pytest.mark.parametrize(
    ("name", "text", "file"),
    [
        ("message__image", "It looks like this", ("image.jpg", "image/jpeg", b"bytes of 880000000000001")),
        ("message__voice", "", ("voice message.oga", "audio/ogg", b"bytes of 880000000000002")),
        ("message__document", "", ("bill.pdf", "application/pdf", b"bytes of 880000000000003")),
    ],
)
def test_files_are_fetched(channel: Any, account: Account, graph: Any, name: str, text: str, file: tuple) -> None:
    message = said(channel, account, name)

    assert message.text == text
    ((filename, content_type, data),) = [(one.filename, one.content_type, one.data) for one in message.attachments]
    assert (content_type, data) == file[1:]
    assert filename.partition(".")[0] == file[0].partition(".")[0]
    assert message.defects == ()


def test_a_file_that_is_gone_is_said(channel: Any, account: Account, graph: Any) -> None:
    del graph.state.media["880000000000003"]

    assert "some days only" in said(channel, account, "message__document").defects[0]


def test_places_contacts_and_buttons_become_text(channel: Any, account: Account) -> None:
    assert said(channel, account, "message__location").text == "Corner Shop\nEck 1, Berlin\nLocation: 52.52, 13.405"
    assert said(channel, account, "message__contact").text == "Ben Example – +49 30 1234567"
    button = said(channel, account, "message__button")
    assert (button.text, button.fields, button.in_reply_to) == ("Yes, please", {"Pressed": "yes"}, OURS)
    assert "not currently supported" in said(channel, account, "message__unsupported").defects[0]


def test_what_the_business_wrote_in_its_own_app_is_an_echo(channel: Any, account: Account) -> None:
    echo = said(channel, account, "echo__written_in_the_app")

    assert echo.is_echo
    assert (echo.sender.value, echo.to[0].value, echo.thread_key) == ("+15550100", "+4915112345678", PERSON_KEY)


def test_states_changes_and_reactions(channel: Any, account: Account) -> None:
    told = {name: said(channel, account, f"status__{name}") for name in ("delivered", "read", "failed")}

    assert [(one.word, one.external_id) for one in told.values()] == [
        (DeliveryWord.DELIVERED, OURS),
        (DeliveryWord.READ, OURS),
        (DeliveryWord.FAILED, OURS),
    ]
    assert isinstance(told["failed"], DeliveryUpdate)
    assert told["failed"].reason.startswith("More than 24 hours ago: only a template reaches them")
    assert isinstance(said(channel, account, "edit__by_the_author"), MessageEdit)
    assert isinstance(said(channel, account, "message__revoked"), MessageRemoval)
    assert (
        said(channel, account, "reaction__thumb").emoji,
        said(channel, account, "reaction__taken_away").is_removed,
    ) == ("👍", True)
    assert "+4915187654321" in said(channel, account, "system__number_changed").activity
    with pytest.raises(UnsupportedEvent):
        said(channel, account, "status__sent")


def test_somebody_who_hides_their_number_is_known_by_an_id(channel: Any, account: Account) -> None:
    payload = numbers.captured("message__text").payload.replace(b'"wa_id": "4915112345678"', b'"user_id": "DE.1349"')
    payload = payload.replace(b'"from": "4915112345678"', b'"from_user_id": "DE.1349"')
    (message,) = channel.translate(account, RawEvent(payload))

    assert (message.sender.kind, message.sender.value) == ("whatsapp", "DE.1349")
    assert "hides their number" in message.defects[0]


@pytest.fixture
def answer(host: FakeHost) -> OutboundMessage:
    to = (Participant("phone", f"+{numbers.PERSON}"),)
    return OutboundMessage(11, 7, "t.11@desk.test", to, "Come by!", host.now(), thread_key=PERSON_KEY)


def bodies(graph: providers.FakeMetaGraph) -> list[str]:
    return [str(one.body["type"]) for one in graph.state.sent]


def test_text_and_files_go_out_in_order_and_once(channel: Any, account: Account, answer: Any, graph: Any) -> None:
    message = replace(answer, attachments=(PHOTO, BILL))
    with graph.fault("server_trouble", after=3), pytest.raises(Temporary):
        channel.send(account, message)
    receipt = channel.send(account, replace(message, attempt=2))

    assert bodies(graph) == ["text", "image", "document"]
    assert receipt.external_id == graph.state.sent[0].id
    assert graph.state.sent[2].body["document"]["filename"] == "bill.pdf"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"text": "x" * 4097}, "4,097"),
        ({"thread_key": None, "to": (Participant("whatsapp", "DE.1349"),)}, "no number"),
        ({"text": ""}, "nothing"),
        ({"attachments": (replace(PHOTO, data=b"x" * (5 * 1024 * 1024 + 1)),)}, "up to 5 MB"),
    ],
)
def test_what_can_never_be_sent_is_refused(
    channel: Any, account: Account, answer: Any, graph: Any, change: dict, why: str
) -> None:
    with pytest.raises(Permanent, match=why):
        channel.send(account, replace(answer, **change))

    assert graph.state.sent == []


def test_after_a_day_only_templates_arrive(
    channel: Any, account: Account, answer: Any, graph: Any, host: FakeHost
) -> None:
    subscription.look_after_numbers(host)
    wrote_at = host.now()
    early = channel.reply_rules(account, Exchange(7, PERSON_KEY, answer.to[0], wrote_at, "m", {}, host.now()))
    host.clock.tick(timedelta(hours=25).total_seconds())
    late = channel.reply_rules(account, Exchange(7, PERSON_KEY, answer.to[0], wrote_at, "m", {}, host.now()))

    assert (early.is_refused, late.is_refused) == (False, True)
    assert early.until == wrote_at + timedelta(hours=24)
    assert [choice.key for choice in early.choices] == ["text", "template:en:opening_hours"]
    (template,) = late.choices
    assert (template.takes_text, template.text) == (False, "We are open from ten to six.")
    with pytest.raises(Permanent, match="only a template"):
        channel.send(account, answer)
    channel.send(account, replace(answer, choice=template.key, text=template.text))
    assert graph.state.sent[0].body["template"] == {"name": "opening_hours", "language": {"code": "en"}}


def test_a_template_begins_a_conversation(
    channel: Any, account: Account, answer: Any, graph: Any, host: FakeHost
) -> None:
    subscription.look_after_numbers(host)
    stranger = Participant("phone", "+4915155500000")
    rules = channel.reply_rules(account, Exchange(7, None, stranger, None, "", {}, host.now()))
    first = replace(answer, to=(stranger,), thread_key=None, choice=rules.choices[0].key)
    receipt = channel.send(account, first)

    assert rules.is_refused
    assert rules.notice.startswith("WhatsApp takes a template only to begin with")
    assert receipt.thread_key == "person:4915155500000"
    assert graph.state.sent[0].person_id == "4915155500000"


def test_without_a_template_the_composer_says_so(channel: Any, account: Account, answer: Any, host: FakeHost) -> None:
    rules = channel.reply_rules(account, Exchange(7, PERSON_KEY, answer.to[0], None, "", {}, host.now()))

    assert rules.is_refused
    assert "no approved template" in rules.notice


def test_a_number_is_looked_after(channel: Any, account: Account, graph: Any, host: FakeHost) -> None:
    graph.state.tokens[account.secret("access_token")].expires_at = host.now() + timedelta(days=60)
    host.put_account(replace(account, id=2, secrets={"access_token": "nonsense"}))
    subscription.look_after_numbers(host)

    assert graph.state.subscribed_businesses == {numbers.BUSINESS_ID}
    assert [one.name for one in kept_templates(host, 1)] == ["opening_hours"]
    assert channel.health(account).token_expires_at == host.now() + timedelta(days=60)
    rows = dict(account_panels(host, account)[0].rows)
    assert (rows["Templates to answer with"], rows["Templates with places, not offered"]) == ("1", "1")


def test_a_token_without_an_end_asks_nobody_again(channel: Any, account: Account, host: FakeHost) -> None:
    subscription.look_after_numbers(host)

    assert channel.health(account).token_expires_at is None


@pytest.mark.parametrize(
    ("change", "problem"), [("number", "no such number"), ("scope", "missing: whatsapp_business_messaging")]
)
def test_the_connection_test_names_what_is_wrong(
    channel: Any, account: Account, graph: Any, change: str, problem: str
) -> None:
    token = graph.state.tokens[account.secret("access_token")]
    if change == "scope":
        token.scopes = ("whatsapp_business_management",)
    else:
        account = replace(account, settings={**account.settings, "number_id": "12345"})

    assert problem in channel.test_connection(account).problem


def test_a_revoked_token_needs_its_owner(channel: Any, account: Account, answer: Any, graph: Any) -> None:
    graph.kill(account.secret("access_token"), 458)
    with pytest.raises(NeedsReauth, match="removed the app"):
        channel.send(account, answer)
    with pytest.raises(NeedsReauth):
        channel.complete(account, numbers.captured("message__image"))


def test_requests_are_signed_and_only_for_our_numbers(channel: Any, host: FakeHost) -> None:
    body = numbers.captured("message__text").payload

    def request(content: bytes, secret: str) -> WebhookRequest:
        headers = {"X-Hub-Signature-256": sign(content, secret)}
        return WebhookRequest("POST", host.shared_webhook_url(), headers, {}, content, host.now())

    channel.verify_shared_webhook(request(body, numbers.APP["app_secret"]))
    with pytest.raises(BadSignature):
        channel.verify_shared_webhook(request(body, "another"))
    assert [one.account_id for one in channel.receive_shared_webhook(request(body, "")).events] == [1]
    elsewhere = body.replace(numbers.NUMBER_ID.encode(), b"1")
    assert channel.receive_shared_webhook(request(elsewhere, "")).events == ()
