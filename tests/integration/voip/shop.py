"""A shop whose number is connected: what its admin does in the browser, what Twilio posts, and what then stands in the inbox."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from sqlalchemy import select

from app.jobs.completions import complete_due
from app.models import Attachment, ChannelAccount, Conversation, InboundEvent, Message, Tag
from app.models.conversation import conversation_tag
from app.plugin_api.testing.providers import FakeTwilio
from app.services.core import Core
from app.services.fetching import claim_account, fetch_account, release_account
from app.services.intake import process_event
from app.services.journal import due_events
from tests.integration.web.visitor import Visitor

OURS = "+4930123456"


@dataclass
class Shop:
    core: Core
    twilio: FakeTwilio
    admin: Visitor

    # ---- the admin
    def connect(self) -> None:
        """Enter the token, choose every number, let Twilio post here."""
        typed = {"account_sid": self.twilio.account_sid, "auth_token": self.twilio.auth_token}
        shown = self.admin.post("/plugins/voip/connect/numbers", typed).text
        hidden = {name: shown.split(f'name="{name}" value="')[1].split('"')[0] for name in ("state", "key")}
        answer = self.admin.post(
            "/plugins/voip/connect/choose", {**hidden, "number": list(self.twilio.numbers), "posts": "1"}
        )
        assert answer.status_code == 303, answer.text

    # ---- Twilio
    def post(self, address: str, fields: dict[str, str], *, token: str = "") -> tuple[int, str]:
        """One post to an address that Twilio was told, signed with the account's token or with another one; status and body."""
        right, self.twilio.auth_token = self.twilio.auth_token, token or self.twilio.auth_token
        headers = self.twilio.sign(address, fields)
        self.twilio.auth_token = right
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = self.admin.post(path, urlencode(fields).encode(), headers=headers)
        return int(answer.status_code), answer.text

    @property
    def address(self) -> str:
        """Where Twilio was told to post calls and texts."""
        return str(next(iter(self.twilio.numbers.values()))["voice_url"])

    @property
    def status_address(self) -> str:
        """Where Twilio was told to post the ends of calls."""
        return str(next(iter(self.twilio.numbers.values()))["status_callback"])

    def text(self, sender: str, body: str) -> str:
        """Somebody texts the number, and Twilio posts it."""
        sid = self.twilio.receive_text(sender, OURS, body)
        assert self.post(self.address, self.twilio.text_fields(sid))[0] == 200
        return sid

    def call(self, sender: str, *steps: tuple[str, dict[str, str]]) -> str:
        """Somebody calls; `steps` are posted after the first ring. Returns the call's id."""
        sid = self.twilio.receive_call(sender, OURS)
        for step, fields in (("", {}), *steps):
            address = f"{self.address}?step={step}" if step else self.address
            status, body = self.post(address, self.twilio.call_fields(sid, **fields))
            assert status == 200, body
            ElementTree.fromstring(body)
        return sid

    def hang_up(self, sid: str) -> None:
        """The call is over, and Twilio posts it."""
        self.twilio.end_call(sid, duration_s=20)
        assert self.post(self.status_address, self.twilio.call_fields(sid, CallDuration="20"))[0] == 200

    # ---- the worker
    def work(self) -> None:
        """Complete and read what came, until nothing is left that can be read now."""
        while complete_due(self.core):
            pass
        for event_id in due_events(self.core, 3000):
            process_event(self.core, event_id)

    def fetch(self) -> None:
        """Look for what no post brought, as the pollers do."""
        account = claim_account(self.core, self.account().id, "test")
        assert account is not None
        try:
            fetch_account(self.core, account)
        finally:
            release_account(self.core, account.id, "test")
        self.work()

    def run_jobs(self) -> None:
        """What the worker does again and again for the plugin."""
        self.core.session.rollback()
        for job in self.core.plugins.jobs["voip"]:
            job.run()
        self.work()

    # ---- the inbox
    def account(self) -> ChannelAccount:
        self.core.session.rollback()
        return self.core.session.scalars(select(ChannelAccount)).one()

    def messages(self) -> list[Message]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(Message).order_by(Message.id)))

    def files(self) -> list[Attachment]:
        """Of all messages, the first one first."""
        self.core.session.rollback()
        return list(self.core.session.scalars(select(Attachment).order_by(Attachment.message_id, Attachment.id)))

    def conversations(self) -> list[Conversation]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(Conversation).order_by(Conversation.id)))

    def tags(self) -> set[str]:
        """Of all conversations."""
        self.core.session.rollback()
        return {tag.name for tag in self.core.session.scalars(select(Tag).join(conversation_tag))}

    def events(self, *states: str) -> list[InboundEvent]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(InboundEvent).where(InboundEvent.state.in_(states))))
