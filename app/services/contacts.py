"""Finding and making contacts by the addresses they write from."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from app.domain.events import ContactSummary
from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import NotFound
from app.models import Contact, ContactIdentity
from app.plugin_api.messages import Participant
from app.services.bounced_addresses import is_in_doubt
from app.services.core import Actor, Core, Unit, insert_row, require, writing

__all__ = [
    "KnownContact",
    "contact_summary",
    "find_or_create_contact",
    "known_contact",
    "save_contact",
]

_INSERT_CONTACT = insert(Contact.__table__)
_INSERT_IDENTITY = insert(ContactIdentity.__table__)
_CONTACT_OF = (
    select(Contact.__table__.c.id, Contact.__table__.c.name, is_in_doubt)
    .join_from(ContactIdentity.__table__, Contact.__table__)
    .where(
        ContactIdentity.__table__.c.kind == bindparam("kind"), ContactIdentity.__table__.c.value == bindparam("value")
    )
)

_CONTACT_TO_STORE_FOR = _CONTACT_OF.with_for_update(read=True, key_share=True, of=ContactIdentity.__table__)
"""The address is held until the message is stored, so that its contact is not merged into another one meanwhile."""

_ADDRESSES = (
    select(ContactIdentity.__table__.c["kind", "value"])
    .where(ContactIdentity.__table__.c.contact_id == bindparam("contact_id"))
    .order_by(ContactIdentity.__table__.c.id)
)


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact's id and name. `has_bounced`: something that was sent to the address they are known by came back."""

    id: int
    name: str
    has_bounced: bool = False


def known_contact(connection: Connection, participant: Participant) -> KnownContact | None:
    """The contact behind an address, None when nobody is known by it."""
    row = connection.execute(_CONTACT_OF, _named(participant)).first()
    return KnownContact(*row) if row else None


def contact_summary(connection: Connection, participant: Participant) -> ContactSummary | None:
    """Who has an address, with all their addresses; None when nobody is known by it."""
    known = known_contact(connection, participant)
    if known is None:
        return None
    rows = connection.execute(_ADDRESSES, {"contact_id": known.id}).all()
    return ContactSummary(known.id, known.name or rows[0].value, tuple((row.kind, row.value) for row in rows))


def find_or_create_contact(unit: Unit, sender: Participant, advised: Participant | None) -> KnownContact:
    """The contact behind an address: known by it or by the one that plugins advised (`app.services.advice`), or new."""
    known = _held_contact(unit.connection, sender)
    if known is not None:
        return known
    name = clean_line(sender.name, 200)
    contact = _held_contact(unit.connection, advised) if advised is not None else None
    if contact is None:
        values = {"name": name, "company": "", "phone": "", "about": "", "created_at": unit.now}
        contact_id = insert_row(unit.connection, _INSERT_CONTACT, values)
        contact = KnownContact(contact_id, name)
    values = {
        "contact_id": contact.id,
        "kind": sender.kind,
        "value": sender.value[:320],
        "name": name,
        "created_at": unit.now,
    }
    unit.connection.execute(_INSERT_IDENTITY, values)
    return contact


def save_contact(core: Core, actor: Actor, contact_id: int, *, name: str, company: str, phone: str, about: str) -> None:
    """Change what is known of a contact. Raises `NotFound`, also for one that was merged into another."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        contact = unit.session.get(Contact, contact_id)
        if contact is None or contact.merged_into_id is not None:
            raise NotFound("This contact does not exist.")
        contact.name = clean_line(name, 200)
        contact.company = clean_line(company, 200)
        contact.phone = clean_line(phone, 60)
        contact.about = about[:10_000]
        unit.changed("contact", id=contact_id)


def _held_contact(connection: Connection, participant: Participant) -> KnownContact | None:
    row = connection.execute(_CONTACT_TO_STORE_FOR, _named(participant)).first()
    return KnownContact(*row) if row else None


def _named(participant: Participant) -> dict[str, str]:
    return {"kind": participant.kind, "value": participant.value[:320]}
