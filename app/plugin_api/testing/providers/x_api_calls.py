"""The endpoints of API v2 that the fake of X answers for a person: posts, direct messages, files, who they are."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.plugin_api.testing.provider import Answer, Asked
from app.plugin_api.testing.providers.x_api_login import who_asks
from app.plugin_api.testing.providers.x_api_state import Media, Message, Person, Post, Refused, Upload, problem
from app.plugin_api.testing.providers.x_api_words import answer_of, counted

if TYPE_CHECKING:
    from app.plugin_api.testing.providers.x_api import FakeX

__all__ = ["listen_for_calls"]

SHORT, LONG = 280, 25_000
_KINDS = {"image/png", "image/jpeg", "image/webp", "image/gif", "video/mp4", "video/quicktime"}


def listen_for_calls(x: "FakeX") -> None:
    """Answer them."""
    _listen_for_posts(x)
    _listen_for_messages(x)
    _listen_for_files(x)

    @x.answers("/2/users/me", limit="me")
    def me(asked: Asked) -> object:
        person = who_asks(x, asked, "users.read", "tweet.read")
        wanted = asked.query.get("user.fields", "")
        more = {"profile_image_url": person.picture, "subscription_type": person.subscription}
        kept = {name: value for name, value in more.items() if name in wanted.split(",")}
        return {"data": {"id": person.id, "name": person.name, "username": person.username, **kept}}

    @x.answers("/2/users/by/username/<username>", limit="lookup")
    def by_name(asked: Asked) -> object:
        who_asks(x, asked, "users.read", "tweet.read")
        wanted = asked.values["username"].casefold()
        found = next((one for one in x.state.people.values() if one.username.casefold() == wanted), None)
        if found is None:
            address = "https://api.twitter.com/2/problems/resource-not-found"
            return {"errors": [{"title": "Not Found Error", "type": address, "value": wanted, "detail": "Not found."}]}
        x.charge(1)
        more = {"profile_image_url": found.picture, "receives_your_dm": found.takes_messages}
        return {"data": {"id": found.id, "name": found.name, "username": found.username, **more}}


def _listen_for_posts(x: "FakeX") -> None:
    @x.answers("/2/users/<user_id>/mentions", limit="mentions")
    def mentions(asked: Asked) -> object:
        who_asks(x, asked, "tweet.read", "users.read")
        reader = _person(x, asked.values["user_id"])
        return _timeline(x, asked, lambda post: reader in post.mentioned and post.author is not reader)

    @x.answers("/2/users/<user_id>/tweets", limit="own")
    def own_posts(asked: Asked) -> object:
        who_asks(x, asked, "tweet.read", "users.read")
        author = _person(x, asked.values["user_id"])
        return _timeline(x, asked, lambda post: post.author is author and post.reposts is None)

    @x.answers("/2/tweets", limit="lookup")
    def lookup(asked: Asked) -> object:
        who_asks(x, asked, "tweet.read", "users.read")
        ids = [one for one in asked.query.get("ids", "").split(",") if one]
        if not 1 <= len(ids) <= 100:
            raise Refused(problem("invalid-request", 400, "Invalid Request", "The number of ids must be 1 to 100."))
        found = [x.state.posts[one] for one in ids if one in x.state.posts and one not in x.state.gone | x.hidden]
        missing = [one for one in ids if one not in {post.id for post in found}]
        x.charge(len(found))
        answer = answer_of(found, asked.query, says_posts=x.says_posts)
        return {**answer, **({"errors": [_missing(x, one) for one in missing]} if missing else {})}

    @x.answers("/2/tweets", "POST", limit="post", status=201)
    def create(asked: Asked) -> object:
        author = who_asks(x, asked, "tweet.read", "tweet.write", "users.read")
        body = asked.json()
        _refuse_writing(x)
        answered = _answered(x, author, body.get("reply", {}).get("in_reply_to_tweet_id"))
        text = str(body.get("text", ""))
        _refuse_text(x, author, text)
        media = [x.media_of(one) for one in body.get("media", {}).get("media_ids", [])]
        post = x.store_post(author, text, in_reply_to=answered, media=media)
        post.is_by_app = True
        x.sent_posts.append(post)
        x.tell(x.body_of(post))
        return {"data": {"id": post.id, "text": post.text, "edit_history_tweet_ids": [post.id]}}


def _listen_for_messages(x: "FakeX") -> None:
    @x.answers("/2/dm_events", limit="dm_events")
    def events(asked: Asked) -> object:
        reader = who_asks(x, asked, "dm.read", "tweet.read", "users.read")
        return _messages(x, asked, lambda one: reader in (one.sender, one.recipient))

    @x.answers("/2/dm_conversations/with/<person_id>/dm_events", limit="dm_events")
    def events_with(asked: Asked) -> object:
        reader, other = who_asks(x, asked, "dm.read"), _person(x, asked.values["person_id"])
        return _messages(x, asked, lambda one: {one.sender.id, one.recipient.id} == {reader.id, other.id})

    @x.answers("/2/dm_conversations/with/<person_id>/messages", "POST", limit="dm", status=201)
    def write_to(asked: Asked) -> object:
        sender = who_asks(x, asked, "dm.write", "tweet.read", "users.read")
        return _write(x, asked, sender, _person(x, asked.values["person_id"]))

    @x.answers("/2/dm_conversations/<conversation_id>/messages", "POST", limit="dm", status=201)
    def write_into(asked: Asked) -> object:
        sender = who_asks(x, asked, "dm.write", "tweet.read", "users.read")
        others = [one for one in asked.values["conversation_id"].split("-") if one != sender.id]
        return _write(x, asked, sender, _person(x, others[0]))


def _listen_for_files(x: "FakeX") -> None:
    @x.answers("/2/media/upload/initialize", "POST", limit="upload")
    def initialize(asked: Asked) -> object:
        who_asks(x, asked, "media.write")
        body = asked.json()
        if body.get("media_type") not in _KINDS or not body.get("media_category"):
            raise Refused(problem("invalid-request", 400, "Invalid Request", "media_type is not one of the allowed."))
        media_id = x.state.new_id(x.now())
        upload = Upload(media_id, body["media_category"], body["media_type"], int(body.get("total_bytes", 0)))
        x.state.uploads[media_id] = upload
        return {"data": {"id": media_id, "media_key": f"3_{media_id}", "expires_after_secs": 86400}}

    @x.answers("/2/media/upload/<media_id>/append", "POST", limit="upload")
    def append(asked: Asked) -> object:
        who_asks(x, asked, "media.write")
        body = asked.json()
        _upload(x, asked.values["media_id"]).chunks[int(body["segment_index"])] = base64.b64decode(body["media"])
        return {"data": {"expires_at": 1}}

    @x.answers("/2/media/upload/<media_id>/finalize", "POST", limit="upload")
    def finalize(asked: Asked) -> object:
        who_asks(x, asked, "media.write")
        upload = _upload(x, asked.values["media_id"])
        if len(upload.content) != upload.size:
            raise Refused(problem("invalid-request", 400, "Invalid Request", "The sizes do not match."))
        upload.is_finished, upload.checks_left = True, x.processing_checks
        return {"data": {"id": upload.id, "size": upload.size, **_processing(x, upload)}}

    @x.answers("/2/media/upload", limit="upload")
    def status(asked: Asked) -> object:
        who_asks(x, asked, "media.write")
        upload = _upload(x, asked.query.get("media_id", ""))
        upload.checks_left -= 1
        return {"data": {"id": upload.id, **_processing(x, upload)}}

    @x.answers("/2/dm_conversations/media/<path:name>", limit="dm_media")
    def message_file(asked: Asked) -> Answer:
        who_asks(x, asked, "dm.read")
        return _file(x, f"https://ton.twitter.com/1.1/ton/data/dm/{asked.values['name']}")


def _timeline(x: "FakeX", asked: Asked, belongs: Callable[[Post], bool]) -> Mapping[str, Any]:
    query = asked.query
    size = int(query.get("max_results", 10))
    if not 5 <= size <= 100:
        raise Refused(problem("invalid-request", 400, "Invalid Request", "max_results is not between 5 and 100"))
    found = [one for one in x.state.posts.values() if belongs(one) and one.id not in x.state.gone | x.hidden]
    found = [one for one in found if _in_bounds(one, query)]
    return _paged(x, sorted(found, key=lambda one: int(one.id), reverse=True)[:800], query, size)


def _in_bounds(post: Post, query: Mapping[str, str]) -> bool:
    number = int(post.id)
    is_after = number > int(query.get("since_id", 0)) and number < int(query.get("until_id", 2**63))
    return is_after and post.at.strftime("%Y-%m-%dT%H:%M:%SZ") >= query.get("start_time", "")


def _messages(x: "FakeX", asked: Asked, belongs: Callable[[Message], bool]) -> Mapping[str, Any]:
    found = [one for one in x.state.messages.values() if belongs(one)]
    size = int(asked.query.get("max_results", 100))
    return _paged(x, sorted(found, key=lambda one: int(one.id), reverse=True), asked.query, size)


def _paged(x: "FakeX", found: Sequence[Post | Message], query: Mapping[str, str], size: int) -> Mapping[str, Any]:
    """Tokens name the last item given, so that pages do not move when something new arrives."""
    after = query.get("pagination_token", "").removeprefix("token")
    left = [one for one in found if not after or int(one.id) < int(after)]
    page, rest = left[:size], left[size:]
    x.charge(len(page))
    meta: dict[str, Any] = {"result_count": len(page)}
    if rest:
        meta["next_token"] = f"token{page[-1].id}"
    return {**(answer_of(page, query, says_posts=x.says_posts) if page else {}), "meta": meta}


def _missing(x: "FakeX", post_id: str) -> Mapping[str, Any]:
    name = "not-authorized-for-resource" if post_id in x.hidden else "resource-not-found"
    words = f"Could not find tweet with ids: [{post_id}]."
    address = f"https://api.twitter.com/2/problems/{name}"
    return {"value": post_id, "resource_id": post_id, "parameter": "ids", "resource_type": "tweet", "type": address,
            "title": "Not Found Error", "detail": words}  # fmt: skip


def _refuse_writing(x: "FakeX") -> None:
    if not x.allows_writing:
        detail = "This request must be made using an approved developer account that is enrolled in the endpoint."
        raise Refused(problem("client-forbidden", 403, "Client Forbidden", detail, reason="client-not-enrolled"))


def _refuse_text(x: "FakeX", author: Person, text: str) -> None:
    if counted(text) > (LONG if author.subscription != "None" else SHORT):
        raise Refused(problem("", 403, "Forbidden", "Your Tweet text is too long."))
    if any(one.text == text and text and one.author is author for one in x.sent_posts):
        detail = "You are not allowed to create a Tweet with duplicate content."
        raise Refused(problem("", 403, "Forbidden", detail))


def _answered(x: "FakeX", author: Person, post_id: str | None) -> Post | None:
    """The post that is answered: only one whose author called for it."""
    if post_id is None:
        return None
    post = x.state.posts.get(str(post_id))
    if post is None or post.id in x.state.gone:
        detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
        raise Refused(problem("", 403, "Forbidden", detail))
    is_called = author in post.mentioned or (post.quotes is not None and post.quotes.author is author)
    if not is_called and post.author is not author:
        detail = "Reply to this conversation is not allowed because you have not been mentioned by its author."
        raise Refused(problem("", 403, "Forbidden", detail))
    return post


def _write(x: "FakeX", asked: Asked, sender: Person, recipient: Person) -> Mapping[str, Any]:
    _refuse_writing(x)
    body = asked.json()
    has_written = any(one.sender is recipient and one.recipient is sender for one in x.state.messages.values())
    if not recipient.takes_messages and not has_written:
        detail = "You do not have permission to DM one or more participants."
        raise Refused(problem("", 403, "Forbidden", detail))
    attached = [x.media_of(one["media_id"], of_message=True) for one in body.get("attachments", [])]
    if not body.get("text") and not attached:
        raise Refused(problem("invalid-request", 400, "Invalid Request", "text or attachments is required"))
    text = str(body.get("text", ""))
    message = x.store_message(sender, recipient, text, attached[0] if attached else None, is_by_app=True)
    x.sent_messages.append(message)
    x.tell(x.body_of(message))
    return {"data": {"dm_conversation_id": message.conversation_id, "dm_event_id": message.id}}


def _upload(x: "FakeX", media_id: str) -> Upload:
    if media_id not in x.state.uploads:
        raise Refused(problem("resource-not-found", 404, "Not Found Error", "There is no such media."))
    return x.state.uploads[media_id]


def _processing(x: "FakeX", upload: Upload) -> Mapping[str, Any]:
    if not upload.category.endswith(("video", "gif")):
        return {}
    state = "failed" if x.fails_processing else "succeeded"
    info: dict[str, Any] = {
        "state": "in_progress" if upload.checks_left > 0 else state,
        "check_after_secs": x.processing_pause_s,
    }
    if info["state"] == "failed":
        info["error"] = {"code": 1, "name": "InvalidMedia", "message": "Unsupported video format"}
    return {"processing_info": info}


def _person(x: "FakeX", person_id: str) -> Person:
    person = x.state.people.get(person_id)
    if person is None:
        raise Refused(problem("resource-not-found", 404, "Not Found Error", f"Could not find user: [{person_id}]."))
    return person


def _file(x: "FakeX", url: str) -> Answer:
    found: Media | None = next((one for one in x.state.media.values() if one.url == url), None)
    return Answer(200, found.content, {"Content-Type": found.content_type}) if found else Answer(404, "")
