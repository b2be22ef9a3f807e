"""The outbox: a queued message is leased, handed to its channel, and its outcome recorded. A crash at any point loses nothing."""

import logging
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import load_only

from app.domain.backoff import MOST_ATTEMPTS, next_attempt, retry_pause
from app.domain.leases import is_leased
from app.domain.text import clean_line
from app.errors import ConfigError
from app.models import ChannelAccount, DeliveryState, Message
from app.plugin_api.channel import Account, Channel
from app.plugin_api.errors import NeedsReauth, Permanent, Temporary
from app.plugin_api.messages import OutboundMessage, SendReceipt
from app.processes import is_gone, process_name
from app.redaction import masked
from app.services.account_trouble import sending_fails, sending_works, sign_in_needed
from app.services.account_view import account_view, shown_to_others
from app.services.automatic_answers import note_person_wrote
from app.services.conversation_rows import add_activity
from app.services.core import Core, Unit, writing
from app.services.outbound import StoredFile, outbound_message, with_files
from app.services.outcomes import give_up, outbound_summary
from app.services.outgoing.leaving import begin, give_up_if_refused
from app.services.threads import name_thread

__all__ = ["LEASE", "deliver", "due_accounts", "due_messages", "keep_leases"]

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
_RECORDING_PAUSES_S = (0.5, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class _Leased:
    account: Account
    message: OutboundMessage
    files: list[StoredFile]
    is_uncertain: bool


def due_messages(core: Core, *, account_id: int | None = None, limit: int = 100) -> list[int]:
    """Ids of messages to send now, oldest first: queued ones whose time has come, and those whose sender died with the lease in hand.

    Nothing leaves through an account that is paused or must be signed in again; its messages wait for it.
    """
    now = core.clock.now()
    statement = (
        select(Message)
        .options(load_only(Message.delivery_state, Message.due_at, Message.leased_until, Message.lease_owner))
        .where(_may_be_due(now))
        .order_by(Message.due_at, Message.id)
        .limit(limit)
    )
    if account_id is not None:
        statement = statement.where(Message.account_id == account_id)
    rows = core.session.execute(statement).scalars().all()
    found = [message.id for message in rows if _is_due(message, now)]
    core.session.rollback()
    return found


def due_accounts(core: Core) -> dict[int, int]:
    """The accounts with messages to send, and how many each has; those being sent at this moment are among them."""
    statement = (
        select(Message.account_id, func.count()).where(_may_be_due(core.clock.now())).group_by(Message.account_id)
    )
    found = {account_id: count for account_id, count in core.session.execute(statement)}
    core.session.rollback()
    return found


def keep_leases(core: Core, message_ids: Collection[int]) -> None:
    """Prolong the leases of messages that this process is sending, so that nobody else takes up what merely takes long."""
    with writing(core) as unit:
        unit.connection.execute(
            update(Message)
            .where(
                Message.id.in_(list(message_ids)),
                Message.delivery_state == DeliveryState.SENDING,
                Message.lease_owner == process_name(),
            )
            .values(leased_until=unit.now + LEASE)
        )


def deliver(core: Core, message_id: int) -> str | None:
    """Make one attempt to send a message. Returns its state afterwards, or None when it was not its time, somebody else has it, or it
    stays here because the contact wrote first."""
    if give_up_if_refused(core, message_id):
        return DeliveryState.FAILED
    try:
        leased = _lease(core, message_id)
    except ConfigError as error:  # the account's secrets cannot be read
        return _later(core, message_id, str(error), None, is_uncertain=None, needs_reauth=True)
    if leased is None:
        return None
    channel = core.plugins.channels.get(leased.account.plugin)
    if channel is None:
        reason = f"The plugin {leased.account.plugin} is not active."
        return _later(core, message_id, reason, None, is_uncertain=leased.is_uncertain)
    try:
        receipt = _send(core, channel, leased)
    except NeedsReauth as error:
        return _later(core, message_id, str(error), None, is_uncertain=leased.is_uncertain, needs_reauth=True)
    except Temporary as error:
        is_uncertain = leased.is_uncertain or error.outcome_unknown
        return _later(core, message_id, str(error), error.retry_at, is_uncertain=is_uncertain)
    except Permanent as error:
        return _fail(core, message_id, str(error.reason), is_uncertain=leased.is_uncertain)
    except (Exception, SystemExit) as error:  # plugin code: the message stays in the outbox whatever it does
        log.exception("plugin %s failed to send message %s", leased.account.plugin, message_id)
        return _later(core, message_id, f"The plugin failed ({type(error).__name__}).", None, is_uncertain=True)
    return _insist(lambda: _record(core, message_id, receipt), message_id)


def _lease(core: Core, message_id: int) -> _Leased | None:
    with writing(core) as unit:
        message = unit.session.get(Message, message_id, with_for_update=True)
        if message is None or not _is_due(message, unit.now):
            return None
        row = unit.session.get_one(ChannelAccount, message.account_id)
        if row.state != "active":
            return None
        account = account_view(core, row)
        if not begin(unit, message):
            return None
        is_uncertain = bool(message.lease_owner)
        message.delivery_state = DeliveryState.SENDING
        message.leased_until, message.lease_owner = unit.now + LEASE, process_name()
        message.attempts += 1
        outbound, files = outbound_message(core, unit, message)
        return _Leased(account, outbound, files, is_uncertain)


def _may_be_due(now: datetime) -> ColumnElement[bool]:
    """What can be told in the database; `_is_due` decides about those that are being sent."""
    is_time = (Message.delivery_state == DeliveryState.QUEUED) & (Message.due_at <= now)
    is_active = select(ChannelAccount.id).where(ChannelAccount.state == "active")
    return and_(or_(is_time, Message.delivery_state == DeliveryState.SENDING), Message.account_id.in_(is_active))


def _is_due(message: Message, now: datetime) -> bool:
    if message.delivery_state == DeliveryState.QUEUED:
        return message.due_at is not None and message.due_at <= now
    if message.delivery_state != DeliveryState.SENDING:
        return False
    return not is_leased(message.leased_until, now, LEASE) or is_gone(message.lease_owner)


def _send(core: Core, channel: Channel, leased: _Leased) -> SendReceipt:
    """Hand the message over. While nobody knows how an earlier attempt ended, the provider is asked first whether it has it already."""
    guarded = core.plugins.dispatcher.guarded(leased.account.plugin, "send", limit_s=math.inf)
    if leased.is_uncertain and guarded(channel.was_sent, leased.account, leased.message):
        return SendReceipt(leased.message.external_id)
    message = _with_files(core, leased)
    filtered = core.plugins.dispatcher.filter("filter_outbound", message, account=shown_to_others(leased.account))
    fixed = {name: getattr(message, name) for name in ("message_id", "conversation_id", "external_id", "created_at")}
    return _sound_receipt(guarded(channel.send, leased.account, replace(filtered, **fixed)), leased)


def _with_files(core: Core, leased: _Leased) -> OutboundMessage:
    try:
        return with_files(core, leased.message, leased.files)
    except FileNotFoundError:
        raise Permanent("A file of this message is missing from the file storage.") from None
    except OSError as error:
        raise Temporary(f"A file of this message cannot be read: {error.strerror or error}.") from error


def _sound_receipt(receipt: object, leased: _Leased) -> SendReceipt:
    """What the channel answered, or the least it says when it is no receipt: the message was handed over and must not be sent again."""
    is_sound = (
        isinstance(receipt, SendReceipt)
        and isinstance(receipt.external_id, str)
        and isinstance(receipt.refused, Mapping)
        and isinstance(receipt.raw, bytes | None)
        and isinstance(receipt.thread_key, str | None)
    )
    if not is_sound:
        log.error(
            "plugin %s gave %r as a receipt for message %s", leased.account.plugin, receipt, leased.message.message_id
        )
    return cast(SendReceipt, receipt) if is_sound else SendReceipt(leased.message.external_id)


def _insist(record: Callable[[], str], message_id: int) -> str:
    """Write down that a message was sent, even when the database is away for some seconds: forgetting it could send it twice."""
    for pause_s in _RECORDING_PAUSES_S:
        try:
            return record()
        except (OperationalError, InterfaceError, OSError) as error:
            log.warning("message %s was sent, which cannot be written down yet: %s", message_id, error)
            time.sleep(pause_s)
    return record()


def _record(core: Core, message_id: int, receipt: SendReceipt) -> str:
    raw_sha256 = core.files.put(receipt.raw) if receipt.raw is not None else None
    with writing(core) as unit:
        message = unit.session.get_one(Message, message_id)
        message.delivery_state = DeliveryState.SENT
        message.sent_at, message.last_error, message.undo = unit.now, "", None
        _end_lease(message, is_uncertain=False)
        message.raw_sha256 = raw_sha256
        if receipt.external_id:
            message.external_id = clean_line(receipt.external_id, 500)
        if receipt.thread_key:
            name_thread(unit.connection, message.conversation_id, message.account_id, receipt.thread_key)
        if receipt.refused:
            refused = "; ".join(f"{who}: {why}" for who, why in receipt.refused.items())
            message.last_error = clean_line(f"Not everybody got it. {refused}", 1000)
            data = {"recipients": [clean_line(str(who), 320) for who in receipt.refused][:10]}
            add_activity(unit, message.conversation_id, "partly_refused", None, data)
        sending_works(unit, message.account_id)
        if not message.is_automatic:
            note_person_wrote(unit, message.recipients)
        summary = outbound_summary(unit, message)
        unit.announce("message_sent", message=summary)
    return DeliveryState.SENT


def _later(
    core: Core,
    message_id: int,
    reason: str,
    retry_at: datetime | None,
    *,
    is_uncertain: bool | None,
    needs_reauth: bool = False,
) -> str:
    """Put the message back. `is_uncertain`: an attempt may have reached the provider; None leaves what was known about that."""
    with writing(core) as unit:
        message = unit.session.get_one(Message, message_id)
        _end_lease(message, is_uncertain)
        reason = masked(reason)
        due_at = _next_try(unit.now, message.attempts, retry_at)
        if needs_reauth:
            _stop_account(unit, message, reason)
            due_at = unit.now  # it leaves as soon as the account works again
        elif message.attempts >= MOST_ATTEMPTS:
            give_up(unit, message, reason)
            return DeliveryState.FAILED
        else:
            sending_fails(unit, unit.session.get_one(ChannelAccount, message.account_id), message.attempts, reason)
        message.delivery_state = DeliveryState.QUEUED
        message.due_at = due_at
        message.last_error = clean_line(reason, 1000)
        outbound_summary(unit, message)
    return DeliveryState.QUEUED


def _next_try(now: datetime, attempts: int, wish: datetime | None) -> datetime:
    """Not before the provider wishes, nor before the pause that grows with each attempt: a short wish that is repeated for a day must not
    use up all attempts."""
    pause = retry_pause(max(attempts, 1))
    return max(next_attempt(now, pause, wish), now + pause)


def _stop_account(unit: Unit, message: Message, reason: str) -> None:
    """The account waits for its owner and the message for the account: the attempt was not the message's, so it does not count."""
    account = unit.session.get_one(ChannelAccount, message.account_id)
    if account.state == "active":
        account.state = "needs_reauth"
        account.revision += 1
        sign_in_needed(unit, account, reason)
    account.last_error, account.failed_at = clean_line(reason, 1000), unit.now
    message.attempts = max(message.attempts - 1, 0)
    unit.changed("account", id=account.id)


def _fail(core: Core, message_id: int, reason: str, *, is_uncertain: bool) -> str:
    with writing(core) as unit:
        message = unit.session.get_one(Message, message_id)
        _end_lease(message, is_uncertain)
        give_up(unit, message, masked(reason))
    return DeliveryState.FAILED


def _end_lease(message: Message, is_uncertain: bool | None) -> None:
    """Nobody sends it any more. Its last owner stays named while the message may have left unnoticed: the next attempt asks first."""
    message.leased_until = None
    if is_uncertain is False:
        message.lease_owner = ""
