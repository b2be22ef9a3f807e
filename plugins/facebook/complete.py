"""Fetches what an event only names: who wrote, how they look, the files, the post above a comment. What is gone is left out; what this
teaches about an exchange (who holds it, what is hidden) is remembered."""

import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from connectors.errors import AuthExpired, Rejected
from connectors.meta_graph import GraphClient
from connectors.meta_graph import comments as graph_comments
from connectors.meta_graph.events import CommentChanged, Echo, Event, HandedOver, Message, MessagingEvent, Postback
from connectors.meta_graph.media import download
from connectors.meta_graph.messenger import read_profile
from connectors.meta_graph.types import Download
from plugins.facebook import threads
from plugins.facebook.completed import FILE, PICTURE, is_completed
from plugins.facebook.events import events_in
from plugins.facebook.graph import file_hosts, page_client
from plugins.facebook.names import KIND
from plugins.facebook.translate import DOWNLOADED
from tidings import Account, Host, RawEvent

__all__ = ["completed"]

MOST_BYTES = 25 * 1024 * 1024
"""What Messenger takes."""
MOST_PICTURE_BYTES = 1024 * 1024


T = TypeVar("T")


@dataclass
class _Gathering:
    """What was fetched so far for one event, with the client that fetches."""

    host: Host
    client: GraphClient
    meta: dict[str, object] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, url: str, most_bytes: int) -> Download | None:
        """A file, or None where its server does not give it."""
        try:
            return download(self.client.session, url, most_bytes=most_bytes, allowed_hosts=file_hosts(self.host))
        except (Rejected, AuthExpired):  # addresses end after some days, and are signed instead of asking for a token
            return None


def completed(host: Host, account: Account, event: RawEvent) -> RawEvent:
    """The event with what it names. Raises `ChannelError` when Meta cannot be asked now."""
    if is_completed(event):
        return event
    found, *_ = events_in(event)
    _remember(host, account, found)
    gather = _GATHERERS.get(type(found))
    if gather is None:
        return event
    with page_client(host, account) as client:
        gathering = _Gathering(host, client)
        gather(gathering, found)
    return replace(
        event, meta={**event.meta, **gathering.meta, "completed": True}, files={**event.files, **gathering.files}
    )


def _remember(host: Host, account: Account, event: Event) -> None:
    if isinstance(event, HandedOver) and event.action != "request":
        is_us = event.new_owner in ("", str(host.settings.get("app_id")))
        threads.note_holder(host, account.id, event.person_id, is_us=is_us)
    elif isinstance(event, MessagingEvent) and event.is_standby:
        threads.note_holder(host, account.id, event.person_id, is_us=False)
    elif isinstance(event, CommentChanged) and event.verb in ("hide", "unhide"):
        threads.note_hidden(host, account.id, event.comment_id, hidden=event.verb == "hide")


def _message(gathering: _Gathering, event: Message) -> None:
    _person(gathering, event.person_id)
    _files(gathering, [one.url for one in event.attachments if one.kind in DOWNLOADED])


def _echo(gathering: _Gathering, event: Echo) -> None:
    _person(gathering, event.person_id)
    _files(gathering, [one.url for one in event.attachments if one.kind in DOWNLOADED])


def _postback(gathering: _Gathering, event: Postback) -> None:
    _person(gathering, event.person_id)


def _comment(gathering: _Gathering, event: CommentChanged) -> None:
    """Facebook lets pages see the names of people who comment, in the event itself, but no pictures of them."""
    if event.verb != "add":
        return
    if event.is_by_page and event.parent_id:
        _answered_person(gathering, event.parent_id)
    post = _asked(lambda: graph_comments.read_post(gathering.client, event.post_id))
    if post is not None:
        gathering.meta |= {"post_text": post.text, "post_url": post.permalink_url}
    _files(gathering, [event.photo_url] if event.photo_url else [])


def _answered_person(gathering: _Gathering, comment_id: str) -> None:
    answered = _asked(lambda: graph_comments.read_comment(gathering.client, comment_id))
    if answered is not None and answered.author is not None:
        gathering.meta |= {"person_id": answered.author.id, "name": answered.author.name}


def _person(gathering: _Gathering, person_id: str) -> None:
    """Name and picture, unless the inbox knows the name already."""
    known = gathering.host.contact(KIND, person_id)
    if known is not None and known.name not in ("", person_id):
        return
    profile = _asked(lambda: read_profile(gathering.client, person_id))
    if profile is None:
        return
    gathering.meta["name"] = profile.name
    picture = gathering.fetch(profile.picture_url, MOST_PICTURE_BYTES) if profile.picture_url else None
    if picture is not None and picture.content_type.startswith("image/"):
        gathering.meta["picture_type"] = picture.content_type
        gathering.files[PICTURE] = picture.content


def _asked(ask: Callable[[], T]) -> T | None:
    """What Meta says, None where it refuses to."""
    try:
        return ask()
    except Rejected:
        return None


def _files(gathering: _Gathering, urls: list[str]) -> None:
    told: list[Mapping[str, str]] = []
    problems: list[str] = []
    for url in urls:
        got = gathering.fetch(url, MOST_BYTES)
        if got is None or not got.content:
            problems.append(f"The file {_name(url, '') or 'of this message'} could not be fetched.")
            continue
        gathering.files[FILE % len(told)] = got.content
        told.append({"name": _name(url, got.content_type), "type": got.content_type or "application/octet-stream"})
    gathering.meta |= {"files": told, "problems": problems}


def _name(url: str, content_type: str) -> str:
    """The name in the address, or one made from the content type."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name.replace("\\", "_")[-120:]
    if not content_type or PurePosixPath(name).suffix:
        return name
    return f"{content_type.partition('/')[0]}{mimetypes.guess_extension(content_type) or ''}"


_GATHERERS: Mapping[type[Event], Callable[..., None]] = {
    Message: _message,
    Echo: _echo,
    Postback: _postback,
    CommentChanged: _comment,
}
