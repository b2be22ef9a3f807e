"""The rows of a seeded database, table by table, made from its plan."""

import hashlib
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from app.domain.text import preview_of
from app.files import FileStore
from app.models import (
    Agent,
    Attachment,
    ChannelAccount,
    Contact,
    ContactIdentity,
    Conversation,
    Counter,
    InboundEvent,
    Message,
    MessageDelivery,
    MessageReference,
    SearchEntry,
    Tag,
    Team,
    conversation_tag,
)
from app.services.counting import counters_of
from app.services.indexing import people_of
from bench.plan import ACCOUNTS, AGENTS, TAGS, TEAMS, ConversationPlan, MessagePlan
from bench.words import COMPANIES, FIRST_NAMES, LAST_NAMES, paragraphs, subject

__all__ = ["SeedRows"]

Row = dict[str, Any]
_FILE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


class SeedRows:
    """Generators of rows for bulk inserts; ids are given here, counting from 1. Files are stored in `files`."""

    def __init__(
        self,
        conversations: Sequence[ConversationPlan],
        messages: Sequence[MessagePlan],
        end: datetime,
        *,
        files: FileStore,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._end = end
        self._file_sha256 = files.put(_FILE)
        self._raw_sha256 = files.put(
            b"From: ada@example.org\r\nSubject: seeded\r\n\r\nThe source of every seeded message.\r\n"
        )

    def tables(self) -> list[tuple[Any, Callable[[], Iterator[Row]]]]:
        """Tables with their rows, referred ones before those that refer to them."""
        return [
            (Team, self._teams),
            (Agent, self._agents),
            (Tag, self._tags),
            (ChannelAccount, self._accounts),
            (Contact, self._contacts),
            (ContactIdentity, self._identities),
            (Conversation, self._conversation_rows),
            (conversation_tag, self._conversation_tags),
            (Message, self._message_rows),
            (MessageReference, self._references),
            (MessageDelivery, self._deliveries),
            (InboundEvent, self._events),
            (Attachment, self._attachments),
            (SearchEntry, self._search_entries),
            (Counter, self._counters),
        ]

    def search_texts(self) -> Iterator[Row]:
        """What is indexed of each message, under the id of its search entry."""
        for number, message in enumerate(self._messages, 1):
            sender = self._sender(message)
            yield {
                "id": number,
                "subject": self._subject(message),
                "people": people_of(sender["sender_name"], sender["sender_value"], self._recipients(message)),
                "body": _body(number),
            }

    # ---- people and places
    def _teams(self) -> Iterator[Row]:
        yield from ({"id": number, "name": name} for number, name in enumerate(TEAMS, 1))

    def _tags(self) -> Iterator[Row]:
        yield from ({"id": number, "name": name} for number, name in enumerate(TAGS, 1))

    def _agents(self) -> Iterator[Row]:
        for number, name in enumerate(AGENTS, 1):
            yield {
                "id": number, "name": name, "email": f"{name.lower()}@desk.example.com", "active": True,
                "fs_uniquifier": f"seeded-{number}", "role": "admin" if number == 1 else "agent", "created_at": self._end,
            }  # fmt: skip

    def _accounts(self) -> Iterator[Row]:
        for number, (plugin, name, address) in enumerate(ACCOUNTS, 1):
            yield {
                "id": number, "plugin": plugin, "name": name, "address": address, "settings": {}, "secrets": "",
                "created_at": self._end, "received_at": self._end,
            }  # fmt: skip

    def _contacts(self) -> Iterator[Row]:
        for number in range(1, self._contact_count + 1):
            yield {"id": number, "name": _name(number), "company": "", "about": "", "created_at": self._end}

    def _identities(self) -> Iterator[Row]:
        for number in range(1, self._contact_count + 1):
            yield {
                "id": number, "contact_id": number, "kind": "email", "value": _address(number), "name": _name(number),
                "created_at": self._end,
            }  # fmt: skip

    @cached_property
    def _contact_count(self) -> int:
        return max(conversation.contact_id for conversation in self._conversations)

    # ---- conversations
    def _conversation_rows(self) -> Iterator[Row]:
        for plan in self._conversations:
            yield {
                "id": plan.id,
                "number": plan.id,
                "subject": subject(plan.id),
                "preview": preview_of(_body(self._ids[plan.id][-1])),
                "status": plan.status,
                "priority": plan.priority,
                "channel": ACCOUNTS[plan.account_id - 1][0],
                "account_id": plan.account_id,
                "contact_id": plan.contact_id,
                "assignee_id": plan.assignee_id,
                "team_id": plan.team_id,
                "message_count": len(plan.times),
                "has_attachments": plan.has_attachment,
                "created_at": plan.times[0],
                "active_at": plan.times[-1],
                "waiting_since": plan.waiting_since,
                "snoozed_until": self._end.replace(year=self._end.year + 1) if plan.status == "snoozed" else None,
                "resolved_at": plan.times[-1] if plan.status == "resolved" else None,
            }

    def _conversation_tags(self) -> Iterator[Row]:
        for plan in self._conversations:
            yield from ({"conversation_id": plan.id, "tag_id": tag_id} for tag_id in plan.tag_ids)

    @cached_property
    def _ids(self) -> dict[int, list[int]]:
        """The ids of each conversation's messages, in order."""
        found: dict[int, list[int]] = {}
        for number, message in enumerate(self._messages, 1):
            found.setdefault(message.conversation_id, []).append(number)
        return found

    def _plan_of(self, message: MessagePlan) -> ConversationPlan:
        return self._conversations[message.conversation_id - 1]

    # ---- messages
    def _message_rows(self) -> Iterator[Row]:
        for number, message in enumerate(self._messages, 1):
            plan = self._plan_of(message)
            parent = self._parent(message)
            yield {
                "id": number,
                "conversation_id": plan.id,
                "account_id": plan.account_id,
                "direction": "inbound" if message.is_inbound else "outbound",
                **self._sender(message),
                "created_at": message.at,
                "sent_at": message.at,
                "external_id": _external_id(number),
                "content_key": f"{number:064x}",
                "in_reply_to": parent,
                "joined_by": "in_reply_to" if parent else "new",
                "raw_sha256": self._raw_sha256,
                "delivery_state": None if message.is_inbound else "sent",
                "recipients": self._recipients(message),
                "fields": {},
                "defects": [],
                "subject": self._subject(message),
                "text": _body(number),
                "html": _html(number) if number % 2 else None,
            }

    def _sender(self, message: MessagePlan) -> Row:
        plan = self._plan_of(message)
        if message.is_inbound:
            return {
                "contact_id": plan.contact_id, "agent_id": None, "sender_kind": "email",
                "sender_value": _address(plan.contact_id), "sender_name": _name(plan.contact_id),
            }  # fmt: skip
        agent_id = plan.assignee_id or 1
        return {
            "contact_id": None, "agent_id": agent_id, "sender_kind": "email",
            "sender_value": ACCOUNTS[plan.account_id - 1][2], "sender_name": AGENTS[agent_id - 1],
        }  # fmt: skip

    def _recipients(self, message: MessagePlan) -> dict[str, list[dict[str, str]]]:
        plan = self._plan_of(message)
        address = ACCOUNTS[plan.account_id - 1][2] if message.is_inbound else _address(plan.contact_id)
        return {"to": [{"kind": "email", "value": address, "name": ""}]}

    def _subject(self, message: MessagePlan) -> str:
        return ("Re: " if message.position else "") + subject(message.conversation_id)

    def _parent(self, message: MessagePlan) -> str | None:
        if message.position == 0:
            return None
        return _external_id(self._ids[message.conversation_id][message.position - 1])

    def _references(self) -> Iterator[Row]:
        for number, message in enumerate(self._messages, 1):
            if parent := self._parent(message):
                yield {"message_id": number, "reference": parent}

    def _deliveries(self) -> Iterator[Row]:
        for number, message in enumerate(self._messages, 1):
            if message.is_inbound:
                yield {
                    "message_id": number, "account_id": self._plan_of(message).account_id,
                    "dedupe_key": hashlib.sha256(_external_id(number).encode()).hexdigest(), "event_id": number,
                    "received_at": message.at,
                }  # fmt: skip

    def _events(self) -> Iterator[Row]:
        for number, message in enumerate(self._messages, 1):
            if message.is_inbound:
                yield {
                    "id": number, "account_id": self._plan_of(message).account_id, "source_key": f"INBOX:1:{number}",
                    "content_type": "message/rfc822", "payload_sha256": self._raw_sha256, "size": 5000, "meta": {},
                    "received_at": message.at, "state": "processed", "processed_at": message.at, "message_id": number,
                }  # fmt: skip

    def _attachments(self) -> Iterator[Row]:
        for plan in self._conversations:
            if plan.has_attachment:
                yield {
                    "message_id": self._ids[plan.id][0], "filename": "photo.png", "content_type": "image/png",
                    "size": len(_FILE), "sha256": self._file_sha256, "is_inline": False,
                }  # fmt: skip

    def _search_entries(self) -> Iterator[Row]:
        for number, message in enumerate(self._messages, 1):
            yield {"id": number, "conversation_id": message.conversation_id, "message_id": number}

    # ---- counters
    def _counters(self) -> Iterator[Row]:
        tally: Tally[str] = Tally({"conversation:number": len(self._conversations)})
        for plan in self._conversations:
            tally.update(counters_of(plan.status, plan.assignee_id, plan.account_id, plan.team_id))
            tally.update(f"tag:{tag_id}" for tag_id in plan.tag_ids)
        for message in self._messages:
            if message.is_inbound:
                tally.update(
                    (f"arrived:{message.at:%Y-%m-%d}", f"received:account:{self._plan_of(message).account_id}")
                )
        yield from ({"name": name, "value": value} for name, value in tally.items())


def _name(number: int) -> str:
    return f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {LAST_NAMES[number // 7 % len(LAST_NAMES)]}"


def _address(number: int) -> str:
    return f"{_name(number).replace(' ', '.').lower()}.{number}@{COMPANIES[number % len(COMPANIES)]}.example.org"


def _external_id(number: int) -> str:
    return f"seeded.{number}@mail.example.net"


def _body(number: int) -> str:
    return "\n\n".join(paragraphs(number, 1 + number % 3))


def _html(number: int) -> str:
    return "".join(f"<p>{line}</p>" for line in paragraphs(number, 1 + number % 3))
