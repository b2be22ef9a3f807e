"""From what is stored of Gmail to the host's messages and updates. Pure; what a mail means is `tidings.inbound_from_mail`'s knowledge."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from plugins.gmail.events import LABELS, OWN_HEADER, ThreadLabels, header_of
from plugins.gmail.settings import GmailSettings
from tidings import (
    MAIL,
    Account,
    ConversationUpdate,
    InboundMessage,
    Participant,
    RawEvent,
    UnsupportedEvent,
    inbound_from_mail,
)

__all__ = ["translated_event"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECEIVING_HOSTS = ("mx.google.com", "2002:a05:*")
"""How Gmail's servers call themselves: to the world, and among themselves."""
SENT, INBOX, SPAM = "SENT", "INBOX", "SPAM"


def translated_event(account: Account, event: RawEvent) -> Sequence[InboundMessage | ConversationUpdate]:
    """The message of one event with what its labels say of its conversation, or what changed labels say.

    Raises `UnrecognisedPayload` for what is no mail, `UnsupportedEvent` for mail that somebody sent to themselves.
    """
    settings = GmailSettings.of(account)
    if event.content_type == LABELS:
        return _updates(ThreadLabels.read(event.payload), settings)
    received_at = _received_at(event)
    labels = _labels(event)
    message = inbound_from_mail(event.payload, received_at, RECEIVING_HOSTS)
    if SENT in labels:
        return [_written_elsewhere(message, event.payload, account, settings, labels)]
    message = replace(_from_whom_it_is(message, settings), is_spam=SPAM in labels)
    return [message, *_said_on_arrival(message, labels, settings)]


def _said_on_arrival(
    message: InboundMessage, labels: frozenset[str], settings: GmailSettings
) -> list[ConversationUpdate]:
    """What labels say that a filter of Gmail put on a message. That it is not in the inbox says nothing: so it arrived."""
    status = settings.meaning.status_after(labels - {INBOX}, frozenset(), labels | {INBOX})
    return _update(message.external_id, message.sent_at, status, settings.meaning.tags_of(labels), ())


def _updates(change: ThreadLabels, settings: GmailSettings) -> list[ConversationUpdate]:
    """What a thread's labels say. One that was put on and taken off again says nothing."""
    added, removed = change.added & change.now, change.removed - change.now
    status = settings.meaning.status_after(added, removed, change.now)
    add_tags, remove_tags = settings.meaning.tags_of(added), settings.meaning.tags_of(removed)
    return _update(change.external_id, change.at, status, add_tags, remove_tags)


def _update(
    external_id: str, at: datetime, status: str, add_tags: tuple[str, ...], remove_tags: tuple[str, ...]
) -> list[ConversationUpdate]:
    """Nothing where nothing is said, and about a mail that has no id to name it by."""
    if not external_id or not (status or add_tags or remove_tags):
        return []
    said = ConversationUpdate(at=at, external_id=external_id, status=status, add_tags=add_tags, remove_tags=remove_tags)
    return [said]


def _received_at(event: RawEvent) -> datetime:
    try:
        return datetime.fromisoformat(str(event.meta["received_at"])).astimezone(UTC)
    except (KeyError, ValueError):
        return _EPOCH


def _labels(event: RawEvent) -> frozenset[str]:
    labels = event.meta.get("labels")
    return frozenset(map(str, labels)) if isinstance(labels, Iterable) and not isinstance(labels, str) else frozenset()


def _written_elsewhere(
    message: InboundMessage, raw: bytes, account: Account, settings: GmailSettings, labels: frozenset[str]
) -> InboundMessage:
    """What has left the mailbox: an answer somebody wrote in Gmail. One of Tidings gets its own id back, so that it is recognised."""
    others = [one for one in (*message.to, *message.cc) if one.value not in settings.own_addresses]
    if not others:
        if INBOX in labels and message.reply_to:
            return _from_whom_it_is(message, settings)
        raise UnsupportedEvent("Somebody sent this to themselves.")
    return replace(
        message,
        external_id=header_of(raw, OWN_HEADER) or message.external_id,
        sender=Participant(MAIL, settings.address, message.sender.name or account.name),
        to=tuple(dict.fromkeys((others[0], *message.to))),
        is_echo=True,
    )


def _from_whom_it_is(message: InboundMessage, settings: GmailSettings) -> InboundMessage:
    """Forms on websites often send in the name of the mailbox itself and name the customer in Reply-To: then that is who wrote, as far as
    this can be believed. A second one there wrote nothing."""
    others = tuple(one for one in message.reply_to if one.value not in settings.own_addresses)
    if message.sender.value not in settings.own_addresses or not others:
        return message
    fields = {**message.fields, "Sent in the name of": message.sender.value}
    return replace(message, sender=others[0], reply_to=others[:1], is_sender_claimed=True, fields=fields)
