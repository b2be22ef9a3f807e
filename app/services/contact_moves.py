"""Giving addresses of one contact to another, with what was said through them. Inside the caller's transaction, which holds both locked.

Addresses are locked so that no message of theirs is being stored meanwhile (`app.services.contacts` holds the one it stores for), then
conversations, then contacts: in the order of whoever stores, cuts and ties, since what is written in a conversation names its contact.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, or_, select, tuple_, update

from app.domain.cases import LIVE
from app.errors import NotFound
from app.models import Contact, ContactIdentity, Conversation, Direction, Message
from app.plugin_api.messages import MessageKind
from app.services.core import Unit

__all__ = ["lock_contacts", "move_addresses", "move_conversations", "written_by"]


def lock_contacts(unit: Unit, *contact_ids: int) -> list[Contact]:
    """Contacts in the order they are asked for, locked together with their addresses and conversations, each in the order of their ids.
    Raises `NotFound`."""
    for owned in (ContactIdentity, Conversation):
        rows_of_theirs = select(owned.id).where(owned.contact_id.in_(contact_ids))
        unit.session.execute(rows_of_theirs.order_by(owned.id).with_for_update()).all()
    statement = select(Contact).where(Contact.id.in_(contact_ids)).order_by(Contact.id).with_for_update()
    rows = unit.session.scalars(statement.execution_options(populate_existing=True))
    found = {one.id: one for one in rows}
    if any(contact_id not in found for contact_id in contact_ids):
        raise NotFound("This contact does not exist.")
    return [found[contact_id] for contact_id in contact_ids]


def move_addresses(unit: Unit, addresses: Collection[ContactIdentity], source: Contact, into: Contact) -> None:
    """Give addresses away, and say of the messages written from them that the other one wrote them."""
    if not addresses:
        return
    ids = [one.id for one in addresses]
    pairs = [(one.kind, one.value) for one in addresses]
    unit.connection.execute(
        update(ContactIdentity).where(ContactIdentity.id.in_(ids)).values(contact_id=into.id),
    )
    is_from_there = tuple_(Message.sender_kind, Message.sender_value).in_(pairs)
    unit.connection.execute(
        update(Message).where(Message.contact_id == source.id, is_from_there).values(contact_id=into.id)
    )


def move_conversations(unit: Unit, ids: Sequence[int], source: Contact, into: Contact) -> None:
    """Say of conversations that they are with another contact, and show it in open browsers. Reports in them, and what we wrote in another
    program, come from no address of either: they go along."""
    if not ids:
        return
    is_nobodys = or_(Message.kind == MessageKind.BOUNCE, Message.direction == Direction.OUTBOUND)
    unit.connection.execute(
        update(Message)
        .where(Message.conversation_id.in_(ids), Message.contact_id == source.id, is_nobodys)
        .values(contact_id=into.id)
    )
    unit.connection.execute(update(Conversation).where(Conversation.id.in_(ids)).values(contact_id=into.id))
    is_shown = or_(*(Conversation.status == status for status in LIVE))
    statement = select(Conversation.id, Conversation.number).where(Conversation.id.in_(ids), is_shown)
    for conversation_id, number in unit.connection.execute(statement.order_by(Conversation.id).limit(_MOST_TOLD)):
        unit.changed("conversation", id=conversation_id, number=number, contact_id=into.id)


def written_by(unit: Unit, holder: Contact, writer: Contact) -> list[int]:
    """The conversations of `holder` in which `writer` wrote and `holder` did not, and those that we began with an address of `writer` and
    nobody has answered yet."""
    inbound = and_(
        Message.conversation_id == Conversation.id,
        Message.direction == Direction.INBOUND,
        Message.kind != MessageKind.BOUNCE,
    )
    wrote = select(Message.id).where(inbound, Message.contact_id == writer.id).exists()
    others = select(Message.id).where(inbound, Message.contact_id == holder.id).exists()
    statement = select(Conversation.id).where(Conversation.contact_id == holder.id, wrote, ~others)
    found = list(unit.session.scalars(statement.order_by(Conversation.id)))
    return found + _begun_with(unit, holder, writer, inbound)


_MOST_TOLD = 200


def _begun_with(unit: Unit, holder: Contact, writer: Contact, inbound: ColumnElement[bool]) -> list[int]:
    statement = (
        select(Conversation.id, Message.recipients)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(
            Conversation.contact_id == holder.id, ~select(Message.id).where(inbound).correlate(Conversation).exists()
        )
        .order_by(Conversation.id, Message.id)
    )
    own = {(one.kind, one.value) for one in _addresses(unit, writer)}
    first: dict[int, dict] = {}
    for conversation_id, recipients in unit.connection.execute(statement):
        first.setdefault(conversation_id, recipients or {})
    return [i for i, people in first.items() if any((p["kind"], p["value"]) in own for p in people.get("to", ())[:1])]


def _addresses(unit: Unit, contact: Contact) -> Sequence[ContactIdentity]:
    return unit.session.scalars(select(ContactIdentity).where(ContactIdentity.contact_id == contact.id)).all()
