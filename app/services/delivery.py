"""The outbox: a queued message is leased, handed to its channel, and its outcome recorded. A crash at any point loses nothing."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import load_only

from app.domain.backoff import MOST_ATTEMPTS, retry_pause
from app.domain.events import DeliveryFailed, MessageSummary
from app.models import ChannelAccount, Conversation, DeliveryState, Direction, Message
from app.plugin_api.channel import Account, Channel
from app.plugin_api.errors import NeedsReauth, Permanent, Temporary
from app.plugin_api.messages import OutboundMessage, SendReceipt
from app.processes import is_gone, process_name
from app.services.account_view import account_view
from app.services.conversation_rows import add_activity, summary_of
from app.services.core import Core, Unit, writing
from app.services.outbound import outbound_message

__all__ = ["deliver", "due_messages"]

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Leased:
    account: Account
    message: OutboundMessage
    is_uncertain: bool


def due_messages(core: Core, limit: int = 100) -> list[int]:
    """Ids of messages to send now: queued ones whose time has come, and those whose sender died with the lease in hand."""
    now = core.clock.now()
    statement = (
        select(Message)
        .options(load_only(Message.delivery_state, Message.due_at, Message.leased_until, Message.lease_owner))
        .where(
            or_(
                (Message.delivery_state == DeliveryState.QUEUED) & (Message.due_at <= now),
                Message.delivery_state == DeliveryState.SENDING,
            )
        )
        .order_by(Message.due_at)
        .limit(limit)
    )
    rows = core.session.execute(statement).scalars().all()
    found = [message.id for message in rows if _is_due(message, now)]
    core.session.rollback()
    return found


def deliver(core: Core, message_id: int) -> str | None:
    """Make one attempt to send a message. Returns its state afterwards, or None when it was not its time or somebody else has it."""
    leased = _lease(core, message_id)
    if leased is None:
        return None
    channel = core.plugins.channels.get(leased.account.plugin)
    if channel is None:
        return _later(core, message_id, f"The plugin {leased.account.plugin} is not active.", None)
    try:
        receipt = _send(core, channel, leased)
    except NeedsReauth as error:
        return _later(core, message_id, f"The account must be signed in again: {error}", None, needs_reauth=True)
    except Temporary as error:
        return _later(core, message_id, str(error), error.retry_at)
    except Permanent as error:
        return _fail(core, message_id, error.reason)
    except (Exception, SystemExit) as error:  # plugin code: the message stays in the outbox whatever it does
        log.exception("plugin %s failed to send message %s", leased.account.plugin, message_id)
        return _later(core, message_id, f"The plugin failed ({type(error).__name__}).", None)
    return _record(core, message_id, receipt)


def _lease(core: Core, message_id: int) -> _Leased | None:
    with writing(core) as unit:
        message = unit.session.get(Message, message_id, with_for_update=True)
        if message is None or not _is_due(message, unit.now):
            return None
        is_uncertain = message.delivery_state == DeliveryState.SENDING
        message.delivery_state = DeliveryState.SENDING
        message.leased_until, message.lease_owner = unit.now + LEASE, process_name()
        message.attempts += 1
        row = unit.session.get_one(ChannelAccount, message.account_id)
        outbound = outbound_message(core, unit, message)
        return _Leased(account_view(core, row), outbound, is_uncertain)


def _is_due(message: Message, now: datetime) -> bool:
    if message.delivery_state == DeliveryState.QUEUED:
        return message.due_at is not None and message.due_at <= now
    if message.delivery_state != DeliveryState.SENDING:
        return False
    return message.leased_until is None or message.leased_until <= now or is_gone(message.lease_owner)


def _send(core: Core, channel: Channel, leased: _Leased) -> SendReceipt:
    """Hand the message over. After an attempt that ended without an answer the provider is asked first whether it has it already."""
    if leased.is_uncertain and channel.was_sent(leased.account, leased.message):
        return SendReceipt(leased.message.external_id)
    safe_account = replace(leased.account, secrets={})
    message = core.plugins.dispatcher.filter("filter_outbound", leased.message, account=safe_account)
    return channel.send(leased.account, message)


def _record(core: Core, message_id: int, receipt: SendReceipt) -> str:
    raw_sha256 = core.files.put(receipt.raw) if receipt.raw is not None else None
    with writing(core) as unit:
        message = unit.session.get_one(Message, message_id)
        message.delivery_state = DeliveryState.SENT
        message.sent_at, message.leased_until, message.last_error, message.undo = unit.now, None, "", None
        message.raw_sha256 = raw_sha256
        if receipt.external_id:
            message.external_id = receipt.external_id[:500]
        if receipt.refused:
            refused = "; ".join(f"{who}: {why}" for who, why in receipt.refused.items())
            message.last_error = f"Not everybody got it. {refused}"[:1000]
            data = {"recipients": list(receipt.refused)[:10]}
            add_activity(unit, message.conversation_id, "partly_refused", None, data)
        summary = _summary(unit, message)
        unit.announce("message_sent", message=summary)
    return DeliveryState.SENT


def _later(
    core: Core, message_id: int, reason: str, retry_at: datetime | None, *, needs_reauth: bool = False
) -> str:
    with writing(core) as unit:
        message = unit.session.get_one(Message, message_id)
        if message.attempts >= MOST_ATTEMPTS:
            _give_up(unit, message, reason)
            return DeliveryState.FAILED
        message.delivery_state = DeliveryState.QUEUED
        message.due_at = retry_at or unit.now + retry_pause(message.attempts)
        message.leased_until, message.last_error = None, reason[:1000]
        if needs_reauth:
            account = unit.session.get_one(ChannelAccount, message.account_id)
            account.state, account.last_error, account.failed_at = "needs_reauth", reason[:1000], unit.now
            unit.changed("account", id=account.id)
        _summary(unit, message)
    return DeliveryState.QUEUED


def _fail(core: Core, message_id: int, reason: str) -> str:
    with writing(core) as unit:
        _give_up(unit, unit.session.get_one(Message, message_id), reason)
    return DeliveryState.FAILED


def _give_up(unit: Unit, message: Message, reason: str) -> None:
    message.delivery_state = DeliveryState.FAILED
    message.leased_until, message.due_at, message.last_error = None, None, reason[:1000]
    add_activity(unit, message.conversation_id, "delivery_failed", None, {"reason": reason[:300]})
    unit.announce("delivery_failed", failure=DeliveryFailed(_summary(unit, message), reason))


def _summary(unit: Unit, message: Message) -> MessageSummary:
    """The message as plugins see it; also tells open browsers that its conversation changed."""
    conversation = unit.session.get_one(Conversation, message.conversation_id)
    unit.changed("conversation", id=conversation.id, number=conversation.number)
    return MessageSummary(
        id=message.id,
        conversation=summary_of(unit, conversation),
        direction=Direction.OUTBOUND,
        kind=message.kind,
        external_id=message.external_id,
        text=message.text,
        is_first=False,
        is_automatic=message.is_automatic,
        accepts_auto_reply=False,
        raw_sha256=message.raw_sha256,
        created_at=message.created_at,
        account_id=message.account_id,
    )
