"""The public API for plugins of Tidings. Everything a plugin imports is here; `tidings.testing` has what its tests need."""

from app.domain.events import AccountSaved, ConversationSummary, DeliveryFailed, MessageSummary, Viewer
from app.plugin_api.channel import MAIL, Account, Capability, Channel, Check, ConnectionReport
from app.plugin_api.errors import (
    BadSignature,
    ChannelError,
    NeedsReauth,
    PayloadError,
    Permanent,
    Temporary,
    UnrecognisedPayload,
    UnsupportedEvent,
)
from app.plugin_api.hookspecs import hookimpl
from app.plugin_api.host import AccountStats, Host, Received, Store
from app.plugin_api.mail import inbound_from_mail, mail_from_outbound
from app.plugin_api.manifest import API_VERSION
from app.plugin_api.messages import (
    Bounce,
    BouncedRecipient,
    FetchBatch,
    InboundAttachment,
    InboundMessage,
    MessageKind,
    OutboundAttachment,
    OutboundMessage,
    Participant,
    RawEvent,
    SendReceipt,
    WebhookReply,
    WebhookRequest,
)
from app.plugin_api.registrations import Job, Panel, Route, Service
from app.plugin_api.tables import TableConnection, Tables
from app.plugin_api.texts import translatable
from forms.settings import SecretField, SettingsForm

__all__ = [
    "API_VERSION",
    "MAIL",
    "Account",
    "AccountSaved",
    "AccountStats",
    "BadSignature",
    "Bounce",
    "BouncedRecipient",
    "Capability",
    "Channel",
    "ChannelError",
    "Check",
    "ConnectionReport",
    "ConversationSummary",
    "DeliveryFailed",
    "FetchBatch",
    "Host",
    "InboundAttachment",
    "InboundMessage",
    "Job",
    "MessageKind",
    "MessageSummary",
    "NeedsReauth",
    "OutboundAttachment",
    "OutboundMessage",
    "Panel",
    "Participant",
    "PayloadError",
    "Permanent",
    "RawEvent",
    "Received",
    "Route",
    "SecretField",
    "SendReceipt",
    "Service",
    "SettingsForm",
    "Store",
    "TableConnection",
    "Tables",
    "Temporary",
    "UnrecognisedPayload",
    "UnsupportedEvent",
    "Viewer",
    "WebhookReply",
    "WebhookRequest",
    "hookimpl",
    "inbound_from_mail",
    "mail_from_outbound",
    "translatable",
]
