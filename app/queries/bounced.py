"""Addresses to which mail came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import ContactIdentity
from app.plugin_api.messages import Participant

__all__ = ["BouncedAddress", "bounced_among"]


@dataclass(frozen=True, slots=True)
class BouncedAddress:
    """An address that takes no mail, since when, and why."""

    value: str
    bounced_at: datetime
    bounce_status: str
    bounce_reason: str


def bounced_among(session: Session | scoped_session, people: Sequence[Participant]) -> tuple[BouncedAddress, ...]:
    """Those of these people whose address takes no mail. One query, none for nobody."""
    if not people:
        return ()
    columns = [getattr(ContactIdentity, name) for name in BouncedAddress.__dataclass_fields__]
    values = {one.value for one in people} | {one.value.lower() for one in people}
    statement = select(*columns).where(
        ContactIdentity.kind.in_({one.kind for one in people}),
        ContactIdentity.value.in_(values),
        ContactIdentity.bounced_at.is_not(None),
    )
    return tuple(BouncedAddress(*row) for row in session.execute(statement.order_by(ContactIdentity.id)))
