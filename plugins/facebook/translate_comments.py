"""From what happened to a comment under a post to what the inbox understands. One comment and the answers below it are one exchange."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from connectors.meta_graph.events import CommentChanged
from plugins.facebook.completed import Extras
from plugins.facebook.names import COMMENT_ON, KIND, POST_LINK, comment_key
from tidings import (
    Account,
    ConversationUpdate,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    Participant,
    UnsupportedEvent,
)

__all__ = ["comment_changed"]

POST_EXCERPT, POST_SUBJECT = 200, 80


def comment_changed(
    account: Account, event: CommentChanged, at: datetime, extras: Extras
) -> Sequence[InboundMessage | MessageEdit | MessageRemoval | ConversationUpdate]:
    """What one change of a comment says. Raises `UnsupportedEvent` for a comment of the page that answers nobody."""
    match event.verb:
        case "edited":
            return [MessageEdit(event.comment_id, event.text, at)]
        case "remove":
            return [MessageRemoval(event.comment_id, at)]
        case "hide" | "unhide":
            done = "hidden" if event.verb == "hide" else "shown again"
            activity = f"A comment was {done} at Facebook."
            return [ConversationUpdate(at, external_id=event.comment_id, activity=activity)]
    if event.is_by_page and event.parent_id is None:
        raise UnsupportedEvent("The page commented on its own post.")
    return [_added(account, event, at, extras)]


def _added(account: Account, event: CommentChanged, at: datetime, extras: Extras) -> InboundMessage:
    root = event.parent_id or event.comment_id
    page = Participant(KIND, event.entry_id, account.name)
    return InboundMessage(
        external_id=event.comment_id,
        sender=page if event.is_by_page else _author(event, extras),
        to=(_answered(event, extras, root),) if event.is_by_page else (page,),
        subject=_excerpt(extras, POST_SUBJECT),
        text=event.text,
        sent_at=at,
        content_key=hashlib.sha256(f"facebook\n{event.comment_id}".encode()).hexdigest(),
        thread_key=comment_key(root),
        in_reply_to=event.parent_id,
        attachments=extras.files,
        fields=_context(event, extras),
        defects=extras.problems
        or (("Its picture could not be fetched.",) if event.photo_url and not extras.files else ()),
        is_echo=event.is_by_page,
        sender_picture=extras.picture,
    )


def _author(event: CommentChanged, extras: Extras) -> Participant:
    """Facebook does not tell who wrote where the person does not let the page know."""
    if event.author is None:
        return Participant(KIND, f"comment-{event.comment_id}", extras.name or "Somebody on Facebook")
    return Participant(KIND, event.author.id, event.author.name or extras.name)


def _answered(event: CommentChanged, extras: Extras, root: str) -> Participant:
    return Participant(KIND, extras.person_id or f"comment-{root}", extras.name or "Somebody on Facebook")


def _context(event: CommentChanged, extras: Extras) -> dict[str, str]:
    return {
        COMMENT_ON: _excerpt(extras, POST_EXCERPT) or "a post",
        POST_LINK: extras.post_url or event.permalink_url or event.post_id,
    }


def _excerpt(extras: Extras, length: int) -> str:
    """How the post begins, in one line."""
    return " ".join(extras.post_text.split())[:length]
