"""From one webhook of an Instagram account to what the inbox understands. Pure: what must be fetched was fetched before (complete.py)."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from plugins.instagram.completed import Extras, extras_of
from plugins.instagram.events import (
    Attachment,
    CommentChanged,
    Deleted,
    Echo,
    Edited,
    Event,
    Message,
    Postback,
    Reacted,
    Read,
    Unknown,
    events_in,
)
from plugins.instagram.names import COMMENT_ON, KIND, POST_LINK, PRESSED, comment_key, person_key
from tidings import (
    Account,
    DeliveryUpdate,
    DeliveryWord,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    Participant,
    RawEvent,
    Reaction,
    UnrecognisedPayload,
    UnsupportedEvent,
)

__all__ = ["DOWNLOADED", "STORY", "said_by"]

Said = InboundMessage | DeliveryUpdate | MessageEdit | MessageRemoval | Reaction
DOWNLOADED = frozenset({"image", "audio", "video", "file", "story_mention"})
"""Kinds of attachments whose address leads to a file; the others lead to posts and reels."""
STORY = "Story"

_EXCERPT, _SUBJECT = 200, 80
_EMOJI = {"love": "❤", "like": "👍", "smile": "😆", "angry": "😠", "sad": "😢", "wow": "😮"}


def said_by(account: Account, event: RawEvent) -> Sequence[Said]:
    """What one raw event says. Raises `UnrecognisedPayload`, and `UnsupportedEvent` for what is not for the inbox."""
    events = events_in(event)
    extras = extras_of(event)
    return [one for found in events for one in _said(account, found, extras)]


def _said(account: Account, event: Event, extras: Extras) -> Sequence[Said]:
    if isinstance(event, Unknown) and event.kind == "unreadable":
        raise UnrecognisedPayload("This is no event of Instagram.")
    if event.at is None:
        raise UnrecognisedPayload("The event has no time.")
    read = _READERS.get(type(event))
    if read is None:
        raise UnsupportedEvent(f"{getattr(event, 'kind', type(event).__name__)} is nothing for the inbox.")
    return read(account, event, event.at, extras)


def _message(account: Account, event: Message, at: datetime, extras: Extras) -> Sequence[Said]:
    pressed = {PRESSED: event.quick_reply_payload} if event.quick_reply_payload else {}
    return [
        InboundMessage(
            external_id=event.mid,
            sender=Participant(KIND, event.person_id, extras.name),
            text=_text(event.text, event.attachments),
            sent_at=at,
            content_key=_content_key(event.mid),
            thread_key=person_key(event.person_id),
            in_reply_to=event.reply_to_mid,
            attachments=extras.files,
            fields={**pressed, **_story(event)},
            defects=_defects(event.attachments, extras, is_unsupported=event.is_unsupported),
            sender_picture=extras.picture,
        )
    ]


def _story(event: Message) -> Mapping[str, str]:
    """Stories are gone after a day; that it was one stays."""
    if event.story_url:
        return {STORY: "answers your story"}
    is_mentioned = any(one.kind == "story_mention" for one in event.attachments)
    return {STORY: "mentions you in a story"} if is_mentioned else {}


def _echo(account: Account, event: Echo, at: datetime, extras: Extras) -> Sequence[Said]:
    return [
        InboundMessage(
            external_id=event.mid,
            sender=Participant(KIND, event.entry_id, account.name),
            to=(Participant(KIND, event.person_id, extras.name),),
            text=_text(event.text, event.attachments),
            sent_at=at,
            content_key=_content_key(event.mid),
            thread_key=person_key(event.person_id),
            in_reply_to=event.reply_to_mid,
            attachments=extras.files,
            defects=_defects(event.attachments, extras),
            is_echo=True,
        )
    ]


def _postback(account: Account, event: Postback, at: datetime, extras: Extras) -> Sequence[Said]:
    mid = event.mid or f"postback:{_content_key(event.person_id, at.isoformat(), event.payload)}"
    return [
        InboundMessage(
            external_id=mid,
            sender=Participant(KIND, event.person_id, extras.name),
            text=event.title or event.payload,
            sent_at=at,
            content_key=_content_key(mid),
            thread_key=person_key(event.person_id),
            fields={PRESSED: event.payload or event.title},
            sender_picture=extras.picture,
        )
    ]


def _comment(account: Account, event: CommentChanged, at: datetime, extras: Extras) -> Sequence[Said]:
    if event.is_by_page and event.parent_id is None:
        raise UnsupportedEvent("The account commented on its own post.")
    root, own = event.parent_id or event.comment_id, Participant(KIND, event.entry_id, account.name)
    answered = Participant(KIND, extras.person_id or f"comment-{root}", extras.name or "Somebody on Instagram")
    caption = " ".join(extras.post_text.split())
    return [
        InboundMessage(
            external_id=event.comment_id,
            sender=own if event.is_by_page else _author(event),
            to=(answered,) if event.is_by_page else (own,),
            subject=caption[:_SUBJECT],
            text=event.text,
            sent_at=at,
            content_key=_content_key(event.comment_id),
            thread_key=comment_key(root),
            in_reply_to=event.parent_id,
            fields={COMMENT_ON: caption[:_EXCERPT] or "a post", POST_LINK: extras.post_url or event.post_id},
            is_echo=event.is_by_page,
        )
    ]


def _author(event: CommentChanged) -> Participant:
    if event.author is None:
        return Participant(KIND, f"comment-{event.comment_id}", "Somebody on Instagram")
    return Participant(KIND, event.author.id, event.author.name)


def _edited(account: Account, event: Edited, at: datetime, extras: Extras) -> Sequence[Said]:
    return [MessageEdit(event.mid, event.text, at)]


def _deleted(account: Account, event: Deleted, at: datetime, extras: Extras) -> Sequence[Said]:
    return [MessageRemoval(event.mid, at)]


def _reacted(account: Account, event: Reacted, at: datetime, extras: Extras) -> Sequence[Said]:
    emoji = event.emoji or _EMOJI.get(event.reaction, "❤" if event.is_added else "")
    return [Reaction(event.mid, Participant(KIND, event.sender_id), emoji, at, is_removed=not event.is_added)]


def _read(account: Account, event: Read, at: datetime, extras: Extras) -> Sequence[Said]:
    """Instagram names the last message that was seen; all before it were, too."""
    return [DeliveryUpdate(DeliveryWord.READ, event.watermark_at or at, thread_key=person_key(event.person_id))]


def _content_key(*parts: str) -> str:
    """A digest of Meta's id: it stays when the author changes the text, so that a copy from the history is known again."""
    return hashlib.sha256("\n".join(("instagram", *parts)).encode()).hexdigest()


def _text(text: str, attachments: Sequence[Attachment]) -> str:
    return "\n".join(filter(None, [text, *(_card(one) for one in attachments if one.kind not in DOWNLOADED)]))


def _card(attachment: Attachment) -> str:
    """A post or reel that was shared, as text."""
    return " – ".join(filter(None, [attachment.title, attachment.url])) or f"({attachment.kind})"


def _defects(attachments: Sequence[Attachment], extras: Extras, *, is_unsupported: bool = False) -> tuple[str, ...]:
    missing = sum(1 for one in attachments if one.kind in DOWNLOADED) - len(extras.files)
    problems = list(extras.problems) or (["Its files could not be fetched."] if missing > 0 else [])
    if is_unsupported:
        problems.append("Instagram does not pass on this kind of message. Look at it in the app.")
    return tuple(problems)


_READERS: Mapping[type[Event], Callable[..., Sequence[Said]]] = {
    Message: _message,
    Echo: _echo,
    Postback: _postback,
    CommentChanged: _comment,
    Edited: _edited,
    Deleted: _deleted,
    Reacted: _reacted,
    Read: _read,
}
