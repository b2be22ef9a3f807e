"""Fetches what an event only names: the thread of an answer that a webhook brought, pictures, videos, the face of who wrote.

Webhooks do not say which conversation an answer belongs to. X is asked for it, which costs one read; where the plan has none left, the
answer is placed by what it answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors.errors import AuthExpired, Rejected
from connectors.x_api import (
    Download,
    Media,
    OAuth1Keys,
    Unreadable,
    UsageCapped,
    User,
    best_address,
    direct_message_path,
    download,
    read_direct_message,
    read_legacy_message,
)
from plugins.twitter.events import content_of, packed
from plugins.twitter.fetched import FACE, FILE, is_completed
from plugins.twitter.names import own_id
from plugins.twitter.plans import budget_of
from plugins.twitter.translate import post_of
from plugins.twitter.troubles import translated
from plugins.twitter.usage import note_reads, used_today
from plugins.twitter.x import asked, media_origins, signs_itself
from tidings import Account, Host, Permanent, RawEvent, Temporary, UnrecognisedPayload

__all__ = ["completed"]

MOST_BYTES = 25 * 1024 * 1024
MOST_FACE_BYTES = 1024 * 1024
"""Faces are small; a large one is not worth the wait."""

Content = Mapping[str, Any]


def completed(host: Host, account: Account, event: RawEvent) -> RawEvent:
    """The event with what it names. Raises `ChannelError` when X cannot be asked now."""
    if is_completed(event):
        return event
    content: Content | None = content_of(event)
    try:
        content = _with_thread(host, account, content) if content and _needs_thread(content) else content
        if content is None:
            return replace(event, meta={**event.meta, "completed": True, "is_gone": True})
        author, media = _named_by(content)
    except (Unreadable, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError):
        raise UnrecognisedPayload("This cannot be read as X writes it.") from None
    if author is None:
        return event
    meta: dict[str, object] = {**event.meta, "completed": True}
    files = _fetch_files(host, account, media, meta)
    if author.id != own_id(account):
        files |= _fetch_face(host, account, author, meta)
    return replace(event, payload=packed(content), meta=meta, files={**event.files, **files})


def _needs_thread(content: Content) -> bool:
    """Whether it is an answer that a webhook brought; what begins a thread is named after itself."""
    told = content.get("tweet_create_events") or [{}]
    return bool(told[0].get("in_reply_to_status_id_str"))


def _with_thread(host: Host, account: Account, content: Content) -> Content | None:
    """The same post as X gives it when asked, None when it is gone by now; as it was where X may not be asked."""
    number = str(content["tweet_create_events"][0]["id_str"])
    if used_today(host).reads >= budget_of(host.settings).reads:
        return content
    try:
        found = asked(host, account, lambda client: client.posts([number]))
    except Permanent:
        return content
    except Temporary as error:
        if isinstance(error.__cause__, UsageCapped):
            return content
        raise
    note_reads(host, len(found.documents))
    if found.documents:
        return found.documents[0]
    return None if number in found.gone else content


def _named_by(content: Content) -> tuple[User | None, Sequence[Media]]:
    """Who wrote, and the files that belong to it; nobody for what is neither a post nor a message."""
    post = post_of(content)
    if post is not None:
        return post.author, post.media
    if "direct_message_events" in content:
        told = read_legacy_message(content["direct_message_events"][0], content.get("users") or {})
        return told.sender, told.media
    if "data" in content:
        message = read_direct_message(content)
        return message.sender, message.media
    return None, ()


def _fetch_files(host: Host, account: Account, media: Sequence[Media], meta: dict[str, object]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    told: list[Mapping[str, str]] = []
    problems: list[str] = []
    for one in media:
        url = best_address(one)
        got = _fetch(host, account, url, MOST_BYTES) if url else None
        if got is None or not got.content:
            problems.append(
                f"A file ({one.kind or 'unknown'}) could not be fetched from X: {url or 'it has no address'}"
            )
            continue
        files[FILE % len(told)] = got.content
        told.append({"name": _name(url, one), "type": got.content_type or "application/octet-stream"})
    meta |= {"files": told, "problems": problems}
    return files


def _fetch_face(host: Host, account: Account, author: User, meta: dict[str, object]) -> dict[str, bytes]:
    got = _fetch(host, account, author.picture_url, MOST_FACE_BYTES) if author.picture_url else None
    if got is None or not got.content_type.startswith("image/"):
        return {}
    meta["face_type"] = got.content_type
    return {FACE: got.content}


def _fetch(host: Host, account: Account, url: str, most_bytes: int) -> Download | None:
    """A file, or None where its server does not give it (any more)."""
    path = direct_message_path(url)
    with translated(host.now):
        try:
            if path and not signs_itself(account):
                return asked(host, account, lambda client: client.file_of_direct_message(path, most_bytes))
            return download(
                host.http,
                url,
                most_bytes=most_bytes,
                origins=media_origins(host),
                auth=_signature(host, account) if path else None,
            )
        except (Rejected, AuthExpired, Permanent):
            return None


def _signature(host: Host, account: Account) -> Any:
    """Files of direct messages are signed for like calls."""
    settings = host.settings
    keys = OAuth1Keys(
        str(settings.get("consumer_key") or ""),
        str(settings.get("consumer_secret") or ""),
        account.secret("access_token"),
        account.secret("access_token_secret"),
    )
    return keys.auth()


def _name(url: str, media: Media) -> str:
    """The last part of the address, which X makes up of letters and digits."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name.replace("\\", "_").replace("\0", "")[-120:]
    return name or f"{media.kind or 'file'}"
