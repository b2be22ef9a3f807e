"""The WhatsApp Cloud API: text, files and templates out, files in, read marks, numbers and templates of a business account.

Pages: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages,
https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media,
https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import BinaryIO

from connectors.meta_graph.client import GraphClient, every
from connectors.meta_graph.faults import refused
from connectors.meta_graph.json_fields import Fields, items, number, text
from connectors.meta_graph.media import META_HOSTS
from connectors.meta_graph.media import download as download_file
from connectors.meta_graph.types import Download, MediaInfo, MediaKind, SentMessage, WhatsAppNumber, WhatsAppTemplate

MOST_TEXT_CHARACTERS = 4096
_WITH_CAPTION = {"image", "video", "document"}


def send_text(
    client: GraphClient,
    number_id: str,
    to: str,
    message: str,
    *,
    reply_to: str | None = None,
    shows_preview: bool = False,
) -> SentMessage:
    """Send text from the business number `number_id`; `to` is a wa_id. `reply_to` quotes a message of theirs or ours.

    Raises GraphRejected (OUTSIDE_WINDOW: more than 24 hours since they wrote; then only a template arrives), TokenRefused,
    RateLimited, Unavailable. The window is often told only by a later webhook, a status "failed" with code 131047.
    """
    return _send(client, number_id, to, "text", {"body": message, "preview_url": shows_preview}, reply_to)


def send_media(
    client: GraphClient,
    number_id: str,
    to: str,
    kind: MediaKind,
    *,
    media_id: str = "",
    link: str = "",
    caption: str = "",
    filename: str = "",
    reply_to: str | None = None,
) -> SentMessage:
    """Send a file that was uploaded (`media_id`) or that Meta is to fetch (`link`); exactly one of the two."""
    if bool(media_id) == bool(link):
        raise ValueError("A file has either a media_id or a link.")
    content: dict[str, object] = {"id": media_id} if media_id else {"link": link}
    if caption and kind in _WITH_CAPTION:
        content["caption"] = caption
    if filename and kind == "document":
        content["filename"] = filename
    return _send(client, number_id, to, kind, content, reply_to)


def send_template(
    client: GraphClient,
    number_id: str,
    to: str,
    name: str,
    language: str,
    components: Sequence[Mapping[str, object]] = (),
) -> SentMessage:
    """Send an approved template, which is allowed at any time. `components` hold the values of its places, as Meta writes them."""
    content = {"name": name, "language": {"code": language}, **({"components": list(components)} if components else {})}
    return _send(client, number_id, to, "template", content, None)


def send_reaction(client: GraphClient, number_id: str, to: str, message_id: str, emoji: str) -> SentMessage:
    """React to a message; an empty `emoji` takes the reaction back."""
    return _send(client, number_id, to, "reaction", {"message_id": message_id, "emoji": emoji}, None)


def mark_read(client: GraphClient, number_id: str, message_id: str, *, is_typing: bool = False) -> None:
    """Mark a message of theirs and all before it as read; `is_typing` also shows that somebody writes."""
    typing = {"typing_indicator": {"type": "text"}} if is_typing else {}
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id, **typing}
    client.post(f"{number_id}/messages", body)


def upload_media(
    client: GraphClient, number_id: str, filename: str, content: bytes | BinaryIO, content_type: str
) -> str:
    """Upload a file to be sent within 30 days; returns its media id."""
    answer = client.call(
        "POST",
        f"{number_id}/media",
        data={"messaging_product": "whatsapp", "type": content_type},
        files={"file": (filename, content, content_type)},
    )
    return text(answer.get("id"))


def read_media(client: GraphClient, media_id: str) -> MediaInfo:
    """Return where a file is, for five minutes. Raises GraphRejected (NOT_FOUND) after 30 days, or 7 for those we were sent."""
    answer = client.get(media_id)
    return MediaInfo(
        id=text(answer.get("id")) or media_id,
        url=text(answer.get("url")),
        mime_type=text(answer.get("mime_type")),
        sha256=text(answer.get("sha256")),
        size=number(answer.get("file_size")),
    )


def download_media(
    client: GraphClient, media_id: str, *, most_bytes: int, allowed_hosts: Collection[str] = META_HOSTS
) -> Download:
    """Fetch a file that somebody sent. Raises as `read_media` and `media.download`; Rejected "damaged" if its checksum differs."""
    info = read_media(client, media_id)
    if info.size is not None and info.size > most_bytes:
        raise refused(f"The file has {info.size} bytes, at most {most_bytes} are fetched.", "too_big")
    got = download_file(
        client.session, info.url, most_bytes=most_bytes, allowed_hosts=allowed_hosts, headers=client.authorization
    )
    if len(info.sha256) == 64 and hashlib.sha256(got.content).hexdigest() != info.sha256.lower():
        raise refused("The file is not what WhatsApp said it would be.", "damaged", "fetch")
    return got


def list_numbers(client: GraphClient, business_id: str) -> tuple[WhatsAppNumber, ...]:
    """Return the numbers of a WhatsApp business account. Needs whatsapp_business_management."""
    params = {"fields": "id,display_phone_number,verified_name,quality_rating", "limit": 100}
    edge = f"{business_id}/phone_numbers"
    return tuple(every(lambda after: client.listing(edge, params, _number, after=after), most=1000))


def list_templates(client: GraphClient, business_id: str) -> tuple[WhatsAppTemplate, ...]:
    """Return the message templates of a WhatsApp business account, in every state of approval."""
    params = {"fields": "id,name,language,status,category,components", "limit": 100}
    edge = f"{business_id}/message_templates"
    return tuple(every(lambda after: client.listing(edge, params, _template, after=after), most=10_000))


def subscribe(client: GraphClient, business_id: str) -> None:
    """Have the webhooks of a WhatsApp business account sent to the app; which fields is set in its dashboard."""
    client.post(f"{business_id}/subscribed_apps")


def unsubscribe(client: GraphClient, business_id: str) -> None:
    """Have no more webhooks of the account sent to the app."""
    client.delete(f"{business_id}/subscribed_apps")


def _send(
    client: GraphClient, number_id: str, to: str, kind: str, content: Mapping[str, object], reply_to: str | None
) -> SentMessage:
    quoted = {"context": {"message_id": reply_to}} if reply_to else {}
    head = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": kind}
    answer = client.post(f"{number_id}/messages", {**head, kind: content, **quoted})
    message: Fields = next(iter(items(answer.get("messages"))), {})
    contact: Fields = next(iter(items(answer.get("contacts"))), {})
    return SentMessage(text(message.get("id")), text(contact.get("wa_id")))


def _number(item: Fields) -> WhatsAppNumber:
    return WhatsAppNumber(
        id=text(item.get("id")),
        display_number=text(item.get("display_phone_number")),
        verified_name=text(item.get("verified_name")),
        quality=text(item.get("quality_rating")),
    )


def _template(item: Fields) -> WhatsAppTemplate:
    return WhatsAppTemplate(
        id=text(item.get("id")),
        name=text(item.get("name")),
        language=text(item.get("language")),
        status=text(item.get("status")),
        category=text(item.get("category")),
        components=items(item.get("components")),
    )
