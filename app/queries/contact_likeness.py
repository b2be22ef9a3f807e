"""Contacts that look like another one, and merges that can still be undone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session, scoped_session

from app.domain.same_person import Likeness, Person, likeness
from app.models import AuditEntry, Contact, ContactIdentity
from app.queries.contacts import ContactFacts
from app.queries.conversation_page import IdentityFacts

__all__ = ["AlikeContact", "UndoableMerge", "alike_contacts", "undoable_merges"]

_PHONE = "phone"
_MOST_LOOKED_AT, _MOST_SHOWN = 30, 5


@dataclass(frozen=True, slots=True)
class AlikeContact:
    """Another contact that may be the same person, and by what."""

    id: int
    name: str
    address: str
    by: Likeness


@dataclass(frozen=True, slots=True)
class UndoableMerge:
    """A contact that was merged into another one; `agent_id` of whoever did it."""

    from_id: int
    name: str
    agent_id: int | None
    at: datetime


def alike_contacts(
    session: Session | scoped_session, contact: ContactFacts, identities: Sequence[IdentityFacts]
) -> tuple[AlikeContact, ...]:
    """Contacts that may be the same person as this one, the surest first. One query."""
    phone = contact.phone or next((one.value for one in identities if one.kind == _PHONE), "")
    me = Person(contact.name, contact.company, phone)
    found = [(likeness(me, _person(row)), row) for row in _candidates(session, contact, phone)]
    alike = [
        AlikeContact(row.id, row.name or row.address, row.address or "", by) for by, row in found if by is not None
    ]
    order = list(Likeness)
    return tuple(sorted(alike, key=lambda one: (order.index(one.by), one.id))[:_MOST_SHOWN])


def undoable_merges(
    session: Session | scoped_session, contact_id: int, action: str, since: datetime
) -> tuple[UndoableMerge, ...]:
    """The contacts that were merged into this one since a moment, and still are; the newest first. `action` as in the audit log. One
    query."""
    statement = select(AuditEntry).where(AuditEntry.action == action, AuditEntry.created_at >= since)
    entries = [
        one for one in session.scalars(statement.order_by(AuditEntry.id.desc())) if one.data["into"] == contact_id
    ]
    newest = {one.data["from"]: one for one in reversed(entries)}
    merged = select(Contact.id).where(Contact.id.in_(newest), Contact.merged_into_id == contact_id)
    still = set(session.scalars(merged)) if newest else set()
    found = [one for i, one in newest.items() if i in still]
    found.sort(key=lambda one: one.id, reverse=True)
    return tuple(UndoableMerge(one.data["from"], one.subject, one.agent_id, one.created_at) for one in found)


def _candidates(session: Session | scoped_session, contact: ContactFacts, phone: str) -> Sequence[Row]:
    """Those of the same name, and those who call from the number."""
    digits = re.sub(r"\D", "", phone)
    conditions = []
    if contact.name:
        conditions.append(Contact.name == contact.name)
    if digits:
        is_number = ContactIdentity.value.in_({phone, digits, f"+{digits}"})
        callers = select(ContactIdentity.contact_id).where(ContactIdentity.kind == _PHONE, is_number)
        conditions.append(Contact.id.in_(callers))
    if not conditions:
        return ()
    own = (Contact.id, Contact.name, Contact.company, Contact.phone)
    columns = (*own, _first_address().label("address"), _first_address(_PHONE).label("number"))
    statement = select(*columns).where(or_(*conditions), Contact.id != contact.id, Contact.merged_into_id.is_(None))
    return session.execute(statement.order_by(Contact.id).limit(_MOST_LOOKED_AT)).all()


def _first_address(kind: str = ""):
    statement = select(func.min(ContactIdentity.value)).where(ContactIdentity.contact_id == Contact.id)
    if kind:
        statement = statement.where(ContactIdentity.kind == kind)
    return statement.correlate(Contact).scalar_subquery()


def _person(row: Row) -> Person:
    return Person(row.name, row.company, row.phone or row.number or "")
