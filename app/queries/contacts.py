"""Contacts: the list with its search, and one contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session, scoped_session

from app.models import Contact, ContactIdentity, Conversation
from app.queries.contact_names import shown_name
from app.queries.conversation_page import IdentityFacts
from app.queries.paging import Position, Slice, cut, id_cursor, parse_id

__all__ = ["ContactFacts", "ContactListRow", "contact_facts", "contacts", "picture_of_contact"]


@dataclass(frozen=True, slots=True)
class ContactListRow:
    """A contact in the list."""

    id: int
    name: str
    identities: tuple[IdentityFacts, ...]
    conversation_count: int
    open_count: int
    last_activity_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What is known of one contact. `merged_into_id`: the one that has everything of it now."""

    id: int
    name: str
    company: str
    phone: str
    about: str
    created_at: datetime
    conversation_count: int
    merged_into_id: int | None


def contacts(
    session: Session | scoped_session,
    *,
    query: str = "",
    ids: Sequence[int] | None = None,
    position: Position = Position(),
    size: int = 50,
) -> Slice[ContactListRow]:
    """One page of contacts, those who wrote first most recently on top; with `query` those whose name or an address begins with it, with
    `ids` these.

    Four queries.
    """
    statement = select(Contact.id, shown_name().label("name")).where(Contact.merged_into_id.is_(None))
    if query.strip():
        statement = statement.where(_matches(query.strip()))
    if ids is not None:
        statement = statement.where(Contact.id.in_(ids))
    if position.text:
        limit = parse_id(position.text)
        statement = statement.where(Contact.id > limit if position.is_backwards else Contact.id < limit)
    order = Contact.id.asc() if position.is_backwards else Contact.id.desc()
    found = session.execute(statement.order_by(order).limit(size + 1)).all()
    rows = _rows(session, found)
    return cut(rows, size, position, lambda row: id_cursor(row.id))


def contact_facts(session: Session | scoped_session, contact_id: int) -> ContactFacts | None:
    """One contact, or None."""
    count = (
        select(func.count())
        .select_from(Conversation)
        .where(Conversation.contact_id == Contact.id, Conversation.merged_into_id.is_(None))
        .correlate(Contact)
        .scalar_subquery()
    )
    written = (Contact.name, Contact.company, Contact.phone, Contact.about)
    columns = (Contact.id, *written, Contact.created_at, count, Contact.merged_into_id)
    row = session.execute(select(*columns).where(Contact.id == contact_id)).first()
    return ContactFacts(*row) if row else None


def picture_of_contact(session: Session | scoped_session, contact_id: int, begins: str) -> str | None:
    """The digest of that picture of a contact whose digest begins so; None when they have none such."""
    statement = select(ContactIdentity.picture_sha256).where(ContactIdentity.contact_id == contact_id)
    return next((one for one in session.scalars(statement) if one and one.startswith(begins)), None)


def _matches(query: str) -> ColumnElement:
    """Names containing the text, or addresses beginning with it (which an index finds)."""
    lowered = query.lower()
    by_address = select(ContactIdentity.contact_id).where(
        or_(
            ContactIdentity.value == lowered,
            ContactIdentity.value.startswith(lowered, autoescape=True),
            func.lower(ContactIdentity.name).contains(lowered, autoescape=True),
        )
    )
    return or_(func.lower(Contact.name).contains(lowered, autoescape=True), Contact.id.in_(by_address))


def _rows(session: Session | scoped_session, found: Sequence) -> list[ContactListRow]:
    ids = [row.id for row in found]
    if not ids:
        return []
    identities: dict[int, list[IdentityFacts]] = {}
    columns = [getattr(ContactIdentity, name) for name in IdentityFacts.__dataclass_fields__]
    statement = select(ContactIdentity.contact_id, *columns).where(ContactIdentity.contact_id.in_(ids))
    for contact_id, *facts in session.execute(statement.order_by(ContactIdentity.id)):
        identities.setdefault(contact_id, []).append(IdentityFacts(*facts))
    is_open = func.sum(case((Conversation.status == "open", 1), else_=0))
    counts = {
        contact_id: facts
        for contact_id, *facts in session.execute(
            select(Conversation.contact_id, func.count(), is_open, func.max(Conversation.active_at))
            .where(Conversation.contact_id.in_(ids), Conversation.merged_into_id.is_(None))
            .group_by(Conversation.contact_id)
        )
    }
    return [
        ContactListRow(row.id, row.name, tuple(identities.get(row.id, ())), *counts.get(row.id, (0, 0, None)))
        for row in found
    ]
