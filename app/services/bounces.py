"""Delivery reports: which message of ours one is about, and what it changes. Inside the transaction of `app.services.intake_store`.

Reports are easily forged. One that does not show that its sender saw a message of ours is at most shown beside it, and one that speaks of
people the message did not go to changes nothing of theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import case, select

from app.domain.events import DeliveryFailed
from app.domain.reply_tokens import token_in_addresses, token_in_ids
from app.domain.text import clean_line
from app.models import Activity, ContactIdentity, Conversation, DeliveryState, Direction, Message
from app.plugin_api.messages import Bounce, BouncedRecipient, InboundMessage
from app.services.bounced_addresses import count_soft_bounce, hold_addresses, mark_bounced
from app.services.core import Core, Unit
from app.services.outcomes import outbound_summary
from app.services.own_addresses import addressed
from app.services.returned import Returned
from app.services.threads import living_conversation

__all__ = ["Bounced", "apply_bounce", "find_bounced", "hold_bounced", "tells_of_failure"]

_LATEST = timedelta(days=10)
"""Servers give up after five days (RFC 5321 §4.5.4.1), slow ones later."""
_WEAK = timedelta(days=5)
_MOST_IDS, _MOST_SHOWN = 50, 5


@dataclass(frozen=True, slots=True)
class Bounced:
    """What a report is about. `message_id` is None where only the conversation is sure enough to show it there; `is_automatic`: nobody
    wrote what came back."""

    conversation_id: int
    message_id: int | None = None
    is_automatic: bool = False


def tells_of_failure(bounce: Bounce) -> bool:
    """Whether somebody did not get it for good, rather than not yet."""
    return not bounce.recipients or any(not one.is_delayed for one in bounce.recipients)


def find_bounced(
    core: Core, unit: Unit, account_id: int, message: InboundMessage, returned: Returned | None = None
) -> Bounced | None:
    """The message a report is about: by the address it came back to (`returned`), by an id that names it, by an id or an address that names
    its conversation, or weakly by recipient and subject; None when nothing is known of it."""
    if message.bounce is None:
        return None
    if returned is not None and returned.conversation_id is not None:
        return Bounced(returned.conversation_id, returned.message_id, returned.is_automatic)
    named = [message.bounce.original_id, message.in_reply_to, *reversed(message.references)]
    return (
        _by_id(unit, [one[:500] for one in named if one])
        or _by_conversation(core, unit, message, message.bounce)
        or _by_subject(unit, account_id, message.sender.kind, message.bounce)
    )


def hold_bounced(unit: Unit, bounced: Bounced, message: InboundMessage) -> None:
    """Lock the addresses that `apply_bounce` may mark, which is to be done before the conversation is locked."""
    if bounced.message_id is not None and message.bounce is not None:
        failed = (one.address.lower() for one in message.bounce.recipients if not one.is_delayed)
        hold_addresses(unit, message.sender.kind, failed)


def apply_bounce(unit: Unit, bounced: Bounced | None, conversation_id: int, kind: str, bounce: Bounce) -> None:
    """Say in the conversation who was not reached. Of a message that is known to have gone to them, mark the addresses, and the message
    itself once none of its recipients was reached."""
    failed = [one for one in bounce.recipients if not one.is_delayed]
    sure = bounced.message_id if bounced else None
    message = unit.session.get(Message, sure, with_for_update=True) if sure is not None else None
    if message is not None:
        written_to = _addresses_in(message.recipients)
        failed = [one for one in failed if one.address.lower() in written_to]
        for recipient in failed:
            _mark(unit, kind, recipient)
        if failed:
            _return_message(unit, message, written_to, failed)
    told = failed or bounce.recipients
    unit.session.add(
        Activity(
            conversation_id=conversation_id,
            kind="bounced",
            data=_told(told, message.id if message is not None else None, is_delayed=not tells_of_failure(bounce)),
            created_at=unit.now,
        )
    )


def _by_id(unit: Unit, ids: Sequence[str]) -> Bounced | None:
    if not ids:
        return None
    nearest = case({one: place for place, one in enumerate(ids)}, value=Message.external_id)
    statement = (
        select(Message.conversation_id, Message.id, Message.is_automatic)
        .where(Message.external_id.in_(ids[:_MOST_IDS]), Message.direction == Direction.OUTBOUND)
        .order_by(nearest, Message.id)
        .limit(1)
    )
    row = unit.connection.execute(statement).first()
    return Bounced(*row) if row else None


def _by_conversation(core: Core, unit: Unit, message: InboundMessage, bounce: Bounce) -> Bounced | None:
    """Whoever names ids of a conversation, or carries its token, has seen a message of it: the newest one that went to those addresses."""
    ids = [one[:500] for one in bounce.ids[:_MOST_IDS]]
    conversation_id = _conversation_named(core, unit, message, ids)
    if conversation_id is None:
        return None
    statement = (
        select(Message.id, Message.recipients, Message.is_automatic)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.OUTBOUND,
            Message.created_at > unit.now - _LATEST,
        )
        .order_by(Message.id.desc())
        .limit(50)
    )
    addresses = {one.address.lower() for one in bounce.recipients}
    for message_id, recipients, is_automatic in unit.connection.execute(statement):
        if addresses & _addresses_in(recipients):
            return Bounced(conversation_id, message_id, is_automatic)
    return Bounced(conversation_id)


def _conversation_named(core: Core, unit: Unit, message: InboundMessage, ids: Sequence[str]) -> int | None:
    statement = (
        select(Message.conversation_id)
        .where(Message.external_id.in_(ids), Message.direction == Direction.OUTBOUND)
        .order_by(Message.id.desc())
        .limit(1)
    )
    known = unit.connection.execute(statement).scalar() if ids else None
    if known is not None:
        return known
    keys = core.vault.derived("reply token")
    token = token_in_ids(keys, ids)
    if token is None:
        token = token_in_addresses(keys, addressed(message))
    return living_conversation(unit.connection, token) if token is not None else None


def _by_subject(unit: Unit, account_id: int, kind: str, bounce: Bounce) -> Bounced | None:
    """Something of that subject that went to one of them lately. Anybody could know that much, so it is shown there and no more."""
    subject = clean_line(bounce.subject, 500)
    addresses = [one.address.lower() for one in bounce.recipients]
    if not subject or not addresses:
        return None
    statement = (
        select(Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(ContactIdentity, ContactIdentity.contact_id == Conversation.contact_id)
        .where(
            ContactIdentity.kind == kind,
            ContactIdentity.value.in_(addresses),
            Message.account_id == account_id,
            Message.direction == Direction.OUTBOUND,
            Message.subject == subject,
            Message.created_at > unit.now - _WEAK,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    found = unit.connection.execute(statement).scalar()
    return Bounced(found) if found is not None else None


def _mark(unit: Unit, kind: str, recipient: BouncedRecipient) -> None:
    address, reason = recipient.address.lower(), recipient.diagnostic or recipient.status
    if recipient.permanent:
        mark_bounced(unit, kind, address, status=recipient.status, reason=reason)
    elif _is_about_mailbox(recipient.status):
        count_soft_bounce(unit, kind, address, status=recipient.status, reason=reason)


def _is_about_mailbox(status: str) -> bool:
    """Whether the address, the mailbox or the way to it is in trouble (RFC 3463 §3), and not what was sent."""
    subject = status.split(".")[1:2]
    return subject in (["0"], ["1"], ["2"], ["4"]) and not status.endswith(".2.3")


def _return_message(unit: Unit, message: Message, written_to: set[str], failed: Sequence[BouncedRecipient]) -> None:
    """What earlier reports said of other recipients counts too: the last of them takes the message back."""
    is_known = message.delivery_state == DeliveryState.RETURNED
    told = "; ".join(f"{one.address}: {one.diagnostic or one.status}" for one in failed)
    reason = clean_line(f"It came back. {told}", 1000)
    gone = {one.address.lower() for one in failed} | _told_of_before(unit, message)
    message.last_error = reason
    if written_to <= gone and not is_known:
        message.delivery_state, message.due_at = DeliveryState.RETURNED, None
        unit.announce("delivery_failed", failure=DeliveryFailed(outbound_summary(unit, message), reason))


def _told_of_before(unit: Unit, message: Message) -> set[str]:
    statement = select(Activity.data).where(
        Activity.conversation_id == message.conversation_id, Activity.kind == "bounced"
    )
    told = [data for data in unit.session.scalars(statement) if data.get("message") == message.id]
    return {address.lower() for data in told if not data.get("is_delayed") for address in data.get("gone", ())}


def _told(recipients: Sequence[BouncedRecipient], message_id: int | None, *, is_delayed: bool) -> dict[str, Any]:
    """What the activity keeps: the first few addresses and why, and all that a later report must know of."""
    first = recipients[0] if recipients else BouncedRecipient("")
    return {
        "addresses": [one.address for one in recipients[:_MOST_SHOWN]],
        "status": first.status,
        "diagnostic": clean_line(first.diagnostic, 300),
        "permanent": any(one.permanent for one in recipients),
        "is_delayed": is_delayed,
        "message": message_id,
        "gone": [one.address for one in recipients],
    }


def _addresses_in(recipients: dict[str, list[dict[str, str]]]) -> set[str]:
    groups = (recipients.get(key, ()) for key in ("to", "cc", "bcc"))
    return {person["value"].lower() for people in groups for person in people}
