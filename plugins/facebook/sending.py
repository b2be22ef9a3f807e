"""Hands an answer to Meta: text and files to a person in Messenger, text under a comment, or one private answer to a comment.

A message of several parts is several requests: which are done is remembered, so that a repeated attempt goes on where the last ended.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

from connectors.meta_graph import GraphClient, GraphRejected, comments, history, messenger
from connectors.meta_graph.messenger import MOST_TEXT_CHARACTERS, Tag
from connectors.meta_graph.types import AttachmentKind, StoredMessage
from plugins.facebook import threads
from plugins.facebook.names import PRIVATE, comment_of, person_of
from tidings import Account, Host, OutboundAttachment, OutboundMessage, Permanent, SendReceipt

__all__ = ["send", "was_sent"]

MOST_FILE_BYTES = 25 * 1024 * 1024
LEEWAY = timedelta(minutes=2)
"""How much Meta's clock may be behind ours."""
MOST_CANDIDATES = 10

Part = Callable[[Tag | None], str]


def send(host: Host, client: GraphClient, account: Account, message: OutboundMessage) -> SendReceipt:
    """Send what is not sent yet. Raises `ConnectorError`, or `Permanent` for what Messenger never takes."""
    _check(message)
    root_id = comment_of(message.thread_key)
    if root_id and message.choice == PRIVATE:
        return SendReceipt(_answer_privately(client, account, message, root_id))
    if root_id:
        return SendReceipt(comments.reply(client, root_id, message.text))
    return SendReceipt(_send_parts(host, client, account, message))


def was_sent(host: Host, client: GraphClient, account: Account, message: OutboundMessage) -> bool:
    """Whether all of it is there already; parts that are found at Meta are noted, so that only the rest is sent."""
    root_id = comment_of(message.thread_key)
    if root_id and message.choice != PRIVATE:
        return _is_under(client, account, message, root_id)
    person_id = person_of(message.thread_key) or message.to[0].value
    conversation = history.find_conversation(client, _page_id(account), person_id)
    if conversation is None:
        return False
    listed = history.list_messages(client, conversation.id, limit=20).items
    ours = [one for one in reversed(listed) if _is_ours(one, account, message)]
    return _note_found(host, account, message, ours)


# ---- Messenger
def _send_parts(host: Host, client: GraphClient, account: Account, message: OutboundMessage) -> str:
    done = threads.sent_parts(host, message.message_id)
    for part in _parts(client, account, message)[len(done) :]:
        mid = _in_window(part, account, message)
        threads.note_part(host, account.id, message.message_id, mid)
        done.append(mid)
    threads.forget_parts(host, message.message_id)
    return done[0]


def _parts(client: GraphClient, account: Account, message: OutboundMessage) -> list[Part]:
    page_id, person_id = _page_id(account), person_of(message.thread_key)

    def text(tag: Tag | None) -> str:
        return messenger.send_text(client, page_id, person_id, message.text, tag=tag).message_id

    def file(one: OutboundAttachment) -> Part:
        def upload(tag: Tag | None) -> str:
            sent = messenger.send_attachment(
                client, page_id, person_id, _kind(one), one.filename, one.data, one.content_type, tag=tag
            )
            return sent.message_id

        return upload

    return [*([text] if message.text.strip() else []), *(file(one) for one in message.attachments)]


def _in_window(part: Part, account: Account, message: OutboundMessage) -> str:
    """As an answer; where the 24 hours are over and a person wrote it, with the tag for that if the app may use it."""
    try:
        return part(None)
    except GraphRejected as error:
        if not error.is_outside_window or message.is_automatic or not account.settings.get("human_agent"):
            raise
    return part("HUMAN_AGENT")


def _kind(file: OutboundAttachment) -> AttachmentKind:
    first = file.content_type.partition("/")[0]
    return cast(AttachmentKind, first) if first in ("image", "audio", "video") else "file"


def _check(message: OutboundMessage) -> None:
    if not message.thread_key:
        raise Permanent("Facebook lets a page write only to people who wrote first.")
    if len(message.text) > MOST_TEXT_CHARACTERS:
        count = f"{len(message.text):,}"
        raise Permanent(
            f"Facebook takes at most {MOST_TEXT_CHARACTERS:,} characters in a message; this one has {count}."
        )
    if comment_of(message.thread_key) and message.attachments:
        raise Permanent("Files cannot be sent as the answer to a comment.")
    for file in message.attachments:
        if len(file.data) > MOST_FILE_BYTES:
            raise Permanent(f"Messenger takes files of at most 25 MB; {file.filename} is bigger.")
    if not message.text.strip() and not message.attachments:
        raise Permanent("There is nothing in the message.")


def _page_id(account: Account) -> str:
    return str(account.settings.get("page_id"))


# ---- comments
def _answer_privately(client: GraphClient, account: Account, message: OutboundMessage, root_id: str) -> str:
    """To the person who commented last in this exchange."""
    earlier = [message.in_reply_to, *reversed(message.references), root_id]
    candidates = [one for one in dict.fromkeys(earlier) if one and not one.startswith("m_")]
    for comment_id in candidates[:MOST_CANDIDATES]:
        comment = comments.read_comment(client, comment_id)
        if comment is not None and (comment.author is None or comment.author.id != _page_id(account)):
            return messenger.send_private_reply(client, _page_id(account), comment_id, message.text).message_id
    raise Permanent("The comment is gone at Facebook.")


def _is_under(client: GraphClient, account: Account, message: OutboundMessage, root_id: str) -> bool:
    page_id = _page_id(account)
    below = comments.list_comments(client, root_id, limit=100).items
    return any(
        one.author is not None
        and one.author.id == page_id
        and one.text == message.text
        and one.created_at is not None
        and one.created_at >= message.created_at - LEEWAY
        for one in below
    )


# ---- what is there already
def _is_ours(stored: StoredMessage, account: Account, message: OutboundMessage) -> bool:
    is_late = stored.created_at is not None and stored.created_at >= message.created_at - LEEWAY
    return is_late and stored.sender.id == _page_id(account)


def _note_found(host: Host, account: Account, message: OutboundMessage, ours: list[StoredMessage]) -> bool:
    """Go through the parts in order and note those that are found."""
    has_text = bool(message.text.strip())
    wanted = len(message.attachments) + has_text
    known = threads.sent_parts(host, message.message_id)
    found = [one.id for one in ours if has_text and one.text == message.text][:1]
    if not has_text or found:
        found += [one.id for one in ours if one.attachments][: len(message.attachments)]
    for mid in found[len(known) :]:
        threads.note_part(host, account.id, message.message_id, mid)
    return len(found) >= wanted
