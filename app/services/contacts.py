"""Finding and making contacts by the addresses they write from."""

from sqlalchemy import insert, select, update

from app.domain.text import clean_line
from app.errors import NotFound
from app.models import Contact, ContactIdentity
from app.plugin_api.messages import Participant
from app.services.core import Actor, Core, Unit, writing

__all__ = ["find_or_create_contact", "mark_bounced", "save_contact"]


def find_or_create_contact(core: Core, unit: Unit, sender: Participant) -> int:
    """The id of the contact behind an address: known, matched by a plugin (`match_contact`), or new."""
    known = _contact_of(unit, sender)
    if known is not None:
        return known
    matched = _matched_contact(core, unit, sender)
    name = clean_line(sender.name, 200)
    if matched is None:
        values = {"name": name, "company": "", "about": "", "created_at": unit.now}
        matched = unit.connection.execute(insert(Contact).values(**values)).inserted_primary_key[0]
    unit.connection.execute(
        insert(ContactIdentity).values(
            contact_id=matched, kind=sender.kind, value=sender.value[:320], name=name, created_at=unit.now
        )
    )
    return matched


def mark_bounced(unit: Unit, kind: str, value: str, reason: str) -> None:
    """Remember that an address does not take messages. Nothing happens when it is unknown."""
    unit.connection.execute(
        update(ContactIdentity)
        .where(ContactIdentity.kind == kind, ContactIdentity.value == value)
        .values(bounced_at=unit.now, bounce_reason=reason[:500])
    )


def save_contact(core: Core, actor: Actor, contact_id: int, *, name: str, company: str, about: str) -> None:
    """Change what is known of a contact. Raises `NotFound`."""
    with writing(core) as unit:
        contact = unit.session.get(Contact, contact_id)
        if contact is None:
            raise NotFound("This contact does not exist.")
        contact.name = clean_line(name, 200)
        contact.company = clean_line(company, 200)
        contact.about = about[:10_000]
        unit.changed("contact", id=contact_id)


def _contact_of(unit: Unit, participant: Participant) -> int | None:
    statement = select(ContactIdentity.contact_id).where(
        ContactIdentity.kind == participant.kind, ContactIdentity.value == participant.value[:320]
    )
    return unit.connection.execute(statement).scalar_one_or_none()


def _matched_contact(core: Core, unit: Unit, sender: Participant) -> int | None:
    def is_known(answer: Participant) -> bool:
        return isinstance(answer, Participant) and _contact_of(unit, answer) is not None

    answer = core.plugins.dispatcher.ask("match_contact", accept=is_known, sender=sender)
    return _contact_of(unit, answer) if answer is not None else None
