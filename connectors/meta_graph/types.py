"""Values that go in and out of the Graph API client, in Meta's words: pages, tokens, people, messages, comments, media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypeVar

Platform = Literal["messenger", "instagram"]
AttachmentKind = Literal["image", "audio", "video", "file"]
SenderAction = Literal["typing_on", "typing_off", "mark_seen", "react", "unreact"]
MediaKind = Literal["image", "audio", "video", "document", "sticker"]

T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[T]):
    """One page of results. `after` is the cursor of the next page, None on the last."""

    items: tuple[T, ...]
    after: str | None = None


@dataclass(frozen=True)
class Usage:
    """How much of the limits is used, in percent of what is allowed, and how long Meta says to wait (seconds)."""

    percent: float
    retry_after_s: float | None = None


@dataclass(frozen=True)
class Token:
    """An access token. `expires_at` is None when Meta names no end, as for page tokens of a long-lived user token."""

    access_token: str = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True)
class TokenInfo:
    """What Meta knows of a token. `error` is why it is not valid; times are None where Meta says "never" (0)."""

    is_valid: bool
    app_id: str
    kind: str
    user_id: str = ""
    profile_id: str = ""
    scopes: tuple[str, ...] = ()
    granular_scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Page:
    """A page that the person manages. `tasks` are what they may do with it: MESSAGING, MODERATE, MANAGE …

    `instagram_id` is the professional account that is linked to it, if any. `access_token` is empty where Meta gives none.
    """

    id: str
    name: str
    access_token: str = field(repr=False)
    tasks: tuple[str, ...] = ()
    category: str = ""
    instagram_id: str | None = None
    instagram_username: str = ""
    instagram_picture_url: str = ""
    picture_url: str = ""


@dataclass(frozen=True)
class SubscribedApp:
    """An app that gets the webhooks of a page."""

    id: str
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Somebody in a conversation or behind a comment: an id that holds for this page only, and a name that may be empty."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Profile:
    """What a person lets a page know. Meta's address of the picture ends after some days."""

    id: str
    name: str
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    picture_url: str = ""


@dataclass(frozen=True)
class QuickReply:
    """A button under a message that disappears when it is pressed. `title` has at most 20 characters."""

    title: str
    payload: str
    image_url: str = ""


@dataclass(frozen=True)
class SentMessage:
    """What Meta says of a message that it took. `recipient_id` is empty where it does not tell."""

    message_id: str
    recipient_id: str = ""


@dataclass(frozen=True)
class StoredAttachment:
    """A file of a message in the history. `url` ends after some days; `size` is in bytes, None when it is not told."""

    id: str
    mime_type: str
    name: str
    url: str
    size: int | None = None


@dataclass(frozen=True)
class StoredMessage:
    """A message in the history of a conversation."""

    id: str
    created_at: datetime | None
    sender: Person
    recipients: tuple[Person, ...]
    text: str
    attachments: tuple[StoredAttachment, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """A conversation of a page. `participants` holds the page too."""

    id: str
    updated_at: datetime | None
    participants: tuple[Person, ...]
    message_count: int = 0
    unread_count: int = 0
    link: str = ""


@dataclass(frozen=True)
class Post:
    """A post of a page. `comments_count` holds answers to comments too."""

    id: str
    created_at: datetime | None
    text: str
    permalink_url: str
    comments_count: int = 0


@dataclass(frozen=True)
class Comment:
    """A comment under a post. `author` is None where the person does not let the page know; `parent_id` is the comment it answers."""

    id: str
    text: str
    created_at: datetime | None
    author: Person | None
    parent_id: str | None = None
    is_hidden: bool = False
    can_hide: bool = False
    can_reply_privately: bool = False
    attachment_url: str = ""
    permalink_url: str = ""


@dataclass(frozen=True)
class ThreadOwner:
    """The app that may answer a person now. None: nobody does (the thread is idle)."""

    app_id: str | None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Download:
    """A file that was fetched. `content_type` is what the server said, without parameters."""

    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True)
class WhatsAppNumber:
    """A business phone number. `quality` is GREEN, YELLOW, RED or UNKNOWN."""

    id: str
    display_number: str
    verified_name: str
    quality: str = ""


@dataclass(frozen=True)
class WhatsAppTemplate:
    """A message template. Only one whose `status` is APPROVED can be sent; `components` are as Meta writes them."""

    id: str
    name: str
    language: str
    status: str
    category: str
    components: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True)
class MediaInfo:
    """A file at WhatsApp. `url` needs the token and ends after five minutes; `size` is in bytes."""

    id: str
    url: str
    mime_type: str
    sha256: str
    size: int | None = None
