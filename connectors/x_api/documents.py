"""From the answers of API v2 to documents of one post or message each, and from those to values. Nothing here talks to anybody.

X is renaming tweets to posts in its answers (`note_post`, `referenced_posts`, `includes.posts`); both names are read.
Fields: https://docs.x.com/x-api/fundamentals/data-dictionary.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from connectors.x_api.json_fields import Fields, fields, items, number, number_text, text, texts, time
from connectors.x_api.types import DirectMessage, Document, Media, Post, QuotedPost, User, Variant

__all__ = ["Unreadable", "read_direct_message", "read_post", "read_user", "split", "with_links", "written"]

_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
_MEDIA_LINK = re.compile(r"https?://(?:x|twitter)\.com/[^/\s]+/status/\d+/(?:photo|video)/\d+/?$")


class Unreadable(ValueError):
    """A document that is no post or message of X: not the JSON that was expected, or without an id."""


def split(answer: Fields) -> tuple[Document, ...]:
    """Return one document for each item of an answer, with those of the included objects that it names, directly or by another post.

    Items without a number of their own are left out: nothing could be done with them.
    """
    included = fields(answer.get("includes"))
    pools = {kind: _by_id(items(included.get(kind))) for kind in ("users", "tweets", "posts", "media")}
    found = (one for one in items(answer.get("data")) if number_text(one.get("id")))
    return tuple({"data": one, "includes": _named_by(one, pools)} for one in found)


def read_user(value: Fields) -> User:
    """Return a person of API v2."""
    takes = value.get("receives_your_dm")
    return User(
        id=text(value.get("id")),
        username=text(value.get("username")),
        name=text(value.get("name")),
        picture_url=text(value.get("profile_image_url")),
        takes_direct_messages=takes if isinstance(takes, bool) else None,
        subscription=text(value.get("subscription_type")),
    )


def read_post(document: object) -> Post:
    """Return the post of a document. Raises Unreadable."""
    data, included = _parts(document)
    people = _people(included)
    posts = {key: one for kind in ("tweets", "posts") for key, one in _by_id(items(included.get(kind))).items()}
    references = {text(one.get("type")): text(one.get("id")) for one in _references(data)}
    quoted_id, answered_id = references.get("quoted", ""), references.get("replied_to", "")
    answered_user_id = text(data.get("in_reply_to_user_id"))
    versions = texts(data.get("edit_history_tweet_ids")) or texts(data.get("edit_history_post_ids"))
    return Post(
        id=text(data.get("id")),
        first_id=versions[0] if versions else text(data.get("id")),
        author=_person(people, text(data.get("author_id"))),
        text=_text(data, quoted_id),
        created_at=time(data.get("created_at")) or _made_at(text(data.get("id"))),
        conversation_id=text(data.get("conversation_id")) or text(data.get("id")),
        in_reply_to=_quoted(answered_id, posts, people),
        in_reply_to_user=_person(people, answered_user_id) if answered_user_id else None,
        quoted=_quoted(quoted_id, posts, people),
        mentioned_ids=frozenset(text(one.get("id")) for one in _entities(data, "mentions")),
        media=_media(data, included),
        is_repost="retweeted" in references,
    )


def read_direct_message(document: object) -> DirectMessage:
    """Return the direct message of a document. Raises Unreadable."""
    data, included = _parts(document)
    people = _people(included)
    sender, conversation_id = _person(people, text(data.get("sender_id"))), text(data.get("dm_conversation_id"))
    others = [one for one in conversation_id.split("-") if one != sender.id] if "-" in conversation_id else []
    return DirectMessage(
        id=text(data.get("id")),
        conversation_id=conversation_id,
        sender=sender,
        text=with_links(text(data.get("text")), _entities(data, "urls")),
        created_at=time(data.get("created_at")) or _made_at(text(data.get("id"))),
        media=_media(data, included),
        recipient=_person(people, others[0]) if others else None,
    )


def written(value: str) -> str:
    """Return a text as it was written: X hands out &, < and > as character references."""
    return html.unescape(value).replace("\0", "")


def with_links(value: str, urls: Iterable[Fields], *, without: str = "") -> str:
    """Return the text with the links as they were written instead of t.co's; those of its own pictures, and to the post with the id
    `without`, are left out."""
    for one in urls:
        short, whole = text(one.get("url")), text(one.get("expanded_url")) or text(one.get("unwound_url"))
        is_own = bool(one.get("media_key")) or bool(_MEDIA_LINK.match(whole)) or "/messages/media/" in whole
        if short:
            is_left_out = is_own or (without and whole.rstrip("/").endswith(f"/status/{without}"))
            value = value.replace(short, "" if is_left_out else whole or short)
    return written(value).strip()


def _parts(document: object) -> tuple[Fields, Fields]:
    data = fields(fields(document).get("data"))
    if not text(data.get("id")):
        raise Unreadable("There is no post or message in it.")
    return data, fields(fields(document).get("includes"))


def _text(data: Fields, quoted_id: str) -> str:
    note = fields(data.get("note_tweet")) or fields(data.get("note_post"))
    whole = text(note.get("text"))
    urls = (*items(fields(note.get("entities")).get("urls")), *_entities(data, "urls"))
    return with_links(whole or text(data.get("text")), urls, without=quoted_id)


def _entities(data: Fields, kind: str) -> tuple[Fields, ...]:
    return items(fields(data.get("entities")).get(kind))


def _references(data: Fields) -> tuple[Fields, ...]:
    return items(data.get("referenced_tweets")) or items(data.get("referenced_posts"))


def _quoted(post_id: str, posts: Mapping[str, Fields], people: Mapping[str, User]) -> QuotedPost | None:
    if not post_id:
        return None
    found = posts.get(post_id)
    if found is None:
        return QuotedPost(post_id)
    return QuotedPost(post_id, _person(people, text(found.get("author_id"))), _text(found, ""))


def _people(included: Fields) -> dict[str, User]:
    return {user.id: user for one in items(included.get("users")) if (user := read_user(one)).id}


def _person(people: Mapping[str, User], user_id: str) -> User:
    return people.get(user_id) or User(user_id)


def _media(data: Fields, included: Fields) -> tuple[Media, ...]:
    keys = texts(fields(data.get("attachments")).get("media_keys"))
    pool = {text(one.get("media_key")): one for one in items(included.get("media"))}
    return tuple(_one_media(key, fields(pool.get(key))) for key in keys)


def _one_media(key: str, value: Fields) -> Media:
    variants = tuple(
        Variant(text(one.get("url")), text(one.get("content_type")).lower(), number(one.get("bit_rate")) or 0)
        for one in items(value.get("variants"))
        if text(one.get("url"))
    )
    return Media(key, text(value.get("type")), text(value.get("url")), written(text(value.get("alt_text"))), variants)


def _by_id(values: Iterable[Fields]) -> dict[str, Fields]:
    return {text(one.get("id")) or text(one.get("media_key")): one for one in values}


def _named_by(data: Fields, pools: Mapping[str, Mapping[str, Fields]]) -> dict[str, list[Fields]]:
    """The included objects that one item needs."""
    references = [text(one.get("id")) for one in _references(data)]
    others = {kind: [pools[kind][key] for key in references if key in pools[kind]] for kind in ("tweets", "posts")}
    everyone = [data, *others["tweets"], *others["posts"]]
    people = {
        text(one.get(key)) for one in everyone for key in ("author_id", "sender_id", "in_reply_to_user_id")
    } | set(text(data.get("dm_conversation_id")).split("-"))
    media = texts(fields(data.get("attachments")).get("media_keys"))
    named = {
        "users": [one for key, one in pools["users"].items() if key in people],
        **others,
        "media": [pools["media"][key] for key in media if key in pools["media"]],
    }
    return {kind: values for kind, values in named.items() if values}


def _made_at(item_id: str) -> datetime:
    """The time in an id of X, which is a snowflake: for answers that leave `created_at` out."""
    stamp = (number(item_id) or 0) >> 22
    return datetime.fromtimestamp((stamp + _SNOWFLAKE_EPOCH_MS) / 1000, UTC) if stamp < 2**42 else datetime.now(UTC)
