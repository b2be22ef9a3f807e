"""Writing at X: an answer below a post, or a direct message; with pictures. And whether something was written already."""

import re
from collections.abc import Sequence
from datetime import timedelta

from connectors.x_api import (
    LONG_POST,
    SHORT_POST,
    Page,
    XClient,
    XRejected,
    read_direct_message,
    read_post,
    weighted_length,
)
from plugins.twitter import restrictions
from plugins.twitter.names import (
    DIRECT,
    PUBLIC,
    direct_id,
    direct_thread,
    own_id,
    own_post_id,
    post_to_answer,
)
from plugins.twitter.usage import note_reads
from plugins.twitter.x import asked
from tidings import Account, Host, OutboundAttachment, OutboundMessage, Permanent, SendReceipt

__all__ = ["LONGEST_MESSAGE", "longest_post", "send", "was_sent", "way_of"]

LONGEST_MESSAGE = 10_000
MOST_PICTURES = 4
_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "video/quicktime"})
_LARGEST_PICTURE = 5 * 1024 * 1024
_LINK = re.compile(r"https?://\S+|\b[\w-]+(?:\.[\w-]+)+(?:/\S*)?")
_NAME = re.compile(r"@?(\w{1,15})", re.ASCII)
_LEADING_NAMES = re.compile(r"\A(?:@\w{1,15}\s+)+")
_CLOCKS_DIFFER = timedelta(minutes=2)


def way_of(thread_key: str | None, choice: str) -> str:
    """How a message goes out: as chosen, else as the thread is; what begins an exchange goes directly."""
    if thread_key is None or not thread_key.startswith("post:"):
        return DIRECT
    return choice or PUBLIC


def longest_post(account: Account) -> int:
    """How long a post of the account may be, as X counts."""
    return LONG_POST if account.settings.get("may_post_long") else SHORT_POST


def send(host: Host, account: Account, message: OutboundMessage) -> SendReceipt:
    """Write it. A refusal that concerns the plan or the app is remembered, so that the composer says so from now on."""
    way = way_of(message.thread_key, message.choice)
    _check_files(message.attachments, MOST_PICTURES if way == PUBLIC else 1)
    try:
        receipt = _post(host, account, message) if way == PUBLIC else _write(host, account, message)
    except Permanent as error:
        if isinstance(error.__cause__, XRejected):
            restrictions.note_refusal(host, account.id, way, error.__cause__)
        raise
    restrictions.allow_again(host, account.id, way)
    return receipt


def was_sent(host: Host, account: Account, message: OutboundMessage) -> bool | None:
    """Whether X has it already: below the same post, or to the same person, with the same words."""
    if way_of(message.thread_key, message.choice) == PUBLIC:
        return _was_posted(host, account, message)
    return _was_written(host, account, message)


def _post(host: Host, account: Account, message: OutboundMessage) -> SendReceipt:
    counted, most = weighted_length(message.text), longest_post(account)
    if counted > most:
        text = host.gettext("X counts %(count)s characters in this post and takes %(most)s. Links count 23 each.")
        raise Permanent(text % {"count": counted, "most": most})
    answered = post_to_answer(message.thread_key or "", _earlier(message))

    def write(client: XClient) -> str:
        media = [client.upload(one.data, one.content_type) for one in message.attachments]
        return client.create_post(message.text, in_reply_to=answered, media_ids=media)

    return SendReceipt(own_post_id(asked(host, account, write)))


def _write(host: Host, account: Account, message: OutboundMessage) -> SendReceipt:
    if len(message.text) > LONGEST_MESSAGE:
        text = host.gettext("A direct message has at most %(most)s characters; this one has %(count)s.")
        raise Permanent(text % {"most": LONGEST_MESSAGE, "count": len(message.text)})
    group = _group_of(message.thread_key)
    person_id = "" if group else _recipient(host, account, message)

    def write(client: XClient) -> tuple[str, str]:
        media = [client.upload(one.data, one.content_type, for_direct_message=True) for one in message.attachments]
        sent = client.send_direct_message(
            message.text, participant_id=person_id, conversation_id=group, media_id=media[0] if media else ""
        )
        return sent.id, sent.conversation_id

    number, conversation_id = asked(host, account, write)
    opens = message.thread_key is None and conversation_id
    return SendReceipt(direct_id(number), thread_key=direct_thread(conversation_id) if opens else None)


def _recipient(host: Host, account: Account, message: OutboundMessage) -> str:
    """Their number. An agent who begins may have typed the name ("@ada")."""
    value = message.to[0].value.strip() if message.to else ""
    if value.isascii() and value.isdigit():
        return value
    name = _NAME.fullmatch(value)  # names become parts of addresses
    found = asked(host, account, lambda client: client.find_user(name[1])) if name else None
    if found is None:
        raise Permanent(host.gettext("Nobody at X has the name %(name)s.") % {"name": value})
    note_reads(host, 1)
    return found.id


def _check_files(files: Sequence[OutboundAttachment], most: int) -> None:
    videos = [one for one in files if not one.content_type.startswith("image/") or one.content_type == "image/gif"]
    for one in files:
        if one.content_type not in _TYPES:
            raise Permanent(f"X takes pictures and videos only; {one.filename} is {one.content_type}.")
        if one not in videos and len(one.data) > _LARGEST_PICTURE:
            raise Permanent(f"{one.filename} is larger than 5 MB, which X does not take.")
    if len(files) > most or (videos and len(files) > 1):
        raise Permanent(f"X takes {most} pictures or one video with a post, and one file with a direct message.")


def _was_posted(host: Host, account: Account, message: OutboundMessage) -> bool:
    since, answered = message.created_at - _CLOCKS_DIFFER, post_to_answer(message.thread_key or "", _earlier(message))
    page = asked(host, account, lambda client: client.own_posts(own_id(account), start_time=since, max_results=20))
    note_reads(host, page.count)
    posts = [read_post(one) for one in page.documents]
    return any(
        one.in_reply_to is not None and one.in_reply_to.id == answered and _words(one.text) == _words(message.text)
        for one in posts
    )


def _was_written(host: Host, account: Account, message: OutboundMessage) -> bool:
    group, since = _group_of(message.thread_key), message.created_at - _CLOCKS_DIFFER
    person_id = "" if group else _recipient(host, account, message)

    def look(client: XClient) -> Page:
        return (
            client.direct_messages(max_results=20) if group else client.direct_messages_with(person_id, max_results=20)
        )

    page = asked(host, account, look)
    note_reads(host, page.count)
    written = [read_direct_message(one) for one in page.documents]
    return any(
        one.sender.id == own_id(account) and one.created_at >= since and _words(one.text) == _words(message.text)
        for one in written
    )


def _group_of(thread_key: str | None) -> str:
    """The number of a group's exchange, empty for one of two people."""
    number = (thread_key or "").removeprefix("dm:")
    return number if number.isdigit() and number != thread_key else ""


def _earlier(message: OutboundMessage) -> tuple[str, ...]:
    return (*message.references, message.in_reply_to or "")


def _words(text: str) -> str:
    """A text without what X changes in it: links, blanks, and the names it puts before answers."""
    return " ".join(_LINK.sub("", _LEADING_NAMES.sub("", text)).split())
