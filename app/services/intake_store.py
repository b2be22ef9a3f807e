"""Writing one inbound message into its conversation, inside the transaction of `app.services.intake`."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import insert, select, update

from app.domain.events import ConversationSummary, MessageSummary
from app.domain.text import clean_line, preview_of
from app.models import (
    Activity,
    Attachment,
    ChannelAccount,
    Conversation,
    DeliveryState,
    Direction,
    EventState,
    InboundEvent,
    Message,
    MessageDelivery,
    MessageReference,
    Status,
    Team,
)
from app.plugin_api.channel import Account
from app.plugin_api.messages import InboundMessage, MessageKind, Participant
from app.services.contacts import find_or_create_contact, mark_bounced
from app.services.conversation_rows import create_conversation, set_status, summary_of
from app.services.core import Core, Unit
from app.services.counting import count_arrival
from app.services.indexing import index_message, people_of
from app.services.threads import join_conversation

__all__ = ["store_message"]

_LONGEST_TEXT = 2_000_000


def store_message(
    core: Core, unit: Unit, account: Account, event: InboundEvent, message: InboundMessage, raw_sha256: str
) -> tuple[str, int | None]:
    """Store a message unless it is known. Returns the event's state and the id of the message it is, or is a copy of."""
    key = _dedupe_key(message)
    known = _known_copy(unit, key, account.id)
    if known is not None:
        message_id, is_same_account = known
        if not is_same_account:
            _add_delivery(unit, message_id, account.id, key, event.id)
        return EventState.DUPLICATE, message_id
    if _is_ours(unit, message):
        return EventState.IGNORED, None
    conversation, joined_by, contact_id = _place(core, unit, account, message)
    message_id = _insert(unit, account, message, conversation.id, contact_id, joined_by, raw_sha256)
    _add_delivery(unit, message_id, account.id, key, event.id)
    _add_attachments(core, unit, conversation, message_id, message)
    is_first = joined_by == "new"
    _update_conversation(unit, conversation, message)
    count_arrival(unit.connection, account.id, unit.now)
    unit.connection.execute(
        update(ChannelAccount).where(ChannelAccount.id == account.id).values(received_at=unit.now)
    )
    if message.bounce is not None:
        _apply_bounce(unit, conversation, message)
    _announce(unit, conversation, message, message_id, account.id, is_first, raw_sha256)
    return EventState.PROCESSED, message_id


def _dedupe_key(message: InboundMessage) -> str:
    """Senders reuse ids, so the id alone is never trusted: a copy has the same id and the same content."""
    return hashlib.sha256(f"{message.external_id}\0{message.content_key}".encode()).hexdigest()


def _known_copy(unit: Unit, key: str, account_id: int) -> tuple[int, bool] | None:
    statement = select(MessageDelivery.message_id, MessageDelivery.account_id).where(MessageDelivery.dedupe_key == key)
    rows = unit.connection.execute(statement).all()
    if not rows:
        return None
    here = [message_id for message_id, account in rows if account == account_id]
    return (here[0], True) if here else (rows[0][0], False)


def _is_ours(unit: Unit, message: InboundMessage) -> bool:
    """True for a copy of what we sent that came back to us, such as through a Cc to our own address."""
    if not message.external_id:
        return False
    statement = select(Message.id).where(
        Message.external_id == message.external_id[:500], Message.direction == Direction.OUTBOUND
    )
    return unit.connection.execute(statement.limit(1)).first() is not None


def _place(
    core: Core, unit: Unit, account: Account, message: InboundMessage
) -> tuple[Conversation, str, int]:
    """The conversation for the message, why it is that one, and the sender's contact."""
    if message.bounce is not None and message.bounce.original_id:
        bounced = _bounced_conversation(unit, message.bounce.original_id)
        if bounced is not None:
            return bounced, "bounce", bounced.contact_id
    contact_id = find_or_create_contact(core, unit, message.sender)
    joined = join_conversation(core, unit, message, account_id=account.id, contact_id=contact_id)
    if joined is not None:
        conversation = unit.session.get(Conversation, joined.conversation_id, with_for_update=True)
        if conversation is not None:
            return conversation, joined.reason, contact_id
    conversation = create_conversation(
        unit,
        account_id=account.id,
        channel=account.plugin,
        contact_id=contact_id,
        subject=clean_line(message.subject, 500),
        status=Status.SPAM if message.is_spam else Status.OPEN,
        team_id=_team_for(core, unit, account, message),
        thread_key=message.thread_key,
    )
    return conversation, "new", contact_id


def _bounced_conversation(unit: Unit, original_id: str) -> Conversation | None:
    statement = (
        select(Conversation)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Message.external_id == original_id[:500], Message.direction == Direction.OUTBOUND)
        .limit(1)
    )
    return unit.session.execute(statement).scalar_one_or_none()


def _team_for(core: Core, unit: Unit, account: Account, message: InboundMessage) -> int | None:
    def exists(team_id: object) -> bool:
        return isinstance(team_id, int) and unit.session.get(Team, team_id) is not None

    chosen = core.plugins.dispatcher.ask("choose_team", accept=exists, message=message, account=account)
    if chosen is not None:
        return chosen
    return unit.session.scalar(select(ChannelAccount.team_id).where(ChannelAccount.id == account.id))


def _insert(
    unit: Unit,
    account: Account,
    message: InboundMessage,
    conversation_id: int,
    contact_id: int,
    joined_by: str,
    raw_sha256: str,
) -> int:
    recipients = {
        key: people
        for key in ("to", "cc", "reply_to")
        if (people := [_person(p) for p in getattr(message, key)[:200]])
    }
    text = message.text.replace("\0", "")[:_LONGEST_TEXT]
    reply_text = message.reply_text.replace("\0", "")[:_LONGEST_TEXT] if message.reply_text is not None else None
    values = {
        "conversation_id": conversation_id,
        "account_id": account.id,
        "direction": Direction.INBOUND,
        "kind": message.kind.value,
        "contact_id": contact_id,
        "sender_kind": message.sender.kind,
        "sender_value": message.sender.value[:320],
        "sender_name": clean_line(message.sender.name, 200),
        "created_at": unit.now,
        "sent_at": message.sent_at,
        "external_id": message.external_id[:500],
        "content_key": message.content_key[:64],
        "in_reply_to": message.in_reply_to[:500] if message.in_reply_to else None,
        "joined_by": joined_by,
        "is_automatic": False,
        "accepts_auto_reply": message.accepts_auto_reply,
        "raw_sha256": raw_sha256,
        "recipients": recipients,
        "fields": dict(message.fields),
        "defects": list(message.defects)[:50],
        "subject": clean_line(message.subject, 500),
        "text": text,
        "reply_text": None if reply_text == text else reply_text,
        "html": message.html.replace("\0", "")[:_LONGEST_TEXT] if message.html else None,
    }
    message_id = unit.connection.execute(insert(Message).values(**values)).inserted_primary_key[0]
    references = dict.fromkeys(r[:500] for r in (*message.references[-50:], message.in_reply_to or "") if r)
    if references:
        rows = [{"message_id": message_id, "reference": reference} for reference in references]
        unit.connection.execute(insert(MessageReference), rows)
    index_message(
        unit.connection,
        conversation_id=conversation_id,
        message_id=message_id,
        subject=values["subject"],
        people=people_of(values["sender_name"], values["sender_value"], recipients),
        body=text,
    )
    return message_id


def _person(participant: Participant) -> dict[str, str]:
    return {"kind": participant.kind, "value": participant.value[:320], "name": clean_line(participant.name, 200)}


def _add_delivery(unit: Unit, message_id: int, account_id: int, key: str, event_id: int) -> None:
    unit.connection.execute(
        insert(MessageDelivery).values(
            message_id=message_id, account_id=account_id, dedupe_key=key, event_id=event_id, received_at=unit.now
        )
    )


def _add_attachments(
    core: Core, unit: Unit, conversation: Conversation, message_id: int, message: InboundMessage
) -> None:
    rows = [
        {
            "message_id": message_id,
            "filename": clean_line(a.filename, 255) or "attachment",
            "content_type": clean_line(a.content_type, 120).lower() or "application/octet-stream",
            "size": len(a.data),
            "sha256": core.files.put(a.data),
            "is_inline": a.inline,
            "content_id": a.content_id[:255] if a.content_id else None,
        }
        for a in message.attachments
    ]
    if rows:
        unit.connection.execute(insert(Attachment), rows)
        conversation.has_attachments = conversation.has_attachments or any(not r["is_inline"] for r in rows)


_REOPENED: Iterable[str] = (Status.RESOLVED, Status.PENDING, Status.SNOOZED)


def _update_conversation(unit: Unit, conversation: Conversation, message: InboundMessage) -> None:
    conversation.message_count += 1
    conversation.active_at = unit.now
    said = message.reply_text if message.reply_text is not None else message.text
    conversation.preview = preview_of(said) or conversation.preview
    wants_answer = message.kind in (MessageKind.NORMAL, MessageKind.LIST)
    if wants_answer and conversation.waiting_since is None and conversation.status != Status.SPAM:
        conversation.waiting_since = unit.now
    if conversation.status in _REOPENED and (wants_answer or message.bounce is not None):
        set_status(unit, conversation, Status.OPEN, actor=None)
    unit.changed("conversation", id=conversation.id, number=conversation.number)


def _apply_bounce(unit: Unit, conversation: Conversation, message: InboundMessage) -> None:
    bounce = message.bounce
    permanent = [r for r in bounce.recipients if r.permanent]
    for recipient in permanent:
        mark_bounced(unit, message.sender.kind, recipient.address.lower(), recipient.diagnostic or recipient.status)
    if bounce.original_id and permanent:
        reason = "; ".join(f"{r.address}: {r.diagnostic or r.status}" for r in permanent)
        unit.connection.execute(
            update(Message)
            .where(Message.external_id == bounce.original_id[:500], Message.direction == Direction.OUTBOUND)
            .values(delivery_state=DeliveryState.FAILED, last_error=f"Returned as undeliverable: {reason}"[:1000])
        )
    data = {"addresses": [r.address for r in bounce.recipients][:5], "permanent": bool(permanent)}
    unit.session.add(Activity(conversation_id=conversation.id, kind="bounced", data=data, created_at=unit.now))


def _announce(
    unit: Unit,
    conversation: Conversation,
    message: InboundMessage,
    message_id: int,
    account_id: int,
    is_first: bool,
    raw_sha256: str,
) -> None:
    summary: ConversationSummary = summary_of(unit, conversation, address=message.sender)
    stored = MessageSummary(
        id=message_id,
        conversation=summary,
        direction=Direction.INBOUND,
        kind=message.kind.value,
        external_id=message.external_id,
        text=message.text,
        is_first=is_first,
        is_automatic=False,
        accepts_auto_reply=message.accepts_auto_reply,
        raw_sha256=raw_sha256,
        created_at=unit.now,
        account_id=account_id,
    )
    if is_first:
        unit.announce("conversation_created", conversation=summary, message=stored)
    if message.kind != MessageKind.BOUNCE:
        unit.announce("message_received", message=stored)
