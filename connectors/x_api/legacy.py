"""The objects that webhooks carry are those of the API before v2: read here into the same values. Nothing here talks to anybody.

They lack the id of the conversation: `conversation_id` of an answer is its own id here, until the post is asked for by v2.
Source: https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/data-dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.x_api.documents import Unreadable, with_links, written
from connectors.x_api.json_fields import Fields, fields, items, milliseconds, number, text, time
from connectors.x_api.types import DirectMessage, Media, Post, QuotedPost, User, Variant

__all__ = ["pair_id", "read_legacy_message", "read_legacy_post", "read_legacy_user"]


def read_legacy_user(value: Fields) -> User:
    """Return a person."""
    return User(
        id=text(value.get("id_str")) or text(value.get("id")),
        username=text(value.get("screen_name")),
        name=text(value.get("name")),
        picture_url=text(value.get("profile_image_url_https")),
    )


def read_legacy_post(status: Fields) -> Post:
    """Return the post of a status, long ones (`extended_tweet`) in full. Raises Unreadable."""
    post_id = text(status.get("id_str"))
    at = time(status.get("created_at")) or milliseconds(status.get("timestamp_ms"))
    if not post_id or at is None:
        raise Unreadable("There is no post in it.")
    entities, media = _entities(status)
    quoted_id, answered_id = text(status.get("quoted_status_id_str")), text(status.get("in_reply_to_status_id_str"))
    versions = fields(status.get("edit_history"))
    return Post(
        id=post_id,
        first_id=text(versions.get("initial_tweet_id")) or post_id,
        author=read_legacy_user(fields(status.get("user"))),
        text=_text(status, entities, media, quoted_id),
        created_at=at,
        conversation_id=post_id,
        in_reply_to=QuotedPost(answered_id, _answered(status)) if answered_id else None,
        in_reply_to_user=_answered(status),
        quoted=_quoted(quoted_id, fields(status.get("quoted_status"))),
        mentioned_ids=frozenset(text(one.get("id_str")) for one in items(entities.get("user_mentions"))),
        media=tuple(map(_media, media)),
        is_repost="retweeted_status" in status,
    )


def read_legacy_message(event: Fields, users: Mapping[str, object]) -> DirectMessage:
    """Return the direct message of a `message_create` event. `users` is the object of that name beside the events. Raises Unreadable."""
    created, at = fields(event.get("message_create")), milliseconds(event.get("created_timestamp"))
    data = fields(created.get("message_data"))
    sender_id, recipient_id = text(created.get("sender_id")), text(fields(created.get("target")).get("recipient_id"))
    if not (text(event.get("id")) and sender_id and recipient_id) or at is None:
        raise Unreadable("There is no direct message in it.")
    attached = fields(fields(data.get("attachment")).get("media"))
    shown = {**fields(data.get("entities"))}
    links = [*items(shown.get("urls")), *([{**attached, "media_key": "own"}] if attached else [])]
    return DirectMessage(
        id=text(event.get("id")),
        conversation_id=pair_id(sender_id, recipient_id),
        sender=_person(users, sender_id),
        text=with_links(text(data.get("text")), links),
        created_at=at,
        media=(_media(attached),) if attached else (),
        recipient=_person(users, recipient_id),
    )


def pair_id(one: str, other: str) -> str:
    """Return the id of the conversation of two people, as v2 gives it: the smaller number first."""
    first, second = sorted((one, other), key=lambda value: (number(value) or 0, value))
    return f"{first}-{second}"


def _person(users: Mapping[str, object], user_id: str) -> User:
    known = fields(users.get(user_id))
    return read_legacy_user({**known, "id_str": user_id})


def _answered(status: Fields) -> User | None:
    user_id = text(status.get("in_reply_to_user_id_str"))
    return User(user_id, text(status.get("in_reply_to_screen_name"))) if user_id else None


def _quoted(post_id: str, status: Fields) -> QuotedPost | None:
    if not post_id:
        return None
    if not status:
        return QuotedPost(post_id)
    entities, media = _entities(status)
    return QuotedPost(post_id, read_legacy_user(fields(status.get("user"))), _text(status, entities, media, ""))


def _entities(status: Fields) -> tuple[Fields, tuple[Fields, ...]]:
    """The entities that belong to the whole text, and the media."""
    extended = fields(status.get("extended_tweet")) or status
    entities = fields(extended.get("entities")) or fields(status.get("entities"))
    media = items(fields(extended.get("extended_entities")).get("media")) or items(entities.get("media"))
    return entities, media


def _text(status: Fields, entities: Fields, media: tuple[Fields, ...], quoted_id: str) -> str:
    extended = fields(status.get("extended_tweet"))
    whole = text(extended.get("full_text")) or text(status.get("full_text")) or text(status.get("text"))
    links = [*items(entities.get("urls")), *({**one, "media_key": "own"} for one in media)]
    return with_links(whole, links, without=quoted_id)


def _media(value: Fields) -> Media:
    kind = text(value.get("type"))
    variants = tuple(
        Variant(text(one.get("url")), text(one.get("content_type")).lower(), number(one.get("bitrate")) or 0)
        for one in items(fields(value.get("video_info")).get("variants"))
    )
    url = text(value.get("media_url_https")) if kind == "photo" else ""
    return Media(text(value.get("id_str")), kind, url, written(text(value.get("ext_alt_text"))), variants)
