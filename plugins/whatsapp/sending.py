"""Hands an answer to WhatsApp: a template, or text and files. A message of several parts is several requests: which are done is
remembered, so that a repeated attempt goes on where the last ended."""

from collections.abc import Callable

from connectors.meta_graph import GraphClient, whatsapp
from connectors.meta_graph.types import MediaKind
from connectors.meta_graph.whatsapp import MOST_TEXT_CHARACTERS
from plugins.whatsapp.names import digits_of, template_of, thread_key, wa_id_of
from tidings import Account, Host, OutboundAttachment, OutboundMessage, Permanent, SendReceipt

__all__ = ["send"]

Part = Callable[[], str]
_MEGABYTE = 1024 * 1024
_KINDS: dict[str, tuple[MediaKind, int]] = {
    "image/jpeg": ("image", 5), "image/png": ("image", 5),
    "video/mp4": ("video", 16), "video/3gpp": ("video", 16),
    "audio/aac": ("audio", 16), "audio/amr": ("audio", 16), "audio/mpeg": ("audio", 16), "audio/mp4": ("audio", 16),
    "audio/ogg": ("audio", 16),
}  # fmt: skip
"""Content types that WhatsApp shows, as what, up to how many megabytes; anything else goes as a document."""
_MOST_DOCUMENT = 100


def send(host: Host, client: GraphClient, account: Account, message: OutboundMessage) -> SendReceipt:
    """Send what is not sent yet. Raises `ConnectorError`, or `Permanent` for what WhatsApp never takes."""
    to = wa_id_of(message.thread_key) or digits_of(message.to[0])
    if not to:
        raise Permanent("This is no number that WhatsApp could reach.")
    template = template_of(message.choice)
    if template is not None:
        sent = whatsapp.send_template(client, _number_id(account), to, *template)
        return SendReceipt(sent.message_id, thread_key=thread_key(sent.recipient_id or to, ""))
    _check(message)
    key = f"parts:{message.message_id}"
    done: list[str] = list(host.store.get(key, []))
    for part in _parts(client, account, to, message)[len(done) :]:
        done.append(part())
        host.store.set(key, done)
    host.store.delete(key)
    return SendReceipt(done[0], thread_key=thread_key(to, ""))


def _parts(client: GraphClient, account: Account, to: str, message: OutboundMessage) -> list[Part]:
    number_id = _number_id(account)

    def text() -> str:
        return whatsapp.send_text(client, number_id, to, message.text, shows_preview=True).message_id

    def file(one: OutboundAttachment) -> Part:
        def upload() -> str:
            media_id = whatsapp.upload_media(client, number_id, one.filename, one.data, one.content_type)
            kind = kind_of(one)[0]
            return whatsapp.send_media(client, number_id, to, kind, media_id=media_id, filename=one.filename).message_id

        return upload

    return [*([text] if message.text.strip() else []), *(file(one) for one in message.attachments)]


def kind_of(file: OutboundAttachment) -> tuple[MediaKind, int]:
    """As what a file goes out, and how many megabytes it may have."""
    known = _KINDS.get(file.content_type.partition(";")[0].strip().lower())
    return known or ("document", _MOST_DOCUMENT)


def _check(message: OutboundMessage) -> None:
    if len(message.text) > MOST_TEXT_CHARACTERS:
        count = f"{len(message.text):,}"
        raise Permanent(
            f"WhatsApp takes at most {MOST_TEXT_CHARACTERS:,} characters in a message; this one has {count}."
        )
    for file in message.attachments:
        most = kind_of(file)[1]
        if len(file.data) > most * _MEGABYTE:
            raise Permanent(f"WhatsApp takes files of this kind up to {most} MB; {file.filename} is bigger.")
    if not message.text.strip() and not message.attachments:
        raise Permanent("There is nothing in the message.")


def _number_id(account: Account) -> str:
    return str(account.settings.get("number_id"))
