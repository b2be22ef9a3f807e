"""Contacts and search: `contacts/index.html` gets `page: ContactsPage`, `contacts/show.html` `ContactPage`, `contacts/merge.html`
`ContactMergePage`, `search/results.html` `SearchPage`.
"""

from dataclasses import dataclass
from datetime import datetime

from .conversation import HTML, ActionButton, ContactCard, IdentityMark, Panel
from .inbox import Filter, InboxRow
from .shell import Avatar, Choice


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact in the list."""

    id: int
    name: str
    mark: Avatar
    identities: tuple[IdentityMark, ...]
    conversation_count: int
    open_count: int
    last_activity_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """Contacts in the order of their last activity; `query` filters by name or address."""

    rows: tuple[ContactRow, ...]
    query: str = ""
    older_url: str | None = None
    newer_url: str | None = None


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """Another contact that may be the same person; `because` says by what."""

    id: int
    name: str
    mark: Avatar
    because: str


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A contact that was merged into this one less than a day ago; `who` did it is empty when nobody is known."""

    from_id: int
    name: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NewAddress:
    """The field for another address as it was left. `kinds` are what it may be; `takes_from` is the contact it belongs to, once the
    reader was told."""

    kinds: tuple[Choice, ...]
    typed: str = ""
    problem: str = ""
    takes_from: int | None = None


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One contact; `form` holds name and note, None for those who may not change it. `alike` may be the same person."""

    card: ContactCard
    rows: tuple[InboxRow, ...]
    form: object | None = None
    panels: tuple[Panel, ...] = ()
    actions: tuple[ActionButton, ...] = ()
    older_url: str | None = None
    alike: tuple[AlikeRow, ...] = ()
    merged: tuple[MergedRow, ...] = ()
    new_address: NewAddress | None = None


@dataclass(frozen=True, slots=True)
class ContactMergePage:
    """Who else this contact is. Without a `query` the rows are those who look like the same person."""

    id: int
    name: str
    query: str
    rows: tuple[ContactRow, ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A conversation that was found. `snippet_html` is Markup with the hits in <mark>."""

    row: InboxRow
    snippet_html: HTML


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Newest first. `problem` is a sentence when the query cannot be understood."""

    query: str
    hits: tuple[SearchHit, ...]
    filters: tuple[Filter, ...] = ()
    problem: str | None = None
    older_url: str | None = None
    newer_url: str | None = None
