"""Tags: all of them by id, and those of some conversations."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import Tag, conversation_tag

__all__ = ["tag_names", "tags_of"]

_MOST = 500


def tag_names(session: Session | scoped_session) -> Mapping[int, str]:
    """Tags by id in the order of their names, at most 500."""
    return {row.id: row.name for row in session.execute(select(Tag.id, Tag.name).order_by(Tag.name).limit(_MOST))}


def tags_of(session: Session | scoped_session, conversation_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """Names of the tags of each conversation that has some."""
    if not conversation_ids:
        return {}
    statement = (
        select(conversation_tag.c.conversation_id, Tag.name)
        .join(Tag, Tag.id == conversation_tag.c.tag_id)
        .where(conversation_tag.c.conversation_id.in_(conversation_ids))
        .order_by(Tag.name)
    )
    found: dict[int, list[str]] = {}
    for conversation_id, name in session.execute(statement):
        found.setdefault(conversation_id, []).append(name)
    return {key: tuple(names) for key, names in found.items()}
