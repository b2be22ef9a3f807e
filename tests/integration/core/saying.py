"""A channel that says what a test wants: each event stands for a list of messages and updates."""

from datetime import UTC, datetime

import pytest

from app.plugin_api.messages import InboundMessage, Participant, RawEvent, SendReceipt
from app.services import replies
from app.services.delivery import deliver
from app.services.intake import receive
from app.services.replies import ReplyDraft

CEM = Participant("echo", "cem", "Cem")
PAGE = Participant("echo", "page", "Lamp shop")
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def written(number: int, text: str = "", **changes: object) -> InboundMessage:
    """A message of Cem in the exchange "t"."""
    values = {
        "external_id": f"m{number}", "sender": CEM, "text": text or f"Message {number}", "sent_at": NINE,
        "content_key": f"key-{number}", "thread_key": "t", "to": (PAGE,),
    }  # fmt: skip
    return InboundMessage(**{**values, **changes})


def echoed(number: int, text: str = "", **changes: object) -> InboundMessage:
    """A message that we wrote to Cem in the provider's own program."""
    return written(number, text, **{"sender": PAGE, "to": (CEM,), "is_echo": True, **changes})


class Provider:
    """What one account hears. `account_id` is its own."""

    def __init__(self, core, account_id, monkeypatch, ada) -> None:
        self.core, self.account_id, self._ada = core, account_id, ada
        self._said: dict[bytes, list] = {}
        self.channel = core.plugins.channels["echo"]
        monkeypatch.setattr(self.channel, "translate", lambda account, event: self._said[event.payload])
        monkeypatch.setattr(self.channel, "send", lambda account, message: self.send(message))

    def event_of(self, *said, source_key=None) -> RawEvent:
        payload = f"event {len(self._said)}".encode()
        self._said[payload] = list(said)
        return RawEvent(payload, source_key=source_key)

    def say(self, *said, source_key=None):
        """Let an event arrive and be processed."""
        return receive(self.core, self.account_id, self.event_of(*said, source_key=source_key))

    def send(self, message):
        """Each message of ours gets an id of the provider's."""
        return SendReceipt(f"sent-{message.message_id}", thread_key="t")

    def answer(self, conversation_id: int, text: str = "It is on its way.", is_sent: bool = True) -> int:
        """An agent's answer; gives the message's id, which the provider knows as `sent-<id>`."""
        message_id = replies.reply(self.core, self._ada, conversation_id, ReplyDraft(text))
        if is_sent:
            self.core.clock.advance(seconds=10)
            assert deliver(self.core, message_id) == "sent"
        return message_id


@pytest.fixture
def provider(core, create_account, create_agent, monkeypatch):
    return Provider(core, create_account("echo"), monkeypatch, create_agent("Mira"))
