"""Sending one message over SMTP, and finding out whether it was sent already."""

from dataclasses import replace

from connectors.errors import Rejected
from connectors.imap_smtp import IMAPConnection
from plugins.mailbox.connection import imap_connection, smtp_connection
from plugins.mailbox.dkim_signing import SigningKey, read_key, signed, signing_domain
from plugins.mailbox.envelopes import hand_over
from plugins.mailbox.limits import note_largest
from plugins.mailbox.settings import APPEND, DELIVERED, SERVER, MailboxSettings
from tidings import Account, Host, OutboundMessage, Permanent, SendReceipt, mail_from_outbound

__all__ = ["compose", "is_in_sent", "send_message", "sent_folder", "signing_key", "was_sent"]

_MAIL = "message/rfc822"


def send_message(host: Host, account: Account, message: OutboundMessage) -> SendReceipt:
    """Hand a message to the account's SMTP server. Raises `ConnectorError`, or `Permanent` for what cannot stand in a mail."""
    with smtp_connection(host, account) as smtp:
        note_largest(host, account, smtp.size_limit)
        raw = compose(account, message, takes_8bit=smtp.takes_8bit)
        receipt = hand_over(host, account, smtp, message, raw)
    refused = {address: f"{refusal.code} {refusal.reason}" for address, refusal in receipt.refused.items()}
    return SendReceipt(message.external_id, refused=refused, raw=raw)


def compose(account: Account, message: OutboundMessage, *, takes_8bit: bool = False) -> bytes:
    """The mail, the same bytes for each attempt but for the moment in its signature. Only with a mail that is attached it may have 8 bits,
    where the server takes them and nothing is signed: servers further on may have to write it anew (RFC 6376 §5.3)."""
    settings = MailboxSettings.of(account)
    key = signing_key(account, settings)
    address = settings.sends_from(message.sender)
    named = replace(message, sender_name=settings.name_of(address) or message.sender_name)
    raw = mail_from_outbound(
        named,
        address,
        from_name=account.name,
        has_plus_addresses=settings.takes_tags_of(address),
        allow_8bit=takes_8bit and key is None and any(file.content_type == _MAIL for file in message.attachments),
    )
    return signed(raw, key) if key else raw


def signing_key(account: Account, settings: MailboxSettings) -> SigningKey | None:
    """The key that signs what leaves through an account; None where nothing is signed here. Raises `Permanent` when it cannot be read."""
    text = account.secret("dkim_key")
    if not settings.dkim_selector or not text:
        return None
    try:
        return SigningKey(signing_domain(settings.dkim_domain), settings.dkim_selector, read_key(text))
    except ValueError as error:
        raise Permanent(f"Nothing can be signed (DKIM). {error}") from error


def was_sent(host: Host, account: Account, message: OutboundMessage) -> bool | None:
    """Whether the Sent folder has the message. Its absence says something only where the server itself files what it takes over."""
    settings = MailboxSettings.of(account)
    if settings.sent_copy not in (SERVER, APPEND) or settings.receive_by == DELIVERED:
        return None
    with imap_connection(host, account) as imap:
        folder = sent_folder(imap, settings)
        if folder and is_in_sent(imap, folder, message.external_id):
            return True
    return False if settings.sent_copy == SERVER and folder else None


def sent_folder(imap: IMAPConnection, settings: MailboxSettings) -> str | None:
    """The folder for sent mail: the one the settings name, else the one the server marks or that has a usual name."""
    return settings.sent_folder or imap.find_sent()


def is_in_sent(imap: IMAPConnection, folder: str, message_id: str) -> bool:
    """Whether a folder holds a mail with this Message-ID. A folder that does not exist holds nothing."""
    try:
        imap.select(folder)
    except Rejected:
        return False
    return bool(imap.uids_with_message_id(message_id))
