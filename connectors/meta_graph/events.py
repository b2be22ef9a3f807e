"""What a webhook of Meta can tell, one frozen class per kind of event. Messenger and Instagram share theirs; WhatsApp's are its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from connectors.meta_graph.types import Person


@dataclass(frozen=True, kw_only=True)
class Event:
    """What all have. `object` is "page", "instagram" or "whatsapp_business_account"; `entry_id` the page, account or business.

    `at` is None where Meta gives no time; `raw` is the event as it came.
    """

    object: str
    entry_id: str
    at: datetime | None = None
    raw: Mapping[str, Any] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Unknown(Event):
    """Something we have no class for. `kind` is Meta's name for it, or "unreadable" where its shape is not what Meta documents."""

    kind: str


@dataclass(frozen=True)
class Attachment:
    """A file or a card in a message. `kind` is image, audio, video, file, reel, story_mention, share, template, location, fallback …"""

    kind: str
    url: str = ""
    title: str = ""
    sticker_id: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Referral:
    """How somebody came: `ref` is what stood in the m.me link or ad, `source` ADS, SHORTLINK, CUSTOMER_CHAT_PLUGIN …"""

    ref: str = ""
    source: str = ""
    kind: str = ""
    ad_id: str = ""
    url: str = ""
    title: str = ""
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class MessagingEvent(Event):
    """Between a person and a page. `is_standby`: another app holds the thread, and we only look on."""

    sender_id: str
    recipient_id: str
    is_standby: bool = False

    @property
    def person_id(self) -> str:
        """The one of the two that is not the page or account itself."""
        return self.recipient_id if self.sender_id == self.entry_id else self.sender_id


@dataclass(frozen=True, kw_only=True)
class Message(MessagingEvent):
    """A person wrote. `quick_reply_payload` is None unless they pressed a quick reply; `story_url` is the story they answer."""

    mid: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    quick_reply_payload: str | None = None
    reply_to_mid: str | None = None
    story_url: str = ""
    referral: Referral | None = None
    is_unsupported: bool = False


@dataclass(frozen=True, kw_only=True)
class Echo(MessagingEvent):
    """The page wrote: through us, another app, or Meta's own inbox. `app_id` is whose app it was, empty for none."""

    mid: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    app_id: str = ""
    metadata: str = ""
    reply_to_mid: str | None = None


@dataclass(frozen=True, kw_only=True)
class Edited(MessagingEvent):
    """A person changed what they wrote; `edits` counts how often."""

    mid: str
    text: str
    edits: int = 0


@dataclass(frozen=True, kw_only=True)
class Deleted(MessagingEvent):
    """A message was unsent; its text must go here too."""

    mid: str
    is_echo: bool = False


@dataclass(frozen=True, kw_only=True)
class Postback(MessagingEvent):
    """A person pressed a button of a menu, card or "Get started". `payload` is empty in standby."""

    title: str
    payload: str
    mid: str = ""
    referral: Referral | None = None


@dataclass(frozen=True, kw_only=True)
class Referred(MessagingEvent):
    """A person with an earlier conversation came again through a link or an ad."""

    referral: Referral


@dataclass(frozen=True, kw_only=True)
class Reacted(MessagingEvent):
    """A person put a reaction on a message, or took it away."""

    mid: str
    is_added: bool
    reaction: str = ""
    emoji: str = ""


@dataclass(frozen=True, kw_only=True)
class Read(MessagingEvent):
    """A person has read all up to `watermark_at` (Messenger) or the message `mid` (Instagram)."""

    watermark_at: datetime | None = None
    mid: str = ""


@dataclass(frozen=True, kw_only=True)
class Delivered(MessagingEvent):
    """Messages reached a person: all before `watermark_at`; `mids` may be empty."""

    watermark_at: datetime | None = None
    mids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HandedOver(MessagingEvent):
    """Control of a thread: passed to us, taken from us, or asked of us. Ids are those of apps; empty means idle or not told."""

    action: Literal["pass", "take", "request"]
    previous_owner: str = ""
    new_owner: str = ""
    requested_owner: str = ""
    metadata: str = ""


@dataclass(frozen=True, kw_only=True)
class CommentChanged(Event):
    """A comment under a post. `verb` is "add", "edited", "remove", "hide" or "unhide"; a removed one has no text.

    `parent_id` is the comment it answers, None directly under the post. Instagram tells additions only, and no `post_id` but the media's.
    """

    verb: str
    comment_id: str
    post_id: str
    parent_id: str | None
    author: Person | None
    text: str = ""
    photo_url: str = ""
    permalink_url: str = ""

    @property
    def is_by_page(self) -> bool:
        """Whether the page itself wrote it."""
        return self.author is not None and self.author.id == self.entry_id


@dataclass(frozen=True)
class MessageError:
    """Why WhatsApp could not show or deliver a message."""

    code: int
    title: str
    details: str = ""


@dataclass(frozen=True)
class WhatsAppFile:
    """A file in a message: image, video, audio, document or sticker. `url` is there for some apps only; the id is always."""

    kind: str
    media_id: str
    mime_type: str = ""
    filename: str = ""
    sha256: str = ""
    url: str = ""
    is_voice: bool = False


@dataclass(frozen=True)
class Location:
    """A place somebody sent."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class WhatsAppEvent(Event):
    """On a business number. `wa_id` is the person's number as WhatsApp writes it, `name` what they call themselves.

    `user_id` is the person's id for this business, which also stands for those who hide their number.
    """

    number_id: str
    display_number: str = ""
    wa_id: str = ""
    name: str = ""
    user_id: str = ""


@dataclass(frozen=True, kw_only=True)
class WhatsAppMessage(WhatsAppEvent):
    """A message: from a person or, with `is_echo`, written in the business's own WhatsApp app.

    `kind` is Meta's type. `text` is the body, a caption, or the title of what was pressed (`payload` is its id).
    """

    id: str
    kind: str
    text: str = ""
    files: tuple[WhatsAppFile, ...] = ()
    location: Location | None = None
    cards: tuple[Mapping[str, Any], ...] = ()
    payload: str | None = None
    reply_to_id: str | None = None
    is_forwarded: bool = False
    referral: Referral | None = None
    errors: tuple[MessageError, ...] = ()
    is_echo: bool = False


@dataclass(frozen=True, kw_only=True)
class WhatsAppEdited(WhatsAppEvent):
    """Somebody changed message `original_id`; `message` is how it reads now."""

    id: str
    original_id: str
    message: WhatsAppMessage
    is_echo: bool = False


@dataclass(frozen=True, kw_only=True)
class WhatsAppDeleted(WhatsAppEvent):
    """Somebody deleted message `original_id` for everyone."""

    id: str
    original_id: str
    is_echo: bool = False


@dataclass(frozen=True, kw_only=True)
class WhatsAppReacted(WhatsAppEvent):
    """A reaction on message `message_id`; an empty `emoji` takes it away."""

    id: str
    message_id: str
    emoji: str
    is_echo: bool = False


@dataclass(frozen=True, kw_only=True)
class WhatsAppStatus(WhatsAppEvent):
    """How far our message `id` came: "sent", "delivered", "read", "played" or "failed" (then `errors` say why)."""

    id: str
    status: str
    errors: tuple[MessageError, ...] = ()
    category: str = ""
    is_billable: bool | None = None


@dataclass(frozen=True, kw_only=True)
class WhatsAppNumberChanged(WhatsAppEvent):
    """A person goes on under another number: `wa_id` became `new_wa_id`."""

    id: str
    new_wa_id: str
    text: str = ""
