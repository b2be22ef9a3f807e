"""What a seeded database holds, before it is written: who wrote when to whom, and where each conversation stands. Pure."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = [
    "ACCOUNTS",
    "AGENTS",
    "TAGS",
    "TEAMS",
    "ConversationPlan",
    "MessagePlan",
    "planned_conversations",
    "planned_messages",
]

ACCOUNTS = (
    ("mailbox", "Support", "help@example.com"),
    ("mailbox", "Sales", "sales@example.com"),
    ("mailbox", "Press", "press@example.com"),
    ("webform", "Website", ""),
)
AGENTS = ("Ada", "Ben", "Clara", "Dario", "Emre", "Faye", "Greta", "Hugo")
TEAMS = ("Front desk", "Warehouse", "Accounts")
TAGS = (
    "billing",
    "delivery",
    "returns",
    "wholesale",
    "press",
    "feedback",
    "website",
    "warranty",
    "legal",
    "translation",
)

_SPAN = timedelta(days=730)
_CONTACTS_PER_CONVERSATION = 0.6
_LENGTHS = {1: 30, 2: 30, 3: 20, 4: 10, 5: 6, 8: 4}
_STATUSES = {"open": 18, "pending": 6, "snoozed": 2, "resolved": 70, "spam": 4}


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """One message; `position` counts from 0 within its conversation. Even ones come from the contact, odd ones from an agent."""

    conversation_id: int
    position: int
    at: datetime

    @property
    def is_inbound(self) -> bool:
        return self.position % 2 == 0


@dataclass(frozen=True, slots=True)
class ConversationPlan:
    """Ids count from 1 in the order of the tuples above. `times` are those of its messages, ascending."""

    id: int
    contact_id: int
    account_id: int
    status: str
    assignee_id: int | None
    team_id: int | None
    priority: int
    tag_ids: tuple[int, ...]
    has_attachment: bool
    times: tuple[datetime, ...]

    @property
    def waiting_since(self) -> datetime | None:
        waits = self.status in ("open", "pending", "snoozed") and len(self.times) % 2 == 1
        return self.times[-1] if waits else None


def planned_conversations(count: int, end: datetime) -> Iterator[ConversationPlan]:
    """`count` conversations over the two years before `end`, the oldest first; the same count gives the same plan."""
    rng = random.Random(count)
    contacts = max(1, int(count * _CONTACTS_PER_CONVERSATION))
    for number in range(1, count + 1):
        begin = end - _SPAN * (1 - number / (count + 1))
        length = rng.choices(list(_LENGTHS), list(_LENGTHS.values()))[0]
        yield ConversationPlan(
            id=number,
            contact_id=rng.randint(1, contacts),
            account_id=rng.choices((1, 2, 3, 4), (60, 20, 5, 15))[0],
            status=rng.choices(list(_STATUSES), list(_STATUSES.values()))[0],
            assignee_id=rng.randint(1, len(AGENTS)) if rng.random() < 0.7 else None,
            team_id=rng.randint(1, len(TEAMS)) if rng.random() < 0.5 else None,
            priority=rng.choices((0, 1, 2, 3), (5, 80, 10, 5))[0],
            tag_ids=tuple(rng.sample(range(1, len(TAGS) + 1), rng.choices((0, 1, 2, 3), (45, 35, 15, 5))[0])),
            has_attachment=rng.random() < 0.1,
            times=_times(rng, begin, length, end),
        )


def planned_messages(conversations: Sequence[ConversationPlan]) -> list[MessagePlan]:
    """Every message in the order of time, as ids would have been given."""
    found = [
        MessagePlan(conversation.id, position, at)
        for conversation in conversations
        for position, at in enumerate(conversation.times)
    ]
    found.sort(key=lambda message: (message.at, message.conversation_id))
    return found


def _times(rng: random.Random, begin: datetime, length: int, end: datetime) -> tuple[datetime, ...]:
    """Answers come after some hours, but none in the future."""
    times = [begin]
    for _ in range(length - 1):
        pause = timedelta(minutes=rng.expovariate(1 / 600))
        times.append(min(times[-1] + pause, times[-1] + (end - times[-1]) / 2))
    return tuple(times)
