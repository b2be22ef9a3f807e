"""Fetches the files that a message names; what WhatsApp no longer has is left out."""

import mimetypes
from dataclasses import replace

from connectors.errors import AuthExpired, Rejected
from connectors.meta_graph import GraphClient, TokenRefused
from connectors.meta_graph.events import WhatsAppFile, WhatsAppMessage
from connectors.meta_graph.types import Download
from connectors.meta_graph.whatsapp import download_media
from plugins.whatsapp.events import events_in
from plugins.whatsapp.graph import file_hosts, number_client
from plugins.whatsapp.translate import FILE
from tidings import Account, Host, RawEvent

__all__ = ["completed"]

MOST_BYTES = 100 * 1024 * 1024
"""What WhatsApp takes."""


def completed(host: Host, account: Account, event: RawEvent) -> RawEvent:
    """The event with its files. Raises `ChannelError` when WhatsApp cannot be asked now."""
    if event.meta.get("completed"):
        return event
    found, *_ = events_in(event)
    if not isinstance(found, WhatsAppMessage) or not found.files:
        return event
    files: dict[str, bytes] = {}
    told: list[dict[str, str]] = []
    with number_client(host, account) as client:
        for file in found.files:
            got = _fetched(host, client, file)
            if got is not None and got.content:
                files[FILE % len(told)] = got.content
                told.append({"name": _name(file), "type": _kind(file, got)})
    return replace(event, meta={**event.meta, "files": told, "completed": True}, files={**event.files, **files})


def _fetched(host: Host, client: GraphClient, file: WhatsAppFile) -> Download | None:
    try:
        return download_media(client, file.media_id, most_bytes=MOST_BYTES, allowed_hosts=file_hosts(host))
    except TokenRefused:
        raise
    except (Rejected, AuthExpired):  # gone, or an address that ended: those hold for five minutes
        return None


def _kind(file: WhatsAppFile, got: Download) -> str:
    """Without parameters: WhatsApp writes "audio/ogg; codecs=opus"."""
    return (file.mime_type.partition(";")[0].strip() or got.content_type or "application/octet-stream").lower()


def _name(file: WhatsAppFile) -> str:
    name = file.filename.replace("/", "_").replace("\\", "_")[-120:]
    if name:
        return name
    suffix = mimetypes.guess_extension(file.mime_type.partition(";")[0].strip()) or ""
    return f"{'voice message' if file.is_voice else file.kind}{suffix}"
