"""The addresses of a contact: adding one that nobody wrote from yet, taking one over from somebody else, and giving one a contact of its
own because another person is behind it."""

from sqlalchemy import func, select

from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import Conflict, InvalidInput, NotFound
from app.models import Contact, ContactIdentity
from app.plugin_api.messages import Participant
from app.services.audit import audit
from app.services.contact_merging import absorb_contact
from app.services.contact_moves import lock_contacts, move_addresses, move_conversations, written_by
from app.services.core import Actor, Core, Unit, require, writing
from app.services.deadlocks import repeated_after_deadlock

__all__ = ["AddressTaken", "add_address", "part_address"]

_LONGEST = 320


class AddressTaken(Conflict):
    """The address belongs to another contact. `owner_id` is theirs; who names it takes the address over."""

    def __init__(self, sentence: str, owner_id: int) -> None:
        super().__init__(sentence)
        self.owner_id = owner_id


@repeated_after_deadlock
def add_address(core: Core, actor: Actor, contact_id: int, address: Participant, *, from_id: int | None = None) -> None:
    """Say that a contact is reached at an address, too. One that belongs to the contact `from_id` is taken over with its conversations;
    when it is their only one, both become one contact. Nothing happens when the contact has it already. Raises `NotFound`, `InvalidInput`
    for an empty one, `AddressTaken` when it is somebody else's and was not asked for by name."""
    require(actor, Permission.ANSWER)
    value = address.value.strip()[:_LONGEST]
    if not value:
        raise InvalidInput("Say which address.", {"address": "An address is needed."})
    with writing(core) as unit:
        known = _identity(unit, address.kind, value)
        if known is None:
            _insert(unit, actor, contact_id, address, value)
        elif known.contact_id != contact_id:
            _take_over(unit, actor, contact_id, known, from_id)


@repeated_after_deadlock
def part_address(core: Core, actor: Actor, contact_id: int, kind: str, value: str) -> int:
    """Make a contact of its own for an address: another person is behind it. The conversations in which only they wrote go along. Returns
    the new contact's id. Raises `NotFound`, `InvalidInput` for the only address."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        (source,) = lock_contacts(unit, contact_id)
        identity = _identity(unit, kind, value)
        if identity is None or identity.contact_id != source.id:
            raise NotFound("This contact does not have this address.")
        if _count(unit, source) < 2:
            raise InvalidInput("It is the only address of this contact.")
        new = Contact(name=clean_line(identity.name, 200), created_at=unit.now)
        unit.session.add(new)
        unit.session.flush()
        _move(unit, actor, identity, source, new)
        return new.id


def _identity(unit: Unit, kind: str, value: str) -> ContactIdentity | None:
    statement = select(ContactIdentity).where(ContactIdentity.kind == kind, ContactIdentity.value == value)
    return unit.session.scalars(statement.execution_options(populate_existing=True)).first()


def _count(unit: Unit, contact: Contact) -> int:
    statement = select(func.count()).select_from(ContactIdentity).where(ContactIdentity.contact_id == contact.id)
    return unit.session.scalar(statement) or 0


def _insert(unit: Unit, actor: Actor, contact_id: int, address: Participant, value: str) -> None:
    (contact,) = lock_contacts(unit, contact_id)
    _refuse_merged(contact)
    unit.session.add(
        ContactIdentity(
            contact_id=contact.id,
            kind=address.kind,
            value=value,
            name=clean_line(address.name, 200),
            created_at=unit.now,
        )
    )
    audit(unit, actor, "contact.address_added", subject=value, contact=contact.id)
    unit.changed("contact", id=contact.id)


def _take_over(unit: Unit, actor: Actor, contact_id: int, known: ContactIdentity, from_id: int | None) -> None:
    owner, contact = lock_contacts(unit, known.contact_id, contact_id)
    _refuse_merged(contact)
    if owner.id != from_id:
        raise AddressTaken(f"{known.value} belongs to {owner.name or known.value}.", owner.id)
    if _count(unit, owner) < 2:
        absorb_contact(unit, actor, owner, contact)
    else:
        _move(unit, actor, known, owner, contact)


def _move(unit: Unit, actor: Actor, identity: ContactIdentity, source: Contact, into: Contact) -> None:
    data = {"from": source.id, "into": into.id}
    audit(unit, actor, "contact.address_moved", subject=identity.value, **data)
    unit.session.flush()
    move_addresses(unit, [identity], source, into)
    move_conversations(unit, written_by(unit, source, into), source, into)
    for contact in (source, into):
        unit.changed("contact", id=contact.id)


def _refuse_merged(contact: Contact) -> None:
    if contact.merged_into_id is not None:
        raise Conflict("This contact was merged into another one.")
