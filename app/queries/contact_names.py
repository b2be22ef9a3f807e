"""What a contact is called where their name is not known: by their first address."""

from sqlalchemy import ColumnElement, func, select

from app.models import Contact, ContactIdentity

__all__ = ["shown_name"]


def shown_name() -> ColumnElement[str]:
    """An expression for statements that read `contact`."""
    address = (
        select(ContactIdentity.value)
        .where(ContactIdentity.contact_id == Contact.id)
        .order_by(ContactIdentity.id)
        .limit(1)
        .correlate(Contact)
        .scalar_subquery()
    )
    return func.coalesce(func.nullif(Contact.name, ""), address, "")
