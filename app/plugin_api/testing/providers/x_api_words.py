"""How the fake of X words posts and messages: as API v2 does, and as webhooks do, which still carry the objects of the older API."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.plugin_api.testing.providers.x_api_state import Media, Message, Person, Post

__all__ = ["answer_of", "counted", "escaped", "legacy_message", "legacy_post", "legacy_user"]

SHORT = 280
_LINK = re.compile(r"https?://\S+")
_RENAMED = {
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
}


def counted(text: str) -> int:
    """How long X finds a text, near enough for a refusal: links count 23, what is beyond U+10FF counts 2."""
    return sum(2 if ord(one) > 0x10FF and not 0x2000 <= ord(one) <= 0x201F else 1 for one in _LINK.sub("l" * 23, text))


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, links: Mapping[str, str]) -> str:
    """The text as X hands it out: t.co's links and character references."""
    for short, whole in links.items():
        text = text.replace(whole, short)
    return escaped(text)


# ------------------------------------------------------------------------------------------- API v2 ----
def answer_of(found: Sequence[Post | Message], query: Mapping[str, str], *, says_posts: bool) -> dict[str, Any]:
    """`data` and `includes`, with the fields and expansions that were asked for and no others."""
    expansions = set(query.get("expansions", "").split(","))
    data = [_post(one, query) if isinstance(one, Post) else _message(one, query) for one in found]
    others = _referenced(found) if "referenced_tweets.id" in expansions else []
    includes = {
        "users": [_user(one, query) for one in _people(found, others, expansions)],
        "tweets": [_post(one, query) for one in others],
        "media": [_media(one, query) for one in _files(found) if "attachments.media_keys" in expansions],
    }
    answer = {"data": data, "includes": {kind: values for kind, values in includes.items() if values}}
    return _renamed(answer) if says_posts else answer


def _post(post: Post, query: Mapping[str, str]) -> dict[str, Any]:
    wanted = set(query.get("tweet.fields", "").split(","))
    whole = shortened(post.text, post.links)
    is_long = counted(post.text) > SHORT
    tail = f" https://t.co/{post.id[-10:]}"
    references = [("replied_to", post.in_reply_to), ("quoted", post.quotes), ("retweeted", post.reposts)]
    media = {"attachments": {"media_keys": [one.key for one in post.media]}} if post.media else {}
    values: dict[str, Any] = {
        "author_id": post.author.id,
        "conversation_id": post.conversation_id,
        "created_at": _iso(post.at),
        "entities": {"urls": _urls(post.links), "mentions": [_mention(one) for one in post.mentioned]},
        "referenced_tweets": [{"type": kind, "id": one.id} for kind, one in references if one],
        **media,
    }
    if is_long:
        values["note_tweet"] = {"text": whole, "entities": {"urls": _urls(post.links)}}
    if post.in_reply_to:
        values["in_reply_to_user_id"] = post.in_reply_to.author.id
    always = {"id": post.id, "text": whole[:250] + "…" + tail if is_long else whole}
    versions = {"edit_history_tweet_ids": list(post.versions or (post.id,))}
    return {**always, **versions, **{name: value for name, value in values.items() if name in wanted and value}}


def _message(message: Message, query: Mapping[str, str]) -> dict[str, Any]:
    wanted = set(query.get("dm_event.fields", "").split(","))
    values = {
        "text": shortened(message.text, message.links),
        "created_at": _iso(message.at),
        "sender_id": message.sender.id,
        "dm_conversation_id": message.conversation_id,
        "entities": {"urls": _urls(message.links)},
        "attachments": {"media_keys": [message.media.key]} if message.media else None,
    }
    kept = {name: value for name, value in values.items() if name in wanted and value}
    return {"id": message.id, "event_type": "MessageCreate", **kept}


def _user(person: Person, query: Mapping[str, str]) -> dict[str, Any]:
    wanted = set(query.get("user.fields", "").split(","))
    values = {
        "profile_image_url": person.picture,
        "receives_your_dm": person.takes_messages,
        "subscription_type": person.subscription,
    }
    always = {"id": person.id, "name": person.name, "username": person.username}
    return {**always, **{name: value for name, value in values.items() if name in wanted}}


def _media(media: Media, query: Mapping[str, str]) -> dict[str, Any]:
    wanted = set(query.get("media.fields", "").split(","))
    values: dict[str, Any] = {"alt_text": media.alt_text}
    if media.kind == "photo":
        values["url"] = media.url
    else:
        variant = {"bit_rate": 2_176_000, "content_type": media.content_type, "url": media.url}
        values["variants"] = [{"content_type": "application/x-mpegURL", "url": f"{media.url}.m3u8"}, variant]
    kept = {name: value for name, value in values.items() if name in wanted and value}
    return {"media_key": media.key, "type": media.kind, **kept}


def _referenced(found: Sequence[Post | Message]) -> list[Post]:
    posts = [one for one in found if isinstance(one, Post)]
    named = [other for one in posts for other in (one.in_reply_to, one.quotes, one.reposts) if other]
    return list({one.id: one for one in named}.values())


def _people(found: Sequence[Post | Message], others: Sequence[Post], expansions: set[str]) -> list[Person]:
    people: list[Person] = []
    for one in found:
        if isinstance(one, Message):
            people += [one.sender] if "sender_id" in expansions else []
            continue
        people += [one.author] if "author_id" in expansions else []
        people += [one.in_reply_to.author] if one.in_reply_to and "in_reply_to_user_id" in expansions else []
    if "referenced_tweets.id.author_id" in expansions:
        people += [one.author for one in others]
    return list({one.id: one for one in people}.values())


def _files(found: Sequence[Post | Message]) -> list[Media]:
    files = [one for each in found if isinstance(each, Post) for one in each.media]
    files += [one.media for one in found if isinstance(one, Message) and one.media]
    return list({one.key: one for one in files}.values())


def _renamed(value: Any) -> Any:
    """The names that X is moving to."""
    if isinstance(value, list):
        return [_renamed(one) for one in value]
    if not isinstance(value, dict):
        return value
    renamed = {_RENAMED.get(name, name): _renamed(one) for name, one in value.items()}
    if "tweets" in renamed:
        renamed["posts"] = renamed.pop("tweets")
    return renamed


def _urls(links: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"url": short, "expanded_url": whole, "display_url": whole.partition("//")[2][:30]}
        for short, whole in links.items()
    ]


def _mention(person: Person) -> dict[str, str]:
    return {"username": person.username, "id": person.id}


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


# --------------------------------------------------------------------------------- objects of webhooks ----
def legacy_user(person: Person) -> dict[str, Any]:
    """A user object."""
    return {
        "id": int(person.id),
        "id_str": person.id,
        "name": person.name,
        "screen_name": person.username,
        "profile_image_url_https": person.picture,
    }


def legacy_post(post: Post) -> dict[str, Any]:
    """A status: it has no conversation id, and is cut off when it is long."""
    whole, is_long = shortened(post.text, post.links), counted(post.text) > SHORT
    mentions = [{"screen_name": one.username, "name": one.name, "id_str": one.id} for one in post.mentioned]
    entities = {"urls": _urls(post.links), "user_mentions": mentions, "hashtags": [], "symbols": []}
    status: dict[str, Any] = {
        "created_at": post.at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "id": int(post.id),
        "id_str": post.id,
        "text": whole[:120] + "…" if is_long else whole,
        "truncated": is_long,
        "user": legacy_user(post.author),
        "entities": {"urls": [], "user_mentions": []} if is_long else entities,
        "timestamp_ms": str(int(post.at.timestamp() * 1000)),
    }
    if is_long:
        status["extended_tweet"] = {"full_text": whole, "entities": entities}
    if post.media:
        status["extended_entities"] = {"media": [_legacy_media(one) for one in post.media]}
        status["entities"]["media"] = status["extended_entities"]["media"]
    if post.in_reply_to:
        author = post.in_reply_to.author
        status |= {"in_reply_to_status_id_str": post.in_reply_to.id, "in_reply_to_user_id_str": author.id}
        status["in_reply_to_screen_name"] = author.username
    if post.quotes:
        status |= {"quoted_status_id_str": post.quotes.id, "quoted_status": legacy_post(post.quotes)}
    if post.reposts:
        status["retweeted_status"] = legacy_post(post.reposts)
    return status


def legacy_message(message: Message) -> dict[str, Any]:
    """A message_create event."""
    data: dict[str, Any] = {
        "text": shortened(message.text, message.links),
        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": _urls(message.links)},
    }
    if message.media:
        data["attachment"] = {"type": "media", "media": _legacy_media(message.media)}
    return {
        "type": "message_create",
        "id": message.id,
        "created_timestamp": str(int(message.at.timestamp() * 1000)),
        "message_create": {
            "target": {"recipient_id": message.recipient.id},
            "sender_id": message.sender.id,
            "message_data": data,
        },
    }


def _legacy_media(media: Media) -> dict[str, Any]:
    value: dict[str, Any] = {"id_str": media.key.partition("_")[2], "type": media.kind, "media_url_https": media.url}
    if media.kind != "photo":
        value["media_url_https"] = f"{media.url}.jpg"
        variant = {"bitrate": 2_176_000, "content_type": media.content_type, "url": media.url}
        value["video_info"] = {"variants": [{"content_type": "application/x-mpegURL", "url": "x"}, variant]}
    if media.alt_text:
        value["ext_alt_text"] = media.alt_text
    return value
