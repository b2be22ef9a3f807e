"""What X says, as values in X's own words: posts, direct messages, people, media, limits. Nothing here talks to anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = [
    "DirectMessage",
    "Document",
    "Download",
    "Found",
    "Limit",
    "Limits",
    "Media",
    "Page",
    "Post",
    "QuotedPost",
    "SentDirectMessage",
    "User",
    "Variant",
    "Webhook",
]

Document = Mapping[str, Any]
"""One post or direct message as X gives it when asked for it alone: `{"data": …, "includes": {"users": […], …}}`, fit to be stored."""


@dataclass(frozen=True)
class User:
    """A person. `takes_direct_messages` is None where X did not say; `subscription` is Basic, Premium, PremiumPlus, None or empty."""

    id: str
    username: str = ""
    name: str = ""
    picture_url: str = ""
    takes_direct_messages: bool | None = None
    subscription: str = ""

    @property
    def may_post_long(self) -> bool:
        """Whether posts may be longer than 280: subscribers may write 25,000 characters."""
        return self.subscription in ("Basic", "Premium", "PremiumPlus")


@dataclass(frozen=True)
class Variant:
    """One encoding of a video."""

    url: str
    content_type: str = ""
    bit_rate: int = 0


@dataclass(frozen=True)
class Media:
    """A picture or a video: `kind` is photo, video or animated_gif. `url` is empty for videos, which have `variants`."""

    key: str
    kind: str
    url: str = ""
    alt_text: str = ""
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True)
class QuotedPost:
    """A post that another one quotes or answers, as far as X told of it: `text` and `author` are empty for one we may not see."""

    id: str
    author: User | None = None
    text: str = ""

    @property
    def url(self) -> str:
        return post_url(self.id, self.author.username if self.author else "")


@dataclass(frozen=True)
class Post:
    """A post with its whole text: links as they were written, character references resolved, long posts (`note_tweet`) in full.

    `first_id` is the id of its first version, `id` that of the newest one known: each edit gets a new one.
    """

    id: str
    first_id: str
    author: User
    text: str
    created_at: datetime
    conversation_id: str
    in_reply_to: QuotedPost | None = None
    in_reply_to_user: User | None = None
    quoted: QuotedPost | None = None
    mentioned_ids: frozenset[str] = frozenset()
    media: tuple[Media, ...] = ()
    is_repost: bool = False

    @property
    def url(self) -> str:
        return post_url(self.id, self.author.username)


@dataclass(frozen=True)
class DirectMessage:
    """A direct message. `conversation_id` of two people is "smaller id-larger id"; of a group, one number."""

    id: str
    conversation_id: str
    sender: User
    text: str
    created_at: datetime
    media: tuple[Media, ...] = ()
    recipient: User | None = None

    @property
    def is_group(self) -> bool:
        return "-" not in self.conversation_id


@dataclass(frozen=True)
class Page:
    """One page of an answer, newest first. `next_token` is None on the last one; `count` is what X charges for."""

    documents: tuple[Document, ...]
    next_token: str | None = None
    count: int = 0


@dataclass(frozen=True)
class Found:
    """Posts that were asked for by id. `gone` are those that no longer exist; `hidden` those that are not for us to see (any more)."""

    documents: tuple[Document, ...]
    gone: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class SentDirectMessage:
    """Under which ids X took a direct message."""

    id: str
    conversation_id: str


@dataclass(frozen=True)
class Webhook:
    """An address that X posts events to. `is_valid`: it answered the last challenge."""

    id: str
    url: str
    is_valid: bool


@dataclass(frozen=True)
class Download:
    """A fetched file and its content type in lower case, without parameters."""

    content: bytes = field(repr=False)
    content_type: str = ""


@dataclass(frozen=True)
class Limit:
    """How many calls of a kind are left until `resets_at`."""

    limit: int
    remaining: int
    resets_at: datetime


@dataclass(frozen=True)
class Limits:
    """What the headers of an answer told: of the endpoint's window (mostly 15 minutes), and of 24 hours for the app and for the person."""

    window: Limit | None = None
    app_day: Limit | None = None
    user_day: Limit | None = None

    @property
    def every(self) -> tuple[Limit, ...]:
        return tuple(one for one in (self.window, self.app_day, self.user_day) if one is not None)


def post_url(post_id: str, username: str = "") -> str:
    """Where people see a post; X finds it by its number alone when the name is missing."""
    return f"https://x.com/{username or 'i/web'}/status/{post_id}"
