"""A help desk whose mailbox is at Gmail: what its admin does in the browser, what Google does, and what then stands in the inbox."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import select

from app.models import ChannelAccount, Conversation, InboundEvent, Message
from app.plugin_api.errors import ChannelError
from app.plugin_api.testing.providers import FakeGmail
from app.services import conversations, replies
from app.services.core import Actor, Core
from app.services.delivery import deliver, due_messages
from app.services.fetch_wishes import fetch_wishes
from app.services.fetching import claim_account, fetch_account, note_trouble, release_account
from app.services.intake import process_event
from app.services.journal import due_events
from app.services.replies import ReplyDraft
from tests.integration.web.visitor import Visitor

CONNECT, SIGN_IN, CALLBACK, DOMAIN = (f"/plugins/gmail/{path}" for path in ("connect", "sign-in", "callback", "domain"))
TOPIC, SIGNER = "projects/tidings/topics/gmail", "pushes@project.example.test"


@dataclass
class Desk:
    core: Core
    gmail: FakeGmail
    admin: Visitor
    agent: Actor
    heard: int = 0

    # ---- the admin
    def enter_client(self, **more: str) -> None:
        office = self.gmail.office
        values = {"client_id": office.client_id, "client_secret": office.client_secret, **more}
        answer = self.admin.post("/settings/plugins/gmail/settings", values)
        assert answer.status_code == 303, answer.text

    def enter_pushes(self) -> None:
        self.enter_client(topic=TOPIC, push_sender=SIGNER)

    def sign_in(self, path: str = SIGN_IN, scope: str = "", **answer: str) -> Any:
        """Off to Google, where the person agrees (or gives another `answer`), and back; gives what we show then."""
        leaving = self.admin.get(path)
        assert leaving.status_code == 303, leaving.text
        asked = {name: values[0] for name, values in parse_qs(urlsplit(leaving.headers["Location"]).query).items()}
        code = self.gmail.office.consent(asked["code_challenge"], scope or asked["scope"])
        back = {"state": asked["state"], **(answer or {"code": code})}
        return self.admin.get(f"{CALLBACK}?{urlencode(back)}")

    def connect(self) -> None:
        answer = self.sign_in()
        assert answer.status_code == 303, answer.text

    def settle(self, **settings: object) -> None:
        """Change settings of the mailbox."""
        self.core.plugins.channels["gmail"]._host.save_settings(self.account().id, settings)

    # ---- Google
    def push(self, *, address: str = "", **claims: object) -> int:
        """One push of Pub/Sub, with these claims in place of the right ones."""
        about = json.dumps({"emailAddress": address or self.gmail.mailbox, "historyId": 1}).encode()
        body = json.dumps({"message": {"data": base64.b64encode(about).decode(), "messageId": "1"}}).encode()
        audience = f"{self.core.config.address}/hooks/gmail"
        token = self.gmail.office.push_token(audience, **claims)
        headers = {"Authorization": f"Bearer {token}"} if claims.get("aud") != "nothing" else {}
        return int(self.admin.post("/hooks/gmail", body, headers=headers).status_code)

    # ---- the worker
    def fetch(self) -> None:
        """Look, as the pollers do; trouble is written down. Nothing happens while the account has to wait."""
        account = claim_account(self.core, self.account().id, "test")
        if account is None:
            return
        try:
            fetch_account(self.core, account)
        except ChannelError as trouble:
            note_trouble(self.core, account.id, trouble)
        finally:
            release_account(self.core, account.id, "test")
        self.process()

    def fetch_if_wished(self) -> bool:
        """What the pollers do when a push came."""
        wishes = fetch_wishes(self.core).get(self.account().id, 0)
        is_wished, self.heard = wishes > self.heard, wishes
        if is_wished:
            self.fetch()
        return is_wished

    def process(self) -> None:
        for event_id in due_events(self.core, 1000):
            process_event(self.core, event_id)

    def deliver(self) -> None:
        for message_id in due_messages(self.core):
            deliver(self.core, message_id)

    def run_jobs(self) -> None:
        """The plugin's jobs, each once."""
        for job in self.core.plugins.jobs["gmail"]:
            job.run()

    # ---- the inbox
    def answer(self, conversation: Conversation, text: str) -> None:
        replies.reply(self.core, self.agent, conversation.id, ReplyDraft(text, then="open"))

    def resolve(self, conversation: Conversation) -> None:
        conversations.resolve(self.core, self.agent, [conversation.id])

    def account(self) -> ChannelAccount:
        self.core.session.rollback()
        found = self.core.session.scalars(select(ChannelAccount).where(ChannelAccount.plugin == "gmail")).first()
        assert found is not None
        return found

    def messages(self) -> list[Message]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(Message).order_by(Message.id)))

    def conversations(self) -> list[Conversation]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(Conversation).order_by(Conversation.id)))

    def undelivered(self) -> list[InboundEvent]:
        states = ("received", "undelivered")
        return list(self.core.session.scalars(select(InboundEvent).where(InboundEvent.state.in_(states))))


def mail(
    number: int, *, body: str = "", answers: str = "", sender: str = "Ada <ada@example.com>", to: str = ""
) -> bytes:
    """A mail with this number in its subject and Message-ID."""
    named = f"In-Reply-To: <{answers}>\r\nReferences: <{answers}>\r\n" if answers else ""
    return (
        f"From: {sender}\r\nTo: {to or 'support@example.test'}\r\nSubject: Mail {number}\r\n"
        f"Message-ID: <{number}@mail.example.org>\r\n{named}Content-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{body or f'Grüße {number}'}\r\n"
    ).encode()
