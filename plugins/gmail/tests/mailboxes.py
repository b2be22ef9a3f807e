"""Mailboxes of the fake Gmail, as an admin would have connected them, and a host they belong to."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.gmail import SCOPE_MODIFY
from plugins.gmail.access import REFRESH_TOKEN
from plugins.gmail.channel import GmailChannel
from tidings import Account, FetchBatch, OutboundMessage, Participant, RawEvent
from tidings.testing import FakeClock, FakeHost

FIXTURES = Path(__file__).parent / "fixtures"
TEMPLATES = Path(__file__).parents[1] / "templates"
TOPIC, SIGNER = "projects/tidings/topics/gmail", "pushes@project.example.test"


def create_account(gmail: Any, account_id: int = 1, **settings: object) -> Account:
    """An account whose owner has signed in."""
    refresh_token, _ = gmail.office.grant()
    known = {"address": gmail.mailbox, "sign_in": "oauth", **settings}
    return Account(account_id, "gmail", "Support", gmail.mailbox, known, secrets={REFRESH_TOKEN: refresh_token})


def create_host(gmail: Any, *accounts: Account, **settings: object) -> FakeHost:
    """A host whose clock shows the real time, as that of the fake does, with the fake's addresses."""
    office, at = gmail.office, gmail.address
    saved = {"client_id": office.client_id, "client_secret": office.client_secret, **settings}
    config = {
        "api_base": at,
        "authorise_url": f"{at}/authorise",
        "token_url": f"{at}/token",
        "revoke_url": f"{at}/revoke",
        "certificates_url": f"{at}/oauth2/v1/certs",
    }
    clock = FakeClock(datetime.now(UTC))
    return FakeHost(
        "gmail", accounts, clock=clock, config=config, settings=saved, templates=TEMPLATES, package="plugins.gmail"
    )


def delegate(gmail: Any, *people: str) -> dict[str, object]:
    """Let the domain trust the fake's service account; gives the settings of the plugin."""
    gmail.office.delegated.add(SCOPE_MODIFY)
    gmail.office.people = set(people) or None
    return {"service_account_key": gmail.office.key_file()}


def looked(channel: GmailChannel, account: Account) -> Account:
    """The account after its first look, which takes no mail but remembers how far the history has come."""
    events, account = fetched(channel, account)
    assert not events
    return account


def fetched(channel: GmailChannel, account: Account) -> tuple[list[RawEvent], Account]:
    """All new events, and the account with its new cursor."""
    return collected(channel.fetch(account), account)


def collected(batches: Iterable[FetchBatch], account: Account) -> tuple[list[RawEvent], Account]:
    events: list[RawEvent] = []
    for batch in batches:
        events.extend(batch.events)
        account = replace(account, cursor=batch.cursor)
    return events, account


def create_mail(number: int = 1, *, sender: str = "Ada <ada@example.com>", more: str = "", to: str = "") -> bytes:
    """A small mail; the number stands in its subject and Message-ID."""
    lines = (
        f"From: {sender}",
        f"To: {to or 'support@example.test'}",
        f"Subject: Mail {number}",
        "Date: Mon, 02 Mar 2026 08:55:00 +0000",
        f"Message-ID: <{number}@mail.example.org>",
        *filter(None, more.split("\n")),
        "Content-Type: text/plain; charset=utf-8",
        "",
        "Grüße",
        "",
    )
    return "\r\n".join(lines).encode()


def answer_to(message_id: str, number: int = 2, **more: str) -> bytes:
    return create_mail(number, more=f"In-Reply-To: <{message_id}>\nReferences: <{message_id}>", **more)


def load_mail(name: str) -> bytes:
    """A mail of the fixtures with the line ends of the wire."""
    return (FIXTURES / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def event_of(raw: bytes, *labels: str, gmail_id: str = "18f1") -> RawEvent:
    """The event of a mail with these labels."""
    meta = {"received_at": "2026-03-02T10:13:00+00:00", "thread_id": "18f0", "labels": list(labels or ("INBOX",))}
    return RawEvent(raw, gmail_id, "message/rfc822", meta)


def numbers(events: list[RawEvent]) -> list[int]:
    """What stands in the subjects, in order."""
    return [
        int(one.payload.split(b"Subject: Mail ")[1].split(b"\r\n")[0])
        for one in events
        if b"Subject: Mail" in one.payload
    ]


def create_message(number: int = 11, **fields: Any) -> OutboundMessage:
    known = {
        "message_id": number,
        "conversation_id": 7,
        "external_id": f"t.{number}@inbox.example.com",
        "to": (Participant("email", "ada@example.com", "Ada"),),
        "text": "It is on its way.",
        "created_at": datetime.now(UTC),
        "subject": "Re: Mail 1",
    }
    return OutboundMessage(**{**known, **fields})


def packed_token(token: str, refresh_token: str) -> str:
    """An access token as it is stored, good for ten hours."""
    made_with = hashlib.sha256(refresh_token.encode()).hexdigest()[:16]
    expires_at = datetime.now(UTC) + timedelta(hours=10)
    return json.dumps({"token": token, "expires_at": expires_at.isoformat(), "made_with": made_with})
