"""Tags: all of them by id, and those of some conversations."""

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, scoped_session

from app.models import Tag, conversation_tag

__all__ = ["tag_names", "tags_of"]

_MOST = 500
_NAMES = select(Tag.id, Tag.name).order_by(Tag.name).limit(_MOST)
_TAGS_OF = (
    select(conversation_tag.c.conversation_id, Tag.name)
    .join(Tag, Tag.id == conversation_tag.c.tag_id)
    .where(conversation_tag.c.conversation_id.in_(bindparam("ids", expanding=True)))
    .order_by(Tag.name)
)


def tag_names(session: Session | scoped_session) -> Mapping[int, str]:
    """Tags by id in the order of their names, at most 500."""
    return {row.id: row.name for row in session.connection().execute(_NAMES)}


def tags_of(session: Session | scoped_session, conversation_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """Names of the tags of each conversation that has some."""
    if not conversation_ids:
        return {}
    found: dict[int, list[str]] = {}
    for conversation_id, name in session.connection().execute(_TAGS_OF, {"ids": list(conversation_ids)}):
        found.setdefault(conversation_id, []).append(name)
    return {key: tuple(names) for key, names in found.items()}
