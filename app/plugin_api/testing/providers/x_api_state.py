"""What the fake of X remembers: people, posts, direct messages, tokens, webhooks; and the form of its refusals."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.plugin_api.testing.provider import Answer

__all__ = ["Media", "Message", "Person", "Post", "Refused", "State", "Token", "Upload", "Webhook", "problem"]

EPOCH_MS = 1_288_834_974_657


def problem(name: str, status: int, title: str, detail: str, **more: object) -> Answer:
    """An answer in X's form of a problem; without a name its type is "about:blank".

    https://docs.x.com/x-api/fundamentals/response-codes-and-errors
    """
    address = f"https://api.twitter.com/2/problems/{name}" if name else "about:blank"
    return Answer(status, {"title": title, "detail": detail, "type": address, "status": status, **more})


class Refused(Exception):
    """A question that is not answered."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.body))
        self.answer = answer


@dataclass
class Person:
    """Somebody on X. `takes_messages`: from everybody. `subscription`: None, Basic, Premium or PremiumPlus."""

    id: str
    username: str
    name: str
    takes_messages: bool = True
    subscription: str = "None"

    @property
    def picture(self) -> str:
        return f"https://pbs.twimg.com/profile_images/{self.id}/face_normal.png"


@dataclass
class Media:
    """A picture or video that belongs to a post or message: `url` is where the fake serves it."""

    key: str
    kind: str
    url: str
    content: bytes = field(repr=False)
    content_type: str = "image/png"
    alt_text: str = ""


@dataclass
class Post:
    """A post; `links` maps t.co's addresses to what was written. `versions` are the ids of its edits, the oldest first."""

    id: str
    author: Person
    text: str
    at: datetime
    conversation_id: str
    in_reply_to: "Post | None" = None
    quotes: "Post | None" = None
    reposts: "Post | None" = None
    mentioned: tuple[Person, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    media: tuple[Media, ...] = ()
    versions: tuple[str, ...] = ()
    is_by_app: bool = False


@dataclass
class Message:
    """A direct message."""

    id: str
    sender: Person
    recipient: Person
    text: str
    at: datetime
    conversation_id: str
    links: Mapping[str, str] = field(default_factory=dict)
    media: Media | None = None
    is_by_app: bool = False


@dataclass
class Token:
    """An OAuth 2.0 access token and the refresh token that belongs to it, which works once."""

    access: str
    refresh: str
    person: Person
    scopes: tuple[str, ...]
    expires_at: datetime
    is_revoked: bool = False
    is_refreshed: bool = False


@dataclass
class Upload:
    """A file on its way: chunks by number until it is finished."""

    id: str
    category: str
    content_type: str
    size: int
    chunks: dict[int, bytes] = field(default_factory=dict)
    is_finished: bool = False
    checks_left: int = 0

    @property
    def content(self) -> bytes:
        return b"".join(self.chunks[index] for index in sorted(self.chunks))


@dataclass
class Webhook:
    """A registered address and the ids of the people whose events go there."""

    id: str
    url: str
    made_at: datetime
    is_valid: bool = True
    subscribed: list[str] = field(default_factory=list)


@dataclass
class State:
    """Everything, by id."""

    people: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    media: dict[str, Media] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    counter: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def new_id(self, at: datetime) -> str:
        """A snowflake: its upper bits are the time, and none comes twice."""
        return str(((int(at.timestamp() * 1000) - EPOCH_MS) << 22) + next(self.counter))
