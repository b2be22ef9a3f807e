"""Lists an administrator reads: audit log, undelivered tray.

`audit/list.html` gets `page: AuditPage`, `undelivered/list.html` `UndeliveredPage`, `undelivered/show.html` `UndeliveredEntry`.
"""

from dataclasses import dataclass
from datetime import datetime

from .inbox import Filter
from .shell import Avatar, ChannelMark


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what; `who` None is the system. `text` is translated, `address` the network address."""

    at: datetime
    text: str
    who: Avatar | None = None
    target: str = ""
    target_url: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Newest first."""

    rows: tuple[AuditRow, ...]
    filters: tuple[Filter, ...] = ()
    older_url: str | None = None
    newer_url: str | None = None


@dataclass(frozen=True, slots=True)
class UndeliveredRow:
    """Something that arrived and could not be processed; `reason` is one sentence."""

    id: int
    at: datetime
    channel: ChannelMark
    sender: str
    subject: str
    reason: str
    size_bytes: int
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class UndeliveredPage:
    """Newest first."""

    rows: tuple[UndeliveredRow, ...]
    older_url: str | None = None
    newer_url: str | None = None


@dataclass(frozen=True, slots=True)
class UndeliveredEntry:
    """One entry with its beginning as plain text; `what_to_do` says how to get it through."""

    row: UndeliveredRow
    raw_text: str
    is_cut: bool
    what_to_do: str = ""
    error_detail: str = ""
