"""Who gets an answer, and through which account it leaves."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.addresses import OwnAddresses
from app.errors import Conflict, InvalidInput
from app.models import ChannelAccount, ContactIdentity, Conversation, Direction, Message
from app.plugin_api.channel import MAIL, Capability
from app.plugin_api.messages import Participant
from app.services.channel_limits import can_begin
from app.services.core import Core

__all__ = ["answer_recipients", "other_recipients", "reaches", "sending_account"]

_MOST_OTHERS = 100


def answer_recipients(session: Session, conversation: Conversation) -> tuple[Participant, ...]:
    """Whoever wrote last (their Reply-To if they gave one), or the contact's first address. Raises `InvalidInput` when there is none."""
    statement = (
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.direction == Direction.INBOUND,
            Message.kind != "bounce",
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = session.execute(statement).scalar_one_or_none()
    if last is not None:
        reply_to = [Participant(p["kind"], p["value"], p.get("name", "")) for p in last.recipients.get("reply_to", [])]
        return tuple(reply_to) or (Participant(last.sender_kind, last.sender_value, last.sender_name),)
    identity = session.scalar(
        select(ContactIdentity).where(ContactIdentity.contact_id == conversation.contact_id).limit(1)
    )
    if identity is None:
        raise InvalidInput("Nobody would get this message.", {"to": "The contact has no address. Give one."})
    return (Participant(identity.kind, identity.value, identity.name),)


def other_recipients(
    recipients: Mapping[str, Any] | None, to: Sequence[Participant], own: OwnAddresses
) -> tuple[Participant, ...]:
    """Everybody else who got a message, for an answer to all: its To and Cc without the people in `to` and our own addresses, each
    once and of the kind of the first in `to`. Whom a catch-all alone makes ours stays among them: a colleague of the same domain may have a
    mailbox of their own, and what comes back to us is known as a copy."""
    kind = to[0].kind if to else MAIL
    left_out = {person.value.lower() for person in to}
    found: dict[str, Participant] = {}
    for person in [p for key in ("to", "cc") for p in (recipients or {}).get(key, ())]:
        value = person["value"].lower()
        if person["kind"] == kind and value not in left_out and not own.names(kind, value):
            found.setdefault(value, Participant(kind, person["value"], person.get("name", "")))
    return tuple(found.values())[:_MOST_OTHERS]


def sending_account(
    core: Core,
    session: Session,
    conversation: Conversation,
    to: Sequence[Participant],
    *,
    chosen: int | None,
    advised: int | None,
) -> ChannelAccount:
    """The account an answer leaves through: the agent's choice, what plugins advised (`app.services.advice`), the conversation's own, or
    the first that reaches the recipient. Raises `Conflict` when there is none."""
    kind = to[0].kind

    wanted = chosen if chosen is not None else advised
    row = session.get(ChannelAccount, wanted) if wanted is not None else None
    if row is not None and reaches(core, row, kind, conversation.account_id):
        return row
    if chosen is not None:
        raise Conflict("The chosen account cannot send to this address.")
    own = session.get_one(ChannelAccount, conversation.account_id)
    if reaches(core, own, kind, conversation.account_id):
        return own
    for row in session.scalars(select(ChannelAccount).order_by(ChannelAccount.id)):
        if reaches(core, row, kind, conversation.account_id):
            return row
    raise Conflict("No account can send this answer. Connect a mailbox under Accounts first.")


def reaches(core: Core, account: ChannelAccount, kind: str, own_id: int) -> bool:
    """Whether answers to addresses of `kind` in a conversation of the account `own_id` can leave through this account. For the provider
    of an account the contact did not write to, an answer is a first message."""
    channel = core.plugins.channels.get(account.plugin)
    return (
        channel is not None
        and account.state != "paused"
        and channel.address_kind == kind
        and Capability.SEND in channel.capabilities
        and (account.id == own_id or can_begin(channel.capabilities))
    )
