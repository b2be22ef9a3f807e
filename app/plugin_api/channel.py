"""What a channel is: a stateless driver between one provider and the host. One driver serves many configured accounts."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from app.plugin_api.errors import BadSignature, Permanent
from app.plugin_api.exchanges import Exchange, ReplyRules
from app.plugin_api.inventory import Listed, ListedMail
from app.plugin_api.messages import (
    FetchBatch,
    InboundMessage,
    OutboundMessage,
    RawEvent,
    SendReceipt,
    SharedWebhookReply,
    WebhookReply,
    WebhookRequest,
)
from app.plugin_api.updates import Update
from forms.settings import SettingsForm

__all__ = [
    "Account",
    "AccountHealth",
    "Capability",
    "Channel",
    "Check",
    "ConnectionReport",
    "Found",
    "MAIL",
    "Quota",
    "Term",
]

MAIL = "email"
"""The `Participant.kind` of e-mail addresses."""


class Capability(StrEnum):
    """What a channel can do; the core branches on these and never on a channel's name. SUBJECT, HTML, ATTACHMENTS and COPY speak of what
    agents may send: what comes in may have all of it, whatever the channel can."""

    FETCH = "fetch"
    WATCH = "watch"
    BACKFILL = "backfill"
    INVENTORY = "inventory"
    """Can say what the provider holds, so that the host sees what has not come. Since API 3."""
    WEBHOOK = "webhook"
    SEND = "send"
    BEGIN = "begin"
    """The first message of a conversation may be ours. Without it, only who wrote before gets an answer. Since API 2."""
    SUBJECT = "subject"
    HTML = "html"
    ATTACHMENTS = "attachments"
    COPY = "copy"
    """Carbon copies: messages to send may have `cc` and `bcc`, and more than one `to`."""
    SHARED_WEBHOOK = "shared_webhook"
    """The provider knows one address for all accounts of the plugin. Since API 3."""
    COMPLETE = "complete"
    """What arrives must be completed by further requests before it can be translated. Since API 3."""
    ALIASES = "aliases"
    """Can send from each of its `account_addresses` (`OutboundMessage.sender`). Since API 3."""
    PUBLIC_FORM = "public_form"
    """Messages come from visitors of a web page."""


@dataclass(frozen=True)
class Account:
    """One configured mailbox, page or number, as its channel sees it. `settings` holds the values of the channel's `settings_form`
    without its secrets; `secret(key)` reveals one. `cursor` is what the last `FetchBatch` said."""

    id: int
    plugin: str
    name: str
    address: str
    settings: Mapping[str, object]
    cursor: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def secret(self, key: str) -> str:
        """The secret's value, or an empty string when it was never given."""
        return self.secrets.get(key, "")


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a connection test: what was tried ("Incoming mail"), whether it worked, and a sentence that says what to do."""

    name: str
    is_ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """All steps of a connection test, in the order they were tried. `needs_sign_in`: what was typed is right so far, and the owner has to
    sign in at the provider next (`Channel.sign_in_path`); the account is saved and waits for that (since API 3)."""

    checks: tuple[Check, ...]
    needs_sign_in: bool = False

    @property
    def is_ok(self) -> bool:
        return all(check.is_ok for check in self.checks)

    @property
    def problem(self) -> str:
        """The first thing that failed as one sentence, or an empty string."""
        return next((f"{c.name}: {c.detail}" for c in self.checks if not c.is_ok), "")


@dataclass(frozen=True, slots=True)
class Found:
    """What `Channel.find_settings` learnt. `values`: settings that nobody typed. `told`: what the report of the connection test begins
    with; when one of these is not all right, the owner reads the page again before anything is tried. `asks_for`: the field beside
    which that stands too. `steps`: all that was asked, and its answer, for whoever helps. Since API 3."""

    values: Mapping[str, object] = field(default_factory=dict)
    told: tuple[Check, ...] = ()
    asks_for: str = ""
    steps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """What the provider lets us use in a span of time. `unit` in the plural ("calls", "units"). Since API 3."""

    used: int
    limit: int
    unit: str = "calls"
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """Something an account cannot do without and that ends: a sign-in, the secret of an application. `label`: what, marked `translatable`
    ("Client secret"). `path`: where it is renewed, one of the plugin's own routes; empty for where the owner signs in. Accounts that
    give the same one with a path share it. Since API 3."""

    label: str
    ends_at: datetime
    path: str = ""


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """How an account does at its provider, as far as the channel knows without asking. `token_expires_at`: when the owner must have
    signed in again, None when never; the same as a `Term("Sign-in", …)`. `rows`: label and value. `terms`: whatever else ends, of which
    admins are told 30, 7 and 1 days before. Since API 3."""

    token_expires_at: datetime | None = None
    quotas: tuple[Quota, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    terms: tuple[Term, ...] = ()


class Channel(ABC):
    """Subclass this, name its capabilities, and implement what they ask for. Methods do I/O; `translate` is pure.

    Raise `NeedsReauth`, `Temporary` or `Permanent` for what goes wrong at the provider; anything else counts as a fault of the plugin.
    """

    title: ClassVar[str]
    icon: ClassVar[str] = "message-square"
    """The name of an icon of lucide.dev that the pages have."""
    capabilities: ClassVar[frozenset[Capability]]
    settings_form: ClassVar[type[SettingsForm]] = SettingsForm
    """The settings of one account."""
    address_kind: ClassVar[str]
    """The `Participant.kind` this channel can send to: any word, the same as in the `Participant`s that `translate` gives. MAIL and
    "phone" are shared by several channels, so that agents may write from one to addresses another one brought."""
    poll_interval_s: ClassVar[int] = 60
    """Seconds between two calls of `fetch` for an account while all is well."""
    connect_path: ClassVar[str] = ""
    """Where connecting begins: the path of one of the plugin's own routes ("/connect"), for providers where the owner signs in first and
    then chooses what to connect (`host.add_account`). Default: the settings form. Since API 3."""

    @abstractmethod
    def test_connection(self, account: Account) -> ConnectionReport:
        """Try each thing the account needs. Called before an account is saved and by `tidings doctor`; changes nothing there."""

    @abstractmethod
    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage | Update]:
        """Turn one raw event into messages, and into what is said of messages that are there already (since API 3). Pure: the same event
        gives the same result. An empty one means nothing for the inbox.

        Raises `UnrecognisedPayload` when the bytes cannot be read, `UnsupportedEvent` when the kind is known but not for us.
        """

    def account_address(self, settings: Mapping[str, object]) -> str:
        """The account's own address ("help@example.com"), shown to agents and never taken for a customer. Default: none."""
        return ""

    def account_addresses(self, settings: Mapping[str, object]) -> Sequence[str]:
        """All that the account is written to, its `account_address` among them: none of these is a customer. "*@example.com" stands for all
        of a domain. Default: that one alone. Since API 3."""
        address = self.account_address(settings)
        return (address,) if address else ()

    def answers_all(self, settings: Mapping[str, object]) -> bool:
        """Whether an answer goes to everybody who got the contact's message (To and Cc), as long as the agent says nothing else. For
        channels with `Capability.COPY`. Default: to the contact alone. Since API 3."""
        return False

    def find_settings(self, settings: Mapping[str, object]) -> Found:
        """Look for what the owner left empty, such as the servers of a mail address. Asked once what was typed is right so far, before the
        connection is tested; takes at most ten seconds or so. Raises nothing for what is not found. Default: nothing. Since API 3."""
        return Found()

    def sign_in_path(self, account: Account) -> str:
        """Where the owner signs in to the provider again: the path of one of the plugin's own routes ("/connect/7"). Default: none, the
        credentials are entered anew in the account's settings. Since API 2."""
        return ""

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        """Yield what arrived after `account.cursor`, oldest first. Needs `Capability.FETCH`. Each batch is stored before the next."""
        raise NotImplementedError(f"{type(self).__name__} declares FETCH but has no fetch()")

    def watch(self, account: Account, stop: threading.Event) -> bool:
        """Block until something new may be there (True) or `stop` is set (False). Needs `Capability.WATCH`."""
        raise NotImplementedError(f"{type(self).__name__} declares WATCH but has no watch()")

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        """Yield everything from `since` on; stored events are recognised by their source key. Needs `Capability.BACKFILL`."""
        raise NotImplementedError(f"{type(self).__name__} declares BACKFILL but has no backfill()")

    def inventory(self, account: Account) -> Iterator[Sequence[Listed]]:
        """Yield what the provider holds and that counts for this account, at most a thousand at a time: what `fetch` has given, and what it
        should have. What is older than the account's beginning is left out. Asked once a day, so it should cost little for each message.
        Needs `Capability.INVENTORY`. Since API 3."""
        raise NotImplementedError(f"{type(self).__name__} declares INVENTORY but has no inventory()")

    def describe(self, account: Account, source_keys: Sequence[str]) -> Iterator[ListedMail]:
        """Say what messages of the inventory are, without fetching their content. What is gone meanwhile is left out. Needs
        `Capability.INVENTORY`. Since API 3."""
        raise NotImplementedError(f"{type(self).__name__} declares INVENTORY but has no describe()")

    def fetch_listed(self, account: Account, source_keys: Sequence[str]) -> Iterator[FetchBatch]:
        """Fetch just these messages of the inventory, as `fetch` would have; the cursor stays. What is gone meanwhile is left out. Needs
        `Capability.INVENTORY`. Since API 3."""
        raise NotImplementedError(f"{type(self).__name__} declares INVENTORY but has no fetch_listed()")

    def verify_webhook(self, account: Account, request: WebhookRequest) -> None:
        """Raise `BadSignature` unless the provider signed this request. Called before anything is parsed or stored."""
        raise BadSignature(f"{self.title} takes no webhooks")

    def sign_webhook(self, account: Account, request: WebhookRequest) -> Mapping[str, str]:
        """The headers (lower case) with which the provider would sign this request at `request.now`. For tests and `tidings plugin
        replay`; the host never asks for them. Default: none. Since API 2."""
        return {}

    def receive_webhook(self, account: Account, request: WebhookRequest) -> WebhookReply:
        """Say what to store and what to answer, for a request that `verify_webhook` let pass. Default: the whole body is one event.

        Fetch here what only your credential can (`host.http`): `translate` may not. A `ChannelError` is answered by 503 and nothing is
        stored, so that the provider tries again; `UnsupportedEvent` stores nothing and is answered by 200; after `UnrecognisedPayload`
        the whole body waits in the Undelivered tray. Bodies are at most 10 MB.
        """
        kind = request.headers.get("content-type", "application/octet-stream")
        return WebhookReply(events=(RawEvent(payload=request.body, content_type=kind),))

    def verify_shared_webhook(self, request: WebhookRequest) -> None:
        """As `verify_webhook`, for the address that all accounts share; its secret is one of the plugin's settings. Since API 3."""
        raise BadSignature(f"{self.title} takes no webhooks")

    def sign_shared_webhook(self, request: WebhookRequest) -> Mapping[str, str]:
        """As `sign_webhook`, for the address that all accounts share. Since API 3."""
        return {}

    def receive_shared_webhook(self, request: WebhookRequest) -> SharedWebhookReply:
        """Say which events to store for which accounts (`host.accounts(with_paused=True)`: what is for a paused one would be lost), and
        what to answer. No I/O: the provider waits. The same errors as in `receive_webhook`; what cannot be read shows as one of the first
        account's. Needs `Capability.SHARED_WEBHOOK`. Since API 3."""
        raise NotImplementedError(f"{type(self).__name__} declares SHARED_WEBHOOK but has no receive_shared_webhook()")

    def complete(self, account: Account, event: RawEvent) -> RawEvent:
        """Fetch what an event only names (files, profiles) and return it with them in `files` or `meta`. Called by the worker once for
        each stored event, before `translate`; what it returns is stored in its place. What is gone at the provider is left out rather
        than refused. A `ChannelError` leaves the event waiting for a later attempt. Needs `Capability.COMPLETE`. Since API 3."""
        return event

    def largest_message(self, account: Account) -> int | None:
        """How many bytes a message may have on its way, files encoded as in a mail; from what is remembered, no I/O. Longer ones are
        refused before they are queued. Default: None, it is not known. Since API 3."""
        return None

    def reply_rules(self, account: Account, exchange: Exchange) -> ReplyRules:
        """What may be answered now. No I/O. Called for the composer and again when an answer is queued. Default: anything. Since API 3."""
        return ReplyRules()

    def health(self, account: Account) -> AccountHealth:
        """How the account does, from what is remembered; no I/O. Shown on the page *Channel health*. Default: nothing. Since API 3."""
        return AccountHealth()

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        """Hand a message to the provider. Needs `Capability.SEND`. Called again with the same `external_id` after a `Temporary`."""
        raise Permanent(f"{self.title} cannot send messages")

    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None:
        """Whether the provider already has this `external_id`; asked when an attempt ended without an answer, so that nothing is sent
        twice. Default: None, it cannot be told."""
        return None


ChannelFactory = Callable[[], Channel]
