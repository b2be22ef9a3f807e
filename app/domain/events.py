"""The frozen dataclasses that announcing hooks carry: what happened, in values that outlive the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

__all__ = [
    "AccountSaved",
    "AgentSummary",
    "ContactSummary",
    "ConversationChanged",
    "ConversationSummary",
    "DeliveryFailed",
    "MessageSummary",
    "Viewer",
]


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation as plugins see it. `channel` is the name of the plugin whose channel it runs over, as in its manifest;
    `contact_address` is where the contact can be reached there."""

    id: int
    number: int
    subject: str
    status: str
    channel: str
    account_id: int
    contact_id: int
    contact_name: str
    contact_address: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """A stored message as plugins see it. `kind` is a `MessageKind` value; `is_first` when it opened the conversation.

    `fields`: what the channel told beside the text, by label.
    `account_id`: the account this message came or leaves through, which may be another one than its conversation's.
    """

    id: int
    conversation: ConversationSummary
    direction: str
    kind: str
    external_id: str
    text: str
    is_first: bool
    is_automatic: bool
    accepts_auto_reply: bool
    raw_sha256: str | None
    created_at: datetime
    account_id: int
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A message that will not be tried again by itself, and why."""

    message: MessageSummary
    reason: str


@dataclass(frozen=True, slots=True)
class AccountSaved:
    """An account of the plugin was created or changed."""

    account_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    """The agent who looks at a page: who they are and the name of their role."""

    agent_id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class AgentSummary:
    """One of the people who answer. Since API 3."""

    id: int
    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class ContactSummary:
    """A contact and their addresses as (kind, value). Since API 3."""

    id: int
    name: str
    addresses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """What changed in a conversation: its status, its tags, who has it. `thread_key` is the provider's id of the exchange, where the
    channel gave one. `is_from_provider`: the account's own channel said so (`ConversationUpdate`), so that it need not be told. Since
    API 3."""

    conversation: ConversationSummary
    status_before: str
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    assignee_id: int | None = None
    thread_key: str | None = None
    is_from_provider: bool = False
