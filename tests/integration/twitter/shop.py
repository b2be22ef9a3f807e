"""A shop with an account at X: what its admin does in the browser, what X tells, and what then stands in the inbox."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import select

from app.jobs.completions import complete_due
from app.models import ChannelAccount, InboundEvent, Message
from app.plugin_api.errors import ChannelError
from app.plugin_api.testing.providers import FakeX
from app.services.core import Core
from app.services.fetching import claim_account, fetch_account, note_trouble, release_account
from app.services.intake import process_event
from app.services.journal import due_events
from tests.integration.web.visitor import Visitor

CONNECT, SIGN_IN, KEYS = (f"/plugins/twitter/{path}" for path in ("connect", "sign-in", "keys"))
HOOK = "/hooks/twitter"


@dataclass
class Shop:
    core: Core
    x: FakeX
    admin: Visitor

    # ---- the admin
    def enter_app(self, **values: str) -> None:
        app = {
            "client_id": self.x.client_id,
            "client_secret": self.x.client_secret,
            "consumer_key": self.x.consumer_key,
            "consumer_secret": self.x.consumer_secret,
            "plan": "pro",
            "price_per_1000": "5.00",
        }
        answer = self.admin.post("/settings/plugins/twitter/settings", {**app, **values})
        assert answer.status_code == 303, answer.text

    def sign_in(self, query: str = "") -> Any:
        """Off to X, where the person agrees at once, and back; gives our page."""
        dialog = self.admin.get(f"{SIGN_IN}{query}").headers["Location"]
        back = requests.get(dialog, allow_redirects=False, timeout=5).headers["Location"]
        return self.admin.get(f"{urlsplit(back).path}?{urlsplit(back).query}")

    # ---- X
    def post(self, payload: dict[str, Any], *, secret: str = "") -> int:
        """One webhook, signed with the app's secrets or with another one."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        kept = self.x.client_secret, self.x.consumer_secret
        if secret:
            self.x.client_secret = self.x.consumer_secret = secret
        headers = self.x.sign(body)
        self.x.client_secret, self.x.consumer_secret = kept
        return int(self.admin.post(HOOK, body, headers=headers).status_code)

    # ---- the worker
    def work(self) -> None:
        """Complete and read what came, until nothing is left that can be read now."""
        while complete_due(self.core):
            pass
        for event_id in due_events(self.core, 1000):
            process_event(self.core, event_id)

    def fetch(self) -> ChannelError | None:
        """Ask X as the pollers do, unless the account waits; what went wrong."""
        account, trouble = claim_account(self.core, self.account().id, "test"), None
        if account is not None:
            try:
                fetch_account(self.core, account)
            except ChannelError as error:
                note_trouble(self.core, account.id, error)
                trouble = error
            finally:
                release_account(self.core, account.id, "test")
        self.work()
        return trouble

    # ---- the inbox
    def account(self) -> ChannelAccount:
        self.core.session.rollback()
        found = self.core.session.scalars(select(ChannelAccount)).first()
        assert found is not None
        return found

    def messages(self) -> list[Message]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(Message).order_by(Message.id)))

    def texts(self) -> list[str]:
        return sorted(one.text for one in self.messages())

    def events(self, *states: str) -> list[InboundEvent]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(InboundEvent).where(InboundEvent.state.in_(states))))
