"""Two contacts that turned out to be one person become one, and for a day they can become two again."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.domain.roles import Permission
from app.errors import Conflict, InvalidInput
from app.models import AuditEntry, Contact, ContactIdentity, Conversation, Message
from app.services.audit import audit
from app.services.contact_moves import lock_contacts, move_addresses, move_conversations, written_by
from app.services.core import Actor, Core, Unit, require, writing
from app.services.deadlocks import repeated_after_deadlock

__all__ = ["MERGED", "UNDO_FOR", "absorb_contact", "merge_contacts", "undo_merge"]

MERGED = "contact.merged"
"""The action of the audit log that holds what `undo_merge` needs: from, into, addresses, conversations, filled."""
UNDO_FOR = timedelta(days=1)

_FACTS = ("name", "company", "phone")
_LONGEST_ABOUT = 10_000


@repeated_after_deadlock
def merge_contacts(core: Core, actor: Actor, from_id: int, into_id: int) -> None:
    """Give everything of one contact to another: addresses, conversations, and what the other does not have of name, company, phone and
    note. The page of the first leads to the other from then on. Raises `InvalidInput` for one and the same, `NotFound`, `Conflict` when
    one of them was merged already."""
    require(actor, Permission.ANSWER)
    if from_id == into_id:
        raise InvalidInput("Choose another contact.", {"other": "It is this contact already."})
    with writing(core) as unit:
        source, into = lock_contacts(unit, from_id, into_id)
        absorb_contact(unit, actor, source, into)


def absorb_contact(unit: Unit, actor: Actor, source: Contact, into: Contact) -> None:
    """The same inside a transaction that holds both locked."""
    if source.merged_into_id is not None or into.merged_into_id is not None:
        raise Conflict("One of these contacts was merged already. Look at it and try again.")
    addresses = unit.session.scalars(
        select(ContactIdentity).where(ContactIdentity.contact_id == source.id).order_by(ContactIdentity.id)
    ).all()
    conversations = list(
        unit.session.scalars(
            select(Conversation.id).where(Conversation.contact_id == source.id).order_by(Conversation.id)
        )
    )
    data: dict[str, Any] = {
        "from": source.id,
        "into": into.id,
        "addresses": [one.id for one in addresses],
        "conversations": conversations,
        "filled": _fill(source, into),
    }
    shown = source.name or (addresses[0].value if addresses else "")
    source.merged_into_id = into.id
    unit.session.flush()
    move_addresses(unit, addresses, source, into)
    unit.connection.execute(update(Message).where(Message.contact_id == source.id).values(contact_id=into.id))
    move_conversations(unit, conversations, source, into)
    audit(unit, actor, MERGED, subject=shown, **data)
    _tell(unit, source, into)


@repeated_after_deadlock
def undo_merge(core: Core, actor: Actor, from_id: int) -> None:
    """Make a contact what it was before it was merged: with its addresses, its conversations, and what was said through them since. Raises
    `NotFound`, `Conflict` when it was not merged within a day or cannot be taken apart any more."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        entry = _last_merge(unit, from_id)
        if entry is None:
            raise Conflict("This cannot be undone any more.")
        source, into = lock_contacts(unit, entry.data["from"], entry.data["into"])
        if source.merged_into_id != into.id or into.merged_into_id is not None:
            raise Conflict("This cannot be undone any more: the contacts have changed since.")
        source.merged_into_id = None
        _empty(source, into, entry.data["filled"])
        is_still_there = (ContactIdentity.id.in_(entry.data["addresses"])) & (ContactIdentity.contact_id == into.id)
        addresses = unit.session.scalars(select(ContactIdentity).where(is_still_there)).all()
        unit.session.flush()
        move_addresses(unit, addresses, into, source)
        back = set(entry.data["conversations"]).union(written_by(unit, into, source))
        here = select(Conversation.id).where(Conversation.id.in_(back), Conversation.contact_id == into.id)
        move_conversations(unit, sorted(unit.session.scalars(here)), into, source)
        audit(unit, actor, "contact.merge_undone", subject=source.name, **{"from": source.id, "into": into.id})
        _tell(unit, source, into)


def _last_merge(unit: Unit, from_id: int) -> AuditEntry | None:
    """The entry of the last time a contact was merged into another one, if that is less than a day ago."""
    statement = select(AuditEntry).where(AuditEntry.action == MERGED, AuditEntry.created_at >= unit.now - UNDO_FOR)
    entries = unit.session.scalars(statement.order_by(AuditEntry.id.desc()))
    return next((entry for entry in entries if entry.data["from"] == from_id), None)


def _fill(source: Contact, into: Contact) -> list[str]:
    """Returns the names of what was filled in."""
    filled = [name for name in _FACTS if getattr(source, name) and not getattr(into, name)]
    for name in filled:
        setattr(into, name, getattr(source, name))
    if source.about and source.about not in into.about:
        into.about = _together(into.about, source.about)
        filled.append("about")
    return filled


def _empty(source: Contact, into: Contact, filled: list[str]) -> None:
    """Undo `_fill` where nobody changed it since."""
    for name in _FACTS:
        if name in filled and getattr(into, name) == getattr(source, name):
            setattr(into, name, "")
    if "about" in filled:
        into.about = into.about.removesuffix(source.about).rstrip()


def _together(about: str, other: str) -> str:
    return f"{about}\n\n{other}".strip()[:_LONGEST_ABOUT]


def _tell(unit: Unit, *contacts: Contact) -> None:
    for contact in contacts:
        unit.changed("contact", id=contact.id)
