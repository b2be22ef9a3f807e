"""Accounts: what is connected and how it is doing.

`accounts/index.html` gets `page: AccountsPage`, `accounts/choose.html` `ChooseChannelPage`, `accounts/form.html` (new and edit)
`AccountFormPage`, `accounts/show.html` `AccountPage`.
"""

from dataclasses import dataclass
from datetime import datetime

from .arrivals import ArrivalsBox
from .conversation import Panel
from .plugins import SettingChangeRow
from .reconciliation import ReconciliationBox
from .shell import ChannelMark, Fact, Health


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One connected account. `received_last_day` counts messages of the last 24 hours. `sign_in_url` is there while it waits for that."""

    id: int
    name: str
    channel: ChannelMark
    health: Health
    last_received_at: datetime | None = None
    received_last_day: int = 0
    is_paused: bool = False
    sign_in_url: str = ""


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """All accounts, those in trouble first."""

    rows: tuple[AccountRow, ...]
    may_connect: bool = True


@dataclass(frozen=True, slots=True)
class ChannelCard:
    """A kind of account that can be connected. `unavailable_because` replaces the link when it cannot."""

    plugin: str
    title: str
    summary: str
    icon: str
    connect_url: str
    account_count: int = 0
    unavailable_because: str | None = None


@dataclass(frozen=True, slots=True)
class ChooseChannelPage:
    """The shelf of channels."""

    channels: tuple[ChannelCard, ...]


@dataclass(frozen=True, slots=True)
class TestStep:
    """One half of a connection test. `state` is ok, failed or skipped; `detail` is the server's own words, if any."""

    __test__ = False

    label: str
    state: str
    sentence: str
    what_to_do: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TestResult:
    """A finished connection test."""

    __test__ = False

    is_ok: bool
    steps: tuple[TestStep, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountFormPage:
    """Connect or change an account. `form` is a `SettingsForm`, whose groups of fields are shown in its order.

    `account_id` is None for a new one. A refused post comes back with the form's errors and the `test` that failed.
    """

    plugin: str
    channel_title: str
    icon: str
    form: object
    account_id: int | None = None
    test: TestResult | None = None


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """One line of an account's log."""

    at: datetime
    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account: health, last test, facts, log, and what can be done with it. `webhook_url` is where its provider posts to, if any;
    `shared_webhook_url` where it does for all accounts of the plugin."""

    id: int
    name: str
    channel: ChannelMark
    health: Health
    is_paused: bool
    facts: tuple[Fact, ...] = ()
    events: tuple[HealthEvent, ...] = ()
    test: TestResult | None = None
    panels: tuple[Panel, ...] = ()
    can_backfill: bool = False
    backfill_running: str | None = None
    conversation_count: int = 0
    may_change: bool = True
    sign_in_url: str = ""
    webhook_url: str = ""
    shared_webhook_url: str = ""
    history: tuple[SettingChangeRow, ...] = ()
    reconciliation: ReconciliationBox | None = None
    arrivals: ArrivalsBox | None = None
