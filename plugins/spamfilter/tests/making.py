"""Messages and hosts for the tests of the filter."""

from datetime import UTC, datetime
from typing import Any

from plugins import spamfilter
from tidings import (
    Account,
    ConversationChanged,
    ConversationSummary,
    InboundMessage,
    MessageSummary,
    Participant,
)
from tidings.testing import FakeHost

ACCOUNT = Account(1, "mailbox", "Support", "help@example.com", {})
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def create_host(**settings: object) -> FakeHost:
    return FakeHost("spamfilter", settings=settings, package="plugins.spamfilter")


def create_message(text: str, sender: str = "ada@example.com", number: int = 1, **fields: Any) -> InboundMessage:
    people = {
        "sender": Participant("email", sender, fields.pop("name", "Ada")),
        "to": (Participant("email", "help@example.com"),),
    }
    return InboundMessage(
        f"{number}@mail.test", text=text, sent_at=NOW, content_key=f"key {number}", **{**people, **fields}
    )


def conversation(number: int, status: str = "open") -> ConversationSummary:
    return ConversationSummary(number, number, "Lamp", status, "mailbox", 1, 1, "Ada", "ada@example.com", NOW)


def arrive(host: FakeHost, message: InboundMessage, number: int, **fields: Any) -> InboundMessage:
    """As the host does it: filter it, store it as the first message of conversation `number`, tell. Gives what was stored."""
    stored = spamfilter.filter_inbound(host, message, ACCOUNT) or message
    status = "spam" if stored.is_spam else "open"
    spamfilter.message_received(host, summary_of(stored, conversation(number, status), **fields))
    return stored


def summary_of(message: InboundMessage, place: ConversationSummary, **fields: Any) -> MessageSummary:
    values = {
        "id": place.number,
        "conversation": place,
        "direction": "inbound",
        "kind": "normal",
        "external_id": message.external_id,
        "text": message.text,
        "is_first": True,
        "is_automatic": False,
        "accepts_auto_reply": True,
        "raw_sha256": None,
        "created_at": NOW,
        "account_id": 1,
    }
    return MessageSummary(**{**values, **fields})


def move(host: FakeHost, number: int, before: str, now: str) -> None:
    """An agent changes the status of a conversation."""
    spamfilter.conversation_changed(host, ConversationChanged(conversation(number, now), before))


def answer(host: FakeHost, number: int, **fields: Any) -> None:
    """An agent's answer leaves."""
    place = conversation(number)
    reply = create_message("Of course.", number=1000 + number)
    spamfilter.message_sent(
        host, summary_of(reply, place, id=1000 + number, direction="outbound", is_first=False, **fields)
    )


def school(host: FakeHost, count: int = 40, start: int = 5000) -> None:
    """Teach as many messages of each sort."""
    for at in range(count):
        arrive(host, spam(start + at), start + at)
        move(host, start + at, "open", "spam")
        arrive(host, genuine(start + count + at), start + count + at)
        answer(host, start + count + at)


def spam(number: int) -> InboundMessage:
    text = f"Dear winner, the casino jackpot bonus is waiting. Claim your roulette credit {number} now at http://lucky.test/claim today."
    return create_message(text, f"win{number}@lucky.test", number, subject="Jackpot bonus for you", name="Lucky")


def genuine(number: int) -> InboundMessage:
    text = f"Hello, the reading lamp of order {number} arrived with a broken shade. Could you please send another shade? Thank you, Ben"
    return create_message(text, f"ben{number}@home{number}.test", number, subject="Broken lamp shade", name="Ben")
