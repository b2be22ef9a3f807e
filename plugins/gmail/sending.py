"""Sending one message into its thread, and finding out whether it was sent already."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from connectors.errors import ConnectorError, Rejected
from connectors.gmail import GmailClient, SentMessage, dated_query
from plugins.gmail.events import OWN_HEADER
from plugins.gmail.mailbox import Mailbox
from plugins.gmail.messages import Seen, note_messages, thread_of, was_sent_as
from plugins.gmail.settings import GmailSettings
from plugins.gmail.signature import with_signature
from tidings import Account, Host, OutboundMessage, Permanent, SendReceipt, mail_from_outbound

__all__ = ["compose", "send_message", "was_sent"]

LARGEST = 35 * 1024 * 1024
"""Bytes that Gmail takes (https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send)."""
CLOCKS_DIFFER = timedelta(minutes=10)
MOST_LOOKED_AT = 300
GONE = frozenset({"notFound", "NOT_FOUND", 404})


def send_message(host: Host, account: Account, mailbox: Mailbox, message: OutboundMessage) -> SendReceipt:
    """Hand a message to Gmail. Raises `ConnectorError`, or `Permanent` for what cannot be sent as a mail.

    The receipt names it by the id that Gmail gave it, because answers will.
    """
    raw = compose(account, message)
    if len(raw) > LARGEST:
        raise Permanent("This is larger than Gmail takes. Send the files another way, such as by a link.")
    named = tuple(filter(None, (*message.references, message.in_reply_to)))
    sent = _sent(mailbox, raw, thread_of(host, account.id, named))
    external_id = _id_at_gmail(host, mailbox, sent.id) or message.external_id
    note_messages(host, account.id, [Seen(sent.id, sent.thread_id, external_id, sent_as=message.external_id)])
    return SendReceipt(external_id, raw=raw)


def compose(account: Account, message: OutboundMessage) -> bytes:
    """The mail, the same bytes for each attempt."""
    settings = GmailSettings.of(account)
    named = replace(message, sender_name=settings.display_name or message.sender_name)
    return mail_from_outbound(
        with_signature(named, settings.signature),
        settings.sender,
        from_name=account.name,
        has_plus_addresses=settings.has_plus_addresses,
        extra_headers={OWN_HEADER: f"<{message.external_id}>"},
    )


def was_sent(host: Host, account: Account, mailbox: Mailbox, message: OutboundMessage) -> bool:
    """Whether Gmail took the message. It has another id there, but still carries our own line."""
    if was_sent_as(host, account.id, message.external_id):
        return True
    wanted = f"<{message.external_id}>"
    for gmail_id in _sent_since(mailbox, message):
        lines = mailbox.ask(GmailClient.headers, gmail_id, [OWN_HEADER, "Message-ID"]) or {}
        if wanted in (lines.get(OWN_HEADER.lower()), lines.get("message-id")):
            return True
    return False


def _sent(mailbox: Mailbox, raw: bytes, thread_id: str | None) -> SentMessage:
    """A thread that somebody has deleted meanwhile is no reason not to send."""
    try:
        return mailbox.ask(GmailClient.send, raw, thread_id=thread_id)
    except Rejected as error:
        if thread_id is None or error.code not in GONE:
            raise
    return mailbox.ask(GmailClient.send, raw)


def _id_at_gmail(host: Host, mailbox: Mailbox, gmail_id: str) -> str:
    """The Message-ID that Gmail gave a message; empty when it cannot be asked for now, which must not look as if nothing was sent."""
    try:
        lines = mailbox.ask(GmailClient.headers, gmail_id, ["Message-ID"]) or {}
    except ConnectorError as error:
        host.log.warning("the id of a message that was sent could not be read: %s", error.reason)
        return ""
    return lines.get("message-id", "").strip("<> ")


def _sent_since(mailbox: Mailbox, message: OutboundMessage) -> Iterator[str]:
    """What left the mailbox since the message was written, newest first."""
    query, page_token, count = dated_query(after=message.created_at - CLOCKS_DIFFER), None, 0
    while count < MOST_LOOKED_AT:
        page = mailbox.ask(GmailClient.messages, query, label_ids=["SENT"], page_token=page_token)
        yield from (one.id for one in page.messages)
        count += len(page.messages)
        page_token = page.next_page_token
        if not page_token:
            return
