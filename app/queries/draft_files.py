"""The files that drafts keep, as the reply box and the page for a first message show them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import DraftFile

__all__ = ["DraftFileRow", "draft_files"]


@dataclass(frozen=True, slots=True)
class DraftFileRow:
    """A kept file. `size` in bytes; `goes_along`: whether its box is ticked."""

    id: int
    filename: str
    size: int
    goes_along: bool


def draft_files(
    session: scoped_session[Session], agent_id: int, conversation_id: int | None, among: Collection[int] | None = None
) -> tuple[DraftFileRow, ...]:
    """The files that an agent keeps for a conversation, None for first messages, oldest first. `among`: only those with these ids."""
    columns = (getattr(DraftFile, name) for name in DraftFileRow.__dataclass_fields__)
    mine = (DraftFile.agent_id == agent_id) & (DraftFile.conversation_id == conversation_id)
    if among is not None:
        mine &= DraftFile.id.in_(among)
    return tuple(DraftFileRow(*row) for row in session.execute(select(*columns).where(mine).order_by(DraftFile.id)))
