"""What a provider says about messages that are there already: delivered, read, changed, removed, reacted to. `translate` gives these beside
messages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.plugin_api.messages import Participant

__all__ = [
    "ConversationUpdate",
    "DeliveryUpdate",
    "DeliveryWord",
    "MessageEdit",
    "MessageRemoval",
    "Reaction",
    "Update",
]


class DeliveryWord(StrEnum):
    """How far a message of ours came, in the order it goes: a later word is never taken back by an earlier one. Since API 3."""

    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryUpdate:
    """A message of ours was delivered, read, or refused after it had been taken. Named by its `external_id`; or by `thread_key`, then it
    is said of every message of ours in that exchange that was sent up to `at`. `reason`: what agents read about a failure. Since API 3."""

    word: DeliveryWord
    at: datetime
    external_id: str = ""
    thread_key: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MessageEdit:
    """The author changed a message; agents see the new text and that it was changed. Nothing happens when the text is the same.
    Since API 3."""

    external_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageRemoval:
    """The author took a message back at the provider. Its text and files go here too, as providers demand; that there was one, from
    whom and when, stays. `is_files_only`: its files alone go, such as a recording whose time to be kept is over. Since API 3."""

    external_id: str
    at: datetime
    is_files_only: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody put a sign to a message, or took it away: one sign of each person on each message. Since API 3."""

    external_id: str
    sender: Participant
    emoji: str
    at: datetime
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class ConversationUpdate:
    """What was done to an exchange at the provider. Named by `thread_key`, or by the `external_id` of one of its messages. `status` is
    "open", "pending", "resolved" or "spam"; empty leaves it. Tags are made when there is none of the name. `activity`: a line in the
    conversation ("Handed over to the page's bot."). Since API 3."""

    at: datetime
    thread_key: str | None = None
    external_id: str = ""
    status: str = ""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    activity: str = ""


Update = DeliveryUpdate | MessageEdit | MessageRemoval | Reaction | ConversationUpdate
"""Each names what it is about. When that is not there yet (updates overtake messages), the event waits and is tried again for a day."""
