"""A shop that is connected to a service of Meta: what its admin does in the browser, what Meta sends, what then stands in the inbox."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import select

from app.jobs.completions import complete_due
from app.models import ChannelAccount, InboundEvent, Message
from app.plugin_api.testing.providers import FakeMetaGraph
from app.services.core import Core
from app.services.fetching import claim_account, fetch_account, release_account
from app.services.intake import process_event
from app.services.journal import due_events
from tests.integration.web.visitor import Visitor

CONNECT, SIGN_IN, CHOOSE = (f"/plugins/facebook/{path}" for path in ("connect", "sign-in", "choose"))


@dataclass
class Business:
    """`plugin` is facebook, instagram or whatsapp."""

    core: Core
    graph: FakeMetaGraph
    admin: Visitor
    plugin: str = "facebook"

    # ---- the admin
    def enter_app(self) -> None:
        values = {"app_id": self.graph.app_id, "app_secret": self.graph.app_secret, "version": "v25.0"}
        answer = self.admin.post(f"/settings/plugins/{self.plugin}/settings", values)
        assert answer.status_code == 303, answer.text

    def sign_in(self, query: str = "") -> Any:
        """Off to Facebook, where the person agrees at once, and back; gives our page."""
        dialog = self.admin.get(f"/plugins/{self.plugin}/sign-in{query}").headers["Location"]
        back = requests.get(dialog, allow_redirects=False, timeout=5).headers["Location"]
        return self.admin.get(f"{urlsplit(back).path}?{urlsplit(back).query}")

    def connect(self, *pages: Any) -> None:
        self.choose(self.sign_in().text, "page", [page.id for page in pages])

    def choose(self, shown: str, field: str, ids: list[str]) -> None:
        """Choose on the page that is shown after signing in."""
        state = shown.split('name="state" value="')[1].split('"')[0]
        answer = self.admin.post(f"/plugins/{self.plugin}/choose", {"state": state, field: ids})
        assert answer.status_code == 303, answer.text

    # ---- Meta
    def post(self, payload: dict[str, Any], *, secret: str = "") -> int:
        """One webhook, signed with the app's secret or with another one."""
        body = json.dumps(payload).encode()
        right, self.graph.app_secret = self.graph.app_secret, secret or self.graph.app_secret
        headers = self.graph.sign(body)
        self.graph.app_secret = right
        return int(self.admin.post(f"/hooks/{self.plugin}", body, headers=headers).status_code)

    def deliver(self) -> None:
        """Everything that Meta has to tell, in its order."""
        waiting, self.graph.undelivered = self.graph.undelivered, []
        assert [self.post(one) for one in waiting] == [200] * len(waiting)

    # ---- the worker
    def work(self) -> None:
        """Complete and read what came, until nothing is left that can be read now."""
        while complete_due(self.core):
            pass
        for event_id in due_events(self.core, 1000):
            process_event(self.core, event_id)

    def fetch(self) -> None:
        """Look for what no webhook brought, as the pollers do."""
        account = claim_account(self.core, self.account().id, "test")
        assert account is not None
        try:
            fetch_account(self.core, account)
        finally:
            release_account(self.core, account.id, "test")
        self.work()

    # ---- the inbox
    def account(self) -> ChannelAccount:
        return self.core.session.scalars(select(ChannelAccount)).first()

    def messages(self) -> list[Message]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(Message).order_by(Message.id)))

    def events(self, *states: str) -> list[InboundEvent]:
        self.core.session.rollback()
        return list(self.core.session.scalars(select(InboundEvent).where(InboundEvent.state.in_(states))))
