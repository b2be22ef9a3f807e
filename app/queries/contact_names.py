"""What a contact is called where their name is not known, and how they look: by their first address that tells."""

from sqlalchemy import ColumnElement, func, select

from app.models import Contact, ContactIdentity

__all__ = ["shown_name", "shown_picture"]


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


def shown_picture() -> ColumnElement[str | None]:
    """The digest of a contact's picture, or null; an expression for statements that read `contact`."""
    return (
        select(ContactIdentity.picture_sha256)
        .where(ContactIdentity.contact_id == Contact.id, ContactIdentity.picture_sha256.is_not(None))
        .order_by(ContactIdentity.id)
        .limit(1)
        .correlate(Contact)
        .scalar_subquery()
    )
