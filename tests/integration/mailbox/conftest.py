"""A whole installation with real mail servers: a clock that runs, pollers and services that are looked after, a customer's mailbox."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.jobs.pollers import Pollers
from app.models import Message
from app.services import accounts, replies
from app.services.core import Core
from app.services.delivery import deliver
from app.services.replies import ReplyDraft

WAIT_S = 15.0


class RunningClock:
    """The machine's clock, which a test can put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, **duration: float) -> None:
        self._ahead += timedelta(**duration)


@pytest.fixture
def clock() -> RunningClock:
    return RunningClock()


@pytest.fixture
def installation(installation: Any) -> Any:
    """Replies leave at once."""
    return replace(installation, undo_s=0)


@pytest.fixture
def smtp(create_smtp_server: Callable[..., Any], dovecot: Any) -> Any:
    """Takes mail from everybody and puts it into the mailboxes of Dovecot's users."""
    return create_smtp_server(mailboxes=dovecot)


@pytest.fixture
def ada(create_mail_user: Callable[..., Any]) -> Any:
    """A customer with a mailbox of her own."""
    return create_mail_user("ada")


@pytest.fixture
def lea(create_agent: Callable[..., Any]) -> Any:
    return create_agent("Lea", role="admin")


@pytest.fixture
def connect(core: Core, lea: Any, smtp: Any) -> Callable[..., int]:
    """Return a function that connects a mailbox as an admin does, test of the connection included; gives the account's id."""

    def connect_mailbox(user: Any, **settings: object) -> int:
        defaults: dict[str, object] = {
            "address": user.address,
            "imap_host": "127.0.0.1",
            "imap_port": user.server.port,
            "imap_security": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp.port,
            "smtp_security": "none",
            "smtp_auth": "none",
        }
        values = {**defaults, **settings}
        secrets = {"password": user.password}
        return accounts.create_account(core, lea, plugin="mailbox", name="Support", settings=values, secrets=secrets)

    return connect_mailbox


@pytest.fixture
def pollers(tidings_app: Any, core: Core) -> Iterator[Pollers]:
    """The worker's pollers; `until` looks after them."""
    made = Pollers(tidings_app, core)
    yield made
    made.stop()


@pytest.fixture
def until(core: Core, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return a function that waits for something to become true, looking after the pollers meanwhile as the worker does."""

    def wait_until(look: Callable[[], Any], timeout_s: float = WAIT_S) -> Any:
        pollers = request.getfixturevalue("pollers")
        deadline, next_look = time.monotonic() + timeout_s, 0.0
        while True:
            if time.monotonic() >= next_look:
                pollers.look()
                next_look = time.monotonic() + 1.0
            core.session.rollback()
            if found := look():
                return found
            assert time.monotonic() < deadline, f"it did not happen within {timeout_s} s"
            time.sleep(0.02)

    return wait_until


@dataclass(frozen=True)
class Inbox:
    """What stands in the inbox, newest last."""

    core: Core

    def messages(self) -> list[Message]:
        statement = select(Message).order_by(Message.id).execution_options(populate_existing=True)
        return list(self.core.session.scalars(statement))

    def subjects(self) -> list[str]:
        return [message.subject for message in self.messages()]


@pytest.fixture
def inbox(core: Core) -> Inbox:
    return Inbox(core)


@pytest.fixture
def answer(core: Core, lea: Any) -> Callable[..., int]:
    """Return a function that answers a conversation and sends the answer; gives the message's id."""

    def answer_now(conversation_id: int, text: str = "It is on its way.") -> int:
        message_id = replies.reply(core, lea, conversation_id, ReplyDraft(text))
        assert deliver(core, message_id) == "sent"
        return message_id

    return answer_now
