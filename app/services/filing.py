"""Filing what arrives: the tags a message brings for its conversation, and what its sender said of themselves. Inside the transaction of
`app.services.intake`; a priority stands in the conversation's row from the start."""

from collections.abc import Iterable

from sqlalchemy import Update, bindparam, update

from app.domain.text import clean_line
from app.models import Contact, Conversation
from app.plugin_api.messages import InboundMessage
from app.services.conversation_rows import put_tag
from app.services.core import Unit

__all__ = ["file_arrival", "tag_names"]


def tag_names(texts: Iterable[str]) -> tuple[str, ...]:
    """The names as agents' tags are written, each once: small letters, at most 60, nothing empty."""
    return tuple(dict.fromkeys(name for one in texts if (name := clean_line(one, 60).lower())))


def file_arrival(unit: Unit, message: InboundMessage, conversation_id: int, contact_id: int) -> None:
    """Put the tags of a stored message on its conversation, and what its contact left empty on the contact."""
    if message.tags:
        unit.session.flush()
        conversation = unit.session.get_one(Conversation, conversation_id, populate_existing=True)
        for name in message.tags:
            put_tag(unit, conversation, name, actor=None, is_from_provider=True)
    for column, statement in _FILL.items():
        if fact := getattr(message.contact, column):
            unit.connection.execute(statement, {"contact_id": contact_id, "fact": fact})


def _fill(column: str) -> Update:
    contact = Contact.__table__
    is_empty = (contact.c.id == bindparam("contact_id")) & (contact.c[column] == "")
    return update(contact).where(is_empty).values({column: bindparam("fact")})


_FILL = {column: _fill(column) for column in ("company", "phone")}
"""What of `ContactFacts` is written where, unless something stands there."""
