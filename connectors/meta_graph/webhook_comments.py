"""Reads comments under posts from webhooks: the field "feed" of pages, "comments" of Instagram.

Pages: https://developers.facebook.com/docs/graph-api/webhooks/reference/page#feed,
https://developers.facebook.com/docs/graph-api/webhooks/reference/instagram#comments
"""

from __future__ import annotations

from datetime import datetime

from connectors.meta_graph.events import CommentChanged, Event, Unknown
from connectors.meta_graph.history import person
from connectors.meta_graph.json_fields import Fields, fields, text, time
from connectors.meta_graph.types import Person

_VERBS = {"add": "add", "edit": "edited", "edited": "edited", "remove": "remove", "hide": "hide", "unhide": "unhide"}
"""Meta's verbs for comments; both spellings of an edit occur."""


def read_comment(page_id: str, value: Fields, at: datetime | None) -> Event:
    """Return what happened to a comment of a page."""
    verb, comment_id = text(value.get("verb")), text(value.get("comment_id"))
    if verb not in _VERBS or not comment_id:
        return Unknown(object="page", entry_id=page_id, at=at, raw=value, kind=f"feed.comment.{verb}")
    post_id, parent_id = text(value.get("post_id")), text(value.get("parent_id"))
    return CommentChanged(
        object="page",
        entry_id=page_id,
        at=time(value.get("created_time")) or at,
        raw=value,
        verb=_VERBS[verb],
        comment_id=comment_id,
        post_id=post_id,
        parent_id=parent_id if parent_id and parent_id != post_id else None,
        author=_author(value),
        text=text(value.get("message")),
        photo_url=text(value.get("photo")),
        permalink_url=text(fields(value.get("post")).get("permalink_url")),
    )


def read_instagram_comment(account_id: str, value: Fields, at: datetime | None) -> Event:
    """Return a new comment under a photo, reel or live video."""
    if not text(value.get("id")):
        return Unknown(object="instagram", entry_id=account_id, at=at, raw=value, kind="comments")
    return CommentChanged(
        object="instagram",
        entry_id=account_id,
        at=at,
        raw=value,
        verb="add",
        comment_id=text(value.get("id")),
        post_id=text(fields(value.get("media")).get("id")),
        parent_id=text(value.get("parent_id")) or None,
        author=_author(value),
        text=text(value.get("text")),
    )


def _author(value: Fields) -> Person | None:
    """Return who wrote it; older webhooks have `sender_id` and `sender_name` instead of `from`."""
    author = person(value.get("from"))
    author = author if author.id else Person(text(value.get("sender_id")), text(value.get("sender_name")))
    return author if author.id else None
