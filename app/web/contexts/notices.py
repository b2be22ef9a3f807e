"""What admins are told without asking: notices, safe mode, slow plugins.

Every page of the shell gets `alerts: Alerts`; `notices/list.html` gets `page: NoticesPage`.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice. `level` is info, warning or error, `text` translated; `label` is what stands on the link to `url`. `mail` says how its mail
    fares, empty before it is due."""

    id: int
    level: str
    text: str
    url: str
    at: datetime
    times: int = 1
    seen_at: datetime | None = None
    mail: str = ""
    has_mail_problem: bool = False
    closed_at: datetime | None = None
    closed_by: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """Open ones, the most urgent first, and those of the last `closed_days`. `cannot_mail`: no account can send what is open."""

    open: tuple[NoticeRow, ...]
    closed: tuple[NoticeRow, ...]
    closed_days: int
    cannot_mail: bool = False


@dataclass(frozen=True, slots=True)
class SlowPlugin:
    """A plugin that made the page wait, for how many `seconds` (written in the reader's language); `url` is its own page."""

    title: str
    seconds: str
    url: str


@dataclass(frozen=True, slots=True)
class SafeMode:
    """It is on. `may_leave`: the reader may end it; `is_fixed`: only a new start ends it."""

    may_leave: bool
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Alerts:
    """`may_see`: the reader hears of notices at all; then `count` are open and `top` is the most urgent one that deserves a banner.
    `here` is the address of the page, to come back to."""

    may_see: bool = False
    count: int = 0
    top: NoticeRow | None = None
    safe_mode: SafeMode | None = None
    here: str = ""
