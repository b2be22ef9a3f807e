"""From a stored event of X to messages and updates of the host. Pure.

A post of somebody else is a message, one of the account's own an echo if it answers somebody. An edited post has the id of its first
version and comes with the change; a deleted one becomes a removal.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.x_api import (
    DirectMessage,
    Post,
    QuotedPost,
    Unreadable,
    User,
    pair_id,
    read_direct_message,
    read_legacy_message,
    read_legacy_post,
    read_post,
)
from plugins.twitter.events import content_of
from plugins.twitter.fetched import Fetched, fetched_of
from plugins.twitter.names import (
    DM_STATE,
    IN_REPLY_TO,
    KIND,
    POST,
    QUOTED,
    direct_id,
    direct_thread,
    own_id,
    own_post_id,
    post_id,
    post_thread,
)
from tidings import (
    Account,
    DeliveryUpdate,
    DeliveryWord,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    Participant,
    RawEvent,
    UnrecognisedPayload,
    UnsupportedEvent,
)

__all__ = ["Said", "post_of", "said_by", "shown_name"]

Said = InboundMessage | MessageEdit | MessageRemoval | DeliveryUpdate

_LEADING_NAMES = re.compile(r"\A(?:@\w{1,15}\s+)+")
_LONGEST_FIELD = 500


def said_by(account: Account, event: RawEvent) -> Sequence[Said]:
    """What an event says. Raises `UnrecognisedPayload` for bytes that are nothing of X's, `UnsupportedEvent` for what is not for us."""
    content = content_of(event)
    if event.meta.get("is_gone"):
        return []
    try:
        for key, read in _READERS.items():
            if key in content:
                return read(account, event, content)
    except (Unreadable, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError) as error:
        raise UnrecognisedPayload(f"This cannot be read as X writes it ({type(error).__name__}).") from error
    raise UnrecognisedPayload("This is nothing that X sends.")


def post_of(content: Mapping[str, Any]) -> Post | None:
    """The post in an event's content, None when it holds something else. Raises `Unreadable`."""
    if "tweet_create_events" in content:
        return read_legacy_post(content["tweet_create_events"][0])
    data = content.get("data")
    return read_post(content) if isinstance(data, dict) and "dm_conversation_id" not in data else None


def shown_name(person: User) -> str:
    """How a person is shown: "Ada (@ada)"."""
    name = "@" + person.username if person.username else ""
    return f"{person.name} ({name})" if person.name and name else person.name or name


def _asked_for(account: Account, event: RawEvent, content: Mapping[str, Any]) -> Sequence[Said]:
    if "dm_conversation_id" in content["data"]:
        return [_message(account, read_direct_message(content), fetched_of(event))]
    return _post(account, read_post(content), fetched_of(event), has_conversation="conversation_id" in content["data"])


def _told_post(account: Account, event: RawEvent, content: Mapping[str, Any]) -> Sequence[Said]:
    post = read_legacy_post(content["tweet_create_events"][0])
    return _post(account, post, fetched_of(event), has_conversation=post.in_reply_to is None)


def _told_message(account: Account, event: RawEvent, content: Mapping[str, Any]) -> Sequence[Said]:
    users = content.get("users")
    message = read_legacy_message(content["direct_message_events"][0], users if isinstance(users, dict) else {})
    return [_message(account, message, fetched_of(event))]


def _told_removal(account: Account, event: RawEvent, content: Mapping[str, Any]) -> Sequence[Said]:
    """X tells of the account's own posts only."""
    told = content["tweet_delete_events"][0]
    number, by = str(told["status"]["id"]), str(told["status"]["user_id"])
    at = datetime.fromtimestamp(int(told["timestamp_ms"]) / 1000, UTC)
    return [MessageRemoval(own_post_id(number) if by == own_id(account) else post_id(number), at)]


def _found_removal(account: Account, event: RawEvent, content: Mapping[str, Any]) -> Sequence[Said]:
    return [MessageRemoval(post_id(str(content["gone"]["id"])), datetime.fromisoformat(content["gone"]["at"]))]


def _told_reading(account: Account, event: RawEvent, content: Mapping[str, Any]) -> Sequence[Said]:
    told = content["direct_message_mark_read_events"][0]
    reader, at = str(told["sender_id"]), datetime.fromtimestamp(int(told["created_timestamp"]) / 1000, UTC)
    if reader == own_id(account):
        raise UnsupportedEvent("That we read something is nothing new.")
    return [DeliveryUpdate(DeliveryWord.READ, at, thread_key=direct_thread(pair_id(reader, own_id(account))))]


_READERS = {
    "data": _asked_for,
    "tweet_create_events": _told_post,
    "direct_message_events": _told_message,
    "tweet_delete_events": _told_removal,
    "gone": _found_removal,
    "direct_message_mark_read_events": _told_reading,
}


def _post(account: Account, post: Post, fetched: Fetched, *, has_conversation: bool) -> Sequence[Said]:
    own = own_id(account)
    is_echo, answered = post.author.id == own, post.in_reply_to_user
    if post.is_repost or (is_echo and (answered is None or answered.id == own)):
        raise UnsupportedEvent("Posts to everybody are no conversation.")
    contact = answered if is_echo and answered is not None else post.author
    quote = _quote(post)
    text = post.text + quote
    message = InboundMessage(
        external_id=own_post_id(post.first_id) if is_echo else post_id(post.first_id),
        sender=_participant(post.author),
        to=(_participant(contact if is_echo else User(own, str(account.settings.get("username") or ""))),),
        text=text,
        reply_text=(_LEADING_NAMES.sub("", post.text) if post.in_reply_to else post.text) + quote,
        sent_at=post.created_at,
        content_key=_digest("post", post.first_id, post.author.id),
        thread_key=post_thread(post.conversation_id, contact.id) if has_conversation else None,
        in_reply_to=_answered_id(post, own),
        attachments=fetched.files,
        accepts_auto_reply=False,
        fields=_fields(post, own),
        defects=fetched.problems,
        is_echo=is_echo,
        sender_picture=None if is_echo else fetched.picture,
    )
    edits = [MessageEdit(message.external_id, text, post.created_at)] if post.id != post.first_id else []
    return [message, *edits]


def _message(account: Account, message: DirectMessage, fetched: Fetched) -> InboundMessage:
    own = own_id(account)
    is_echo = message.sender.id == own
    recipient = message.recipient or (User(own) if not is_echo else None)
    if is_echo and recipient is None:
        raise UnsupportedEvent("What we write into a group is not shown: X does not say who is in it.")
    return InboundMessage(
        external_id=direct_id(message.id),
        sender=_participant(message.sender),
        to=(_participant(recipient),) if recipient else (),
        text=message.text,
        sent_at=message.created_at,
        content_key=_digest("dm", message.id, message.sender.id),
        thread_key=direct_thread(message.conversation_id),
        attachments=fetched.files,
        defects=fetched.problems,
        is_echo=is_echo,
        sender_picture=None if is_echo else fetched.picture,
    )


def _quote(post: Post) -> str:
    """What the post quotes, to stand below it: people read it as part of what was said."""
    if post.quoted is None:
        return ""
    author = shown_name(post.quoted.author) if post.quoted.author else ""
    lines = [*([f"{author}:"] if author else []), *post.quoted.text.splitlines(), post.quoted.url]
    return "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines)


def _fields(post: Post, own: str) -> dict[str, str]:
    fields = {POST: post.url}
    parent = post.in_reply_to
    if parent is not None and (parent.author is None or parent.author.id != own):
        fields[IN_REPLY_TO] = _context(parent)
    if post.quoted is not None:
        fields[QUOTED] = _context(post.quoted)
    if post.author.takes_direct_messages is not None and post.author.id != own:
        fields[DM_STATE] = "open" if post.author.takes_direct_messages else "closed"
    return fields


def _context(post: QuotedPost) -> str:
    """Who wrote what, and where it stands."""
    author = shown_name(post.author) if post.author else ""
    words = " ".join(post.text.split())
    told = ": ".join(part for part in (author, words) if part)
    return f"{told[:_LONGEST_FIELD]} {post.url}".strip()


def _answered_id(post: Post, own: str) -> str | None:
    if post.in_reply_to is None:
        return None
    author = post.in_reply_to.author or post.in_reply_to_user
    is_own = author is not None and author.id == own
    return own_post_id(post.in_reply_to.id) if is_own else post_id(post.in_reply_to.id)


def _participant(person: User) -> Participant:
    return Participant(KIND, person.id, shown_name(person))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
