"""What the fake of Meta's Graph API remembers and how it speaks: tokens, pages, people, messages, comments; errors and results pages."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.plugin_api.testing.provider import Answer

__all__ = [
    "Comment",
    "Media",
    "Message",
    "Number",
    "Page",
    "Person",
    "Post",
    "Refused",
    "State",
    "Token",
    "paged",
    "picked",
    "stamp",
]

ALL_SCOPES = (
    "pages_show_list", "pages_messaging", "pages_manage_metadata", "pages_read_engagement", "pages_read_user_content",
    "pages_manage_engagement", "instagram_basic", "instagram_manage_messages", "instagram_manage_comments", "business_management",
    "whatsapp_business_management", "whatsapp_business_messaging",
)  # fmt: skip


class Refused(Exception):
    """An answer in Meta's form of an error. https://developers.facebook.com/docs/graph-api/guides/error-handling"""

    def __init__(
        self,
        message: str,
        code: int,
        subcode: int | None = None,
        *,
        kind: str = "OAuthException",
        status: int = 400,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        error = {"message": message, "type": kind, "code": code, **more, "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW"}
        if subcode is not None:
            error["error_subcode"] = subcode
        super().__init__(message)
        self.answer = Answer(status, {"error": error}, dict(headers or {}))


@dataclass
class Token:
    """An access token. `dead_subcode` is why it no longer holds, None while it does."""

    text: str
    kind: str
    user_id: str = ""
    page_id: str = ""
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ALL_SCOPES
    dead_subcode: int | None = None


@dataclass
class Page:
    """A page with the token for it and what it is subscribed to."""

    id: str
    name: str
    token: str
    tasks: tuple[str, ...] = ("MANAGE", "CREATE_CONTENT", "MODERATE", "MESSAGING", "ADVERTISE", "ANALYZE")
    instagram_id: str = ""
    subscribed: tuple[str, ...] = ()


@dataclass
class Person:
    """Somebody as one page knows them. `has_profile` false: Meta does not let the page see name and picture."""

    id: str
    page_id: str
    name: str
    platform: str = "messenger"
    has_profile: bool = True
    is_reachable: bool = True
    thread_owner: str = ""


@dataclass
class Message:
    """A message between a page and a person. `body` is what the page sent, as it came."""

    id: str
    page_id: str
    person_id: str
    is_by_page: bool
    text: str
    at: datetime
    attachments: tuple[Mapping[str, Any], ...] = ()
    tag: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Post:
    """A post of a page."""

    id: str
    page_id: str
    text: str
    at: datetime


@dataclass
class Comment:
    """A comment. `author_id` is a person's or the page's; `parent_id` the comment it answers or empty."""

    id: str
    page_id: str
    post_id: str
    author_id: str
    author_name: str
    text: str
    at: datetime
    parent_id: str = ""
    is_hidden: bool = False
    private_reply: str = ""


@dataclass
class Number:
    """A business number of WhatsApp. `last_written_at` is when each wa_id wrote last."""

    id: str
    business_id: str
    display: str
    name: str
    last_written_at: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Media:
    """A file at WhatsApp or at Messenger's servers."""

    id: str
    content: bytes
    content_type: str
    name: str = ""


@dataclass
class State:
    """Everything, by id. `sent` holds what went out to people, in order."""

    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    businesses: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    whatsapp_read: list[str] = field(default_factory=list)
    actions: list[tuple[str, str]] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    subscribed_businesses: set[str] = field(default_factory=set)
    _numbers: Any = field(default_factory=lambda: itertools.count(100_000_000_000_001))

    def new_id(self) -> str:
        """An id as Meta's are: a long number, as text."""
        return str(next(self._numbers))

    def thread(self, person: Person) -> list[Message]:
        """The messages with one person, the newest first."""
        own = [one for one in self.messages.values() if one.person_id == person.id]
        return sorted(own, key=lambda one: one.at, reverse=True)


def stamp(at: datetime) -> str:
    """A time as the Graph API writes it: "2026-01-02T03:04:05+0000"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def paged(
    results: Sequence[Mapping[str, Any]], params: Mapping[str, Any], address: str, *, most: int = 100
) -> dict[str, Any]:
    """One page of results with cursors. https://developers.facebook.com/docs/graph-api/results"""
    start = int(params.get("after") or 0)
    end = start + min(int(params.get("limit") or 25), most)
    shown = results[start:end]
    if not shown:
        return {"data": []}
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(results):
        paging["next"] = f"{address}?after={end}&access_token=it-stands-here-too"
    return {"data": list(shown), "paging": paging}


def picked(values: Mapping[str, Callable[[], Any]], wanted: str, always: Iterable[str] = ("id",)) -> dict[str, Any]:
    """The fields that were asked for ("id,name,parent{id}"); what is in braces is not narrowed. Empty ones are left out."""
    names = {*always, *(part.partition("{")[0].partition(".")[0] for part in _split(wanted))}
    found = {name: give() for name, give in values.items() if name in names}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _split(wanted: str) -> Iterable[str]:
    depth, part = 0, ""
    for letter in wanted:
        depth += (letter in "{(") - (letter in "})")
        if letter == "," and not depth:
            yield part
            part = ""
        else:
            part += letter
    yield part
