"""A desk whose mailbox is signed in to at Google or Microsoft: what its admin does in the browser, and what the provider does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from app.models import ChannelAccount
from app.services.core import Core
from app.testing.servers.sign_in_front import SignInFront
from tests.integration.web.visitor import Visitor

CALLBACK = "/plugins/mailbox/callback"


@dataclass
class SignInDesk:
    """`provider` is google or microsoft, `address` the mailbox."""

    core: Core
    admin: Visitor
    front: SignInFront
    emulator: Any
    provider: str
    address: str
    imap_port: int
    smtp: Any

    def enter_application(self, **more: str) -> None:
        """What was registered with the provider, typed into the settings of the plugin."""
        values = {"client_id": self.emulator.CLIENT_ID, "client_secret": self.emulator.CLIENT_SECRET, **more}
        fields = {f"{self.provider}_{name}": value for name, value in values.items()}
        answer = self.admin.post("/settings/plugins/mailbox/settings", fields)
        assert answer.status_code == 303, answer.text

    def connect(self, **more: object) -> Any:
        """Save the form of a new mailbox; gives the answer."""
        fields: dict[str, object] = {
            "account_name": "Support",
            "address": self.address,
            "auth": self.provider,
            "imap_host": "127.0.0.1",
            "imap_port": self.imap_port,
            "imap_security": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": self.smtp.port,
            "smtp_security": "none",
            "smtp_auth": "same",
            "folders": "INBOX",
            "sent_copy": "none",
            "provider": "auto",
            "receive_by": "imap",
            "answers_to": "everybody",
            "confirms": "off",
        }
        return self.admin.post("/accounts/connect/mailbox", {**fields, **more})

    def leave(self, path: str = "/plugins/mailbox/sign-in/1", visitor: Visitor | None = None) -> str:
        """Off to the provider; gives its page of consent."""
        leaving = (visitor or self.admin).get(path)
        assert leaving.status_code == 303, leaving.text
        return str(leaving.headers["Location"])

    def return_from(self, consent: str, person: str = "", visitor: Visitor | None = None) -> Any:
        """Somebody agrees there and is sent back; gives what we show then."""
        back = urlsplit(self.emulator.agree(consent, person or self.address))
        return (visitor or self.admin).get(f"{CALLBACK}?{back.query}")

    def sign_in(self, path: str = "/plugins/mailbox/sign-in/1", person: str = "") -> Any:
        return self.return_from(self.leave(path), person)

    def account(self) -> ChannelAccount:
        self.core.session.rollback()
        statement = select(ChannelAccount).order_by(ChannelAccount.id).execution_options(populate_existing=True)
        return self.core.session.scalars(statement).first()  # type: ignore[return-value]

    def secrets(self) -> dict[str, str]:
        return dict(self.core.vault.unseal(self.account().secrets))

    def host(self) -> Any:
        return self.core.plugins.channels["mailbox"]._host  # type: ignore[attr-defined]


def state_in(consent: str) -> str:
    """The state that a page of consent was asked for with."""
    return parse_qs(urlsplit(consent).query)["state"][0]


Connect = Callable[..., SignInDesk]
