"""Writing to a person through a page or an Instagram account, and who they are.

Pages: https://developers.facebook.com/docs/messenger-platform/reference/send-api,
https://developers.facebook.com/docs/messenger-platform/identity/user-profile
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import BinaryIO, Literal

from connectors.meta_graph.client import GraphClient
from connectors.meta_graph.faults import GraphRejected, Refusal
from connectors.meta_graph.json_fields import Fields, text
from connectors.meta_graph.types import AttachmentKind, Platform, Profile, QuickReply, SenderAction, SentMessage

Tag = Literal["HUMAN_AGENT"]

MOST_TEXT_CHARACTERS = 2000
MOST_INSTAGRAM_TEXT_BYTES = 1000
MOST_QUICK_REPLIES = 13

_PROFILE_FIELDS: dict[Platform, str] = {
    "messenger": "first_name,last_name,name,profile_pic",
    "instagram": "name,username,profile_pic",
}
_NO_PROFILE = {Refusal.NO_PROFILE, Refusal.NOT_FOUND}


def send_text(
    page: GraphClient,
    page_id: str,
    person_id: str,
    message: str,
    *,
    quick_replies: Sequence[QuickReply] = (),
    tag: Tag | None = None,
    reply_to: str | None = None,
    metadata: str = "",
) -> SentMessage:
    """Send text, as an answer within 24 hours or, with `tag`, within the seven days of a human agent.

    `reply_to` is the id of the message it answers; `metadata` comes back in the echo. Raises GraphRejected (its `refusal` says whether
    the window is over or another app holds the thread), TokenRefused, RateLimited, Unavailable.
    """
    content: dict[str, object] = {"text": message}
    if quick_replies:
        content["quick_replies"] = [_quick_reply(one) for one in quick_replies]
    if metadata:
        content["metadata"] = metadata
    return _send(page, page_id, {"recipient": {"id": person_id}, "message": content}, tag, reply_to)


def send_attachment_url(
    page: GraphClient, page_id: str, person_id: str, kind: AttachmentKind, url: str, *, tag: Tag | None = None
) -> SentMessage:
    """Have Meta fetch a file from a public address and send it; raises as `send_text`."""
    content = {"attachment": {"type": kind, "payload": {"url": url}}}
    return _send(page, page_id, {"recipient": {"id": person_id}, "message": content}, tag, None)


def send_attachment(
    page: GraphClient,
    page_id: str,
    person_id: str,
    kind: AttachmentKind,
    filename: str,
    content: bytes | BinaryIO,
    content_type: str,
    *,
    tag: Tag | None = None,
) -> SentMessage:
    """Upload a file and send it in one request; Messenger only. At most 25 MB, images 8 MB; raises as `send_text`."""
    form = {
        "recipient": json.dumps({"id": person_id}),
        "message": json.dumps({"attachment": {"type": kind, "payload": {}}}),
        **_messaging_type(tag),
    }
    answer = page.call("POST", f"{page_id}/messages", data=form, files={"filedata": (filename, content, content_type)})
    return _sent(answer)


def send_action(
    page: GraphClient,
    page_id: str,
    person_id: str,
    action: SenderAction,
    *,
    message_id: str = "",
    reaction: str = "love",
) -> None:
    """Show that somebody types, that the messages were seen, or react to the message `message_id`.

    https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions
    """
    body: dict[str, object] = {"recipient": {"id": person_id}, "sender_action": action}
    if action in ("react", "unreact"):
        body["payload"] = {"message_id": message_id, **({"reaction": reaction} if action == "react" else {})}
    page.post(f"{page_id}/messages", body)


def send_private_reply(page: GraphClient, page_id: str, comment_id: str, message: str) -> SentMessage:
    """Answer a comment by a message: one per comment, within seven days of it. Raises GraphRejected (ALREADY_ANSWERED …).

    https://developers.facebook.com/docs/messenger-platform/discovery/private-replies
    """
    body = {"recipient": {"comment_id": comment_id}, "message": {"text": message}}
    return _sent(page.post(f"{page_id}/messages", body))


def read_profile(page: GraphClient, person_id: str, platform: Platform = "messenger") -> Profile | None:
    """Return name and picture of a person, None where Meta does not let the page know them."""
    try:
        answer = page.get(person_id, {"fields": _PROFILE_FIELDS[platform]})
    except GraphRejected as error:
        if error.refusal in _NO_PROFILE:
            return None
        raise
    first, last = text(answer.get("first_name")), text(answer.get("last_name"))
    return Profile(
        id=text(answer.get("id")) or person_id,
        name=text(answer.get("name")) or f"{first} {last}".strip(),
        first_name=first,
        last_name=last,
        username=text(answer.get("username")),
        picture_url=text(answer.get("profile_pic")),
    )


def _send(
    page: GraphClient, page_id: str, body: dict[str, object], tag: Tag | None, reply_to: str | None
) -> SentMessage:
    answered = {"reply_to": {"mid": reply_to}} if reply_to else {}
    return _sent(page.post(f"{page_id}/messages", {**body, **answered, **_messaging_type(tag)}))


def _messaging_type(tag: Tag | None) -> dict[str, str]:
    return {"messaging_type": "MESSAGE_TAG", "tag": tag} if tag else {"messaging_type": "RESPONSE"}


def _quick_reply(reply: QuickReply) -> dict[str, str]:
    picture = {"image_url": reply.image_url} if reply.image_url else {}
    return {"content_type": "text", "title": reply.title, "payload": reply.payload, **picture}


def _sent(answer: Fields) -> SentMessage:
    return SentMessage(text(answer.get("message_id")), text(answer.get("recipient_id")))
