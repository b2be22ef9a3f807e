"""Addresses to which mail came back: marking them, counting what may pass, and taking the mark away."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, or_, select, update

from app.domain.roles import Permission
from app.errors import NotFound
from app.models import ContactIdentity
from app.services.core import Actor, Core, Unit, require, writing

__all__ = ["clear_bounces", "count_soft_bounce", "hold_addresses", "is_in_doubt", "mark_bounced", "say_it_works"]

_MOST_SOFT = 5
"""So many messages in a row that a full mailbox or a silent server did not take count as a dead address."""

_identity = ContactIdentity.__table__
_OF_ADDRESS = (_identity.c.kind == bindparam("of_kind"), _identity.c.value == bindparam("of_value"))
_WORKS = {"bounced_at": None, "bounce_reason": "", "bounce_status": "", "soft_bounces": 0}
_CLEAR = update(_identity).where(*_OF_ADDRESS).values(_WORKS)
_HOLD = (
    select(_identity.c.id)
    .where(_identity.c.kind == bindparam("of_kind"), _identity.c.value.in_(bindparam("of_values", expanding=True)))
    .order_by(_identity.c.id)
    .with_for_update(key_share=True)
)

is_in_doubt = or_(_identity.c.bounced_at.is_not(None), _identity.c.soft_bounces > 0)
"""The condition of an address that something came back from, for a query that reads identities anyway."""


def hold_addresses(unit: Unit, kind: str, values: Iterable[str]) -> None:
    """Lock addresses that are about to be marked. Whoever locks a conversation as well does this first, as whoever merges contacts does, so
    that neither waits for the other."""
    wanted = sorted(set(values))
    if wanted:
        unit.connection.execute(_HOLD, {"of_kind": kind, "of_values": wanted}).all()


def mark_bounced(unit: Unit, kind: str, value: str, *, status: str, reason: str) -> None:
    """Remember that an address does not take messages. Nothing happens when it is unknown."""
    values = {"bounced_at": unit.now, "bounce_status": status[:12], "bounce_reason": reason[:500]}
    unit.connection.execute(update(_identity).where(*_OF_ADDRESS).values(values), {"of_kind": kind, "of_value": value})


def count_soft_bounce(unit: Unit, kind: str, value: str, *, status: str, reason: str) -> None:
    """Remember that an address did not take a message this time; the last of many marks it. Nothing happens when it is unknown."""
    counted = (
        update(_identity)
        .where(*_OF_ADDRESS)
        .values(soft_bounces=_identity.c.soft_bounces + 1)
        .returning(_identity.c.soft_bounces, _identity.c.bounced_at)
    )
    row = unit.connection.execute(counted, {"of_kind": kind, "of_value": value}).first()
    if row is not None and row.soft_bounces >= _MOST_SOFT and row.bounced_at is None:
        mark_bounced(unit, kind, value, status=status, reason=reason)


def clear_bounces(unit: Unit, kind: str, value: str) -> None:
    """Forget what came back: mail from the address shows that it works."""
    unit.connection.execute(_CLEAR, {"of_kind": kind, "of_value": value[:320]})


def say_it_works(core: Core, actor: Actor, contact_id: int, kind: str, value: str) -> None:
    """An agent knows that an address of a contact works after all. Raises `NotFound` when the contact does not have it."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        has_it = select(func.count()).where(
            ContactIdentity.contact_id == contact_id, ContactIdentity.kind == kind, ContactIdentity.value == value
        )
        if not unit.session.scalar(has_it):
            raise NotFound("This contact does not have this address.")
        clear_bounces(unit, kind, value)
        unit.changed("contact", id=contact_id)
