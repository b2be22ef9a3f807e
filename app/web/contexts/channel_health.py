"""How every account does at its provider: `accounts/health.html` gets `page: ChannelHealthPage`."""

from dataclasses import dataclass
from datetime import datetime

from .shell import ChannelMark, Health


@dataclass(frozen=True, slots=True)
class QuotaBar:
    """What was used of what the provider lets us use. `tone` is ok, warn or danger; `numbers` and `until`, when it begins anew, are written
    in the reader's language."""

    label: str
    numbers: str
    used: int
    limit: int
    tone: str = "ok"
    until: str = ""


@dataclass(frozen=True, slots=True)
class TermLine:
    """What ends (`label`, "Sign-in") and when: `text` says how long that is, `tone` is ok, warn or danger. `url`: where it is renewed, if
    not where the owner signs in."""

    label: str
    text: str
    ends_at: datetime
    tone: str = "ok"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The newest message that could not be sent, and why."""

    text: str
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What the provider holds and what is here, in one sentence; `tone` is ok or warn."""

    text: str
    tone: str
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One account. `events_waiting`: requests that were stored and are not read yet; `messages_waiting`: answers that have not left;
    `undelivered`: what waits for a person. `rows` are label and value, from the channel; `is_silent` when it failed to say anything."""

    id: int
    name: str
    channel: ChannelMark
    health: Health
    sign_in_url: str = ""
    is_paused: bool = False
    last_received_at: datetime | None = None
    last_sent_at: datetime | None = None
    can_send: bool = True
    events_waiting: int = 0
    undelivered: int = 0
    messages_waiting: int = 0
    refusal: Refusal | None = None
    compared: Compared | None = None
    terms: tuple[TermLine, ...] = ()
    quotas: tuple[QuotaBar, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class ChannelHealthPage:
    """All accounts, those in trouble first; `troubled` of them need somebody, the others wait or do well."""

    rows: tuple[HealthRow, ...]
    troubled: int = 0
