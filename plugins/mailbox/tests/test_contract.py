"""The mailbox keeps the contract of channels, against a real Dovecot and a real SMTP server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from plugins.mailbox.channel import MailboxChannel
from plugins.mailbox.tests import accounts
from tidings import Account, OutboundMessage, RawEvent, SendReceipt
from tidings.testing import ChannelContract


class TestMailbox(ChannelContract):
    plugin = "plugins.mailbox"
    channel_class = MailboxChannel
    faults = frozenset({"expired_credential", "server_trouble", "refused"})

    @pytest.fixture(autouse=True)
    def servers(
        self,
        mail_user: Any,
        dovecot: Any,
        create_smtp_server: Any,
        create_proxy: Callable[[int], Any],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level("WARNING", logger="mail.log")  # the test server's own, which tells every line it is sent
        self.user = mail_user
        self.imap = create_proxy(dovecot.port)
        self.smtp = create_smtp_server(
            users={mail_user.address: mail_user.password}, mailboxes=dovecot, keeps_sent=True
        )
        self.arrived = 0
        _ = self.account  # connected before the test begins, so that what arrives in it is new

    def create_account(self) -> Account:
        account = accounts.create_account(self.user, self.smtp, imap_port=self.imap.port, sent_copy="server")
        return accounts.connected(account)

    def sample_events(self) -> list[RawEvent]:
        names = ("message__plain.eml", "message__html_with_attachment.eml")
        meta = {"received_at": "2026-03-02T10:13:00+00:00"}
        return [
            RawEvent(accounts.load_mail(name), f"INBOX:1:{n}", "message/rfc822", meta) for n, name in enumerate(names)
        ]

    def exchange_events(self) -> list[RawEvent]:
        return [
            self._mail(accounts.create_mail(1)),
            self._mail(_answering("1@mail.example.org", accounts.create_mail(2))),
        ]

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        return self._mail(_answering(message.external_id, accounts.create_mail(3)))

    def _mail(self, raw: bytes) -> RawEvent:
        return RawEvent(raw, content_type="message/rfc822", meta={"received_at": "2026-03-02T10:13:00+00:00"})

    def arrive(self) -> None:
        self.arrived += 1
        self.user.deliver(accounts.create_mail(self.arrived))

    def sent_count(self, message: OutboundMessage) -> int:
        return sum(1 for mail in self.smtp.messages if f"<{message.external_id}>".encode() in mail.raw)

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        begin, end = {
            "expired_credential": (self._change_password, lambda: self._set_password(self.user.password)),
            "server_trouble": (lambda: self.imap.cut_after(0), self.imap.behave),
            "refused": (self.smtp.refuse_recipient, self.smtp.behave),
        }[name]
        begin()
        yield
        end()

    def _change_password(self) -> None:
        self._set_password("another")
        self.smtp.users[self.user.address] = "another"

    def _set_password(self, password: str) -> None:
        self.user.server.add_user(self.user.address, password)


def _answering(message_id: str, mail: bytes) -> bytes:
    """The mail as an answer to another one."""
    return f"In-Reply-To: <{message_id}>\r\n".encode() + mail
