"""A form, an admin, and an inbox that brings what the form took to the plugin's hooks."""

from dataclasses import replace
from typing import Any

import pytest

from plugins import webform
from plugins.webform.tests.factories import PageHost
from tidings import AccountStats, AgentSummary, ConversationSummary, MessageSummary, Viewer
from tidings.testing import FakeClock

ADMIN = AgentSummary(5, "Ada Abel", "ada@example.com", "admin")


class Desk(PageHost):
    """A fake host with an admin who is signed in.

    `settle` does the worker's part: each event becomes a message that is filtered and announced.
    """

    def __init__(self, **settings: object) -> None:
        super().__init__(clock=FakeClock(), **settings)
        self.staff = [replace(ADMIN, id=4, name="Ben", email="ben@example.com", role="agent"), ADMIN]
        self.signed_in = Viewer(ADMIN.id, ADMIN.name, ADMIN.role)
        self.messages: list[MessageSummary] = []
        self.updates: list[Any] = []
        self._settled = 0
        self._counted = 0

    def account_stats(self, account_id: int) -> AccountStats:
        """As the core counts what was settled."""
        return AccountStats(received=self._counted, received_last_week=len(self.messages))

    def settle(self) -> list[MessageSummary]:
        """The messages that came since the last time."""
        (channel,) = webform.register_channels(self)
        fresh = []
        while self._settled < len(self.received):
            account_id, event = self.received[self._settled]
            self._settled += 1
            for said in channel.translate(self._accounts[account_id], event):
                if not hasattr(said, "sender"):
                    self.updates.append(said)
                    continue
                fresh.append(self._announced(account_id, said))
        return fresh

    def _announced(self, account_id: int, message: Any) -> MessageSummary:
        message = webform.filter_inbound(self, message, self._accounts[account_id]) or message
        self._counted += not message.is_test
        is_first = not any(m.conversation.account_id == account_id for m in self.messages)
        status = "spam" if message.is_spam else "open"
        conversation = ConversationSummary(
            70 + account_id, 7, message.subject, status, "webform", account_id, 3, "", message.sender.value, self.now()
        )
        stored = MessageSummary(
            id=len(self.messages) + 1, conversation=conversation, direction="inbound", kind="normal",
            external_id=message.external_id, text=message.text, is_first=is_first, is_automatic=False,
            accepts_auto_reply=message.accepts_auto_reply, raw_sha256=None, created_at=self.now(), account_id=account_id,
            fields=message.fields,
        )  # fmt: skip
        self.messages.append(stored)
        if is_first:
            webform.conversation_created(self, conversation, stored)
        webform.message_received(self, stored)
        return stored

    def confirmation(self, message: MessageSummary, message_id: int) -> MessageSummary:
        """The automatic answer that was queued as `message_id`."""
        return replace(message, id=message_id, direction="outbound", is_automatic=True, external_id="<out@x>")


@pytest.fixture
def desk() -> Desk:
    return Desk(title="How can we help?")
