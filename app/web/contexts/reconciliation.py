"""What the server of an account holds beside what is here: `accounts/reconciliation.html` gets `page: ReconciliationPage`, the page of an
account the box `reconciliation: ReconciliationBox`."""

from dataclasses import dataclass
from datetime import datetime

from .shell import ChannelMark, Health


@dataclass(frozen=True, slots=True)
class ReconciliationBox:
    """The outcome in short. `mark` says it in one sentence, and is waiting until there is one; `progress` while a comparison is wished for
    or under way; `problem` is why the last one failed. `missing`, `undelivered`, `gone` and `repaired` are numbers of messages."""

    mark: Health
    missing: int = 0
    undelivered: int = 0
    gone: int = 0
    repaired: int = 0
    compared_at: datetime | None = None
    progress: str = ""
    problem: str = ""
    failed_at: datetime | None = None
    may_compare: bool = False


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A folder, and its numbers in words: what it holds and what of it is here, and what is missing, if anything."""

    place: str
    numbers: str
    missing: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """A message that is on the server and not here."""

    place: str
    at: datetime | None
    sender: str
    subject: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ReconciliationPage:
    """All that a comparison found. `unnamed` messages are missing beyond those in `gaps`."""

    id: int
    name: str
    channel: ChannelMark
    box: ReconciliationBox
    places: tuple[PlaceRow, ...] = ()
    gaps: tuple[GapRow, ...] = ()
    unnamed: int = 0
