"""Tables, relationships and constraints. Verbs live in `app.services`, pages' rows in `app.queries`."""

from app.models.activity import Activity, AuditEntry
from app.models.agent import Agent, AgentRole, Team, team_member
from app.models.change import Change, Counter
from app.models.channel_account import AccountAddress, ChannelAccount
from app.models.contact import Contact, ContactIdentity
from app.models.conversation import (
    PRIORITIES,
    Conversation,
    ConversationSeen,
    Draft,
    DraftFile,
    Status,
    Tag,
    conversation_tag,
)
from app.models.inbound_event import EventState, InboundEvent
from app.models.letterhead import Letterhead
from app.models.message import (
    Attachment,
    DeliveryState,
    Direction,
    Message,
    MessageDelivery,
    MessageReaction,
    MessageReference,
    Note,
)
from app.models.notice import Notice
from app.models.plugin_health import HookSample, MissedEvent, PluginBreaker, PluginConflict, PluginCost
from app.models.plugin_state import PluginJob, PluginState, PluginValue
from app.models.reconciliation import Reconciliation
from app.models.search import SearchEntry
from app.models.setting_change import SettingChange
from app.models.short_address import ShortAddress
from app.models.thread_rule import ThreadRule
from app.models.trust import AutomaticAnswer, KnownDomain

__all__ = [
    "PRIORITIES",
    "AccountAddress",
    "Activity",
    "Agent",
    "Attachment",
    "AuditEntry",
    "AutomaticAnswer",
    "Change",
    "ChannelAccount",
    "Contact",
    "ContactIdentity",
    "Conversation",
    "ConversationSeen",
    "Counter",
    "DeliveryState",
    "Direction",
    "Draft",
    "DraftFile",
    "EventState",
    "HookSample",
    "KnownDomain",
    "InboundEvent",
    "Letterhead",
    "Message",
    "MessageDelivery",
    "MessageReaction",
    "MessageReference",
    "MissedEvent",
    "Note",
    "Notice",
    "PluginBreaker",
    "PluginConflict",
    "PluginCost",
    "PluginJob",
    "PluginState",
    "PluginValue",
    "AgentRole",
    "Reconciliation",
    "SearchEntry",
    "SettingChange",
    "ShortAddress",
    "Status",
    "Tag",
    "Team",
    "ThreadRule",
    "conversation_tag",
    "team_member",
]
