"""Keeping what an agent has begun to write, in the caller's transaction; two tabs may save at the same moment."""

from sqlalchemy import select

from app.models import Draft
from app.services.core import Unit
from app.services.counting import upsert

__all__ = ["add_to_draft", "put_draft"]


def put_draft(unit: Unit, *, agent_id: int | None, conversation_id: int, text: str) -> None:
    """Write an agent's draft of a conversation over whatever stood there."""
    values = {"text": text, "updated_at": unit.now}
    statement = upsert(unit.connection)(Draft.__table__).values(
        agent_id=agent_id, conversation_id=conversation_id, **values
    )
    statement = statement.on_conflict_do_update(index_elements=["agent_id", "conversation_id"], set_=values)
    unit.connection.execute(statement)


def add_to_draft(unit: Unit, *, agent_id: int, conversation_id: int, text: str) -> None:
    """Give a text back to an agent, below what they have begun to write meanwhile."""
    mine = (Draft.agent_id == agent_id) & (Draft.conversation_id == conversation_id)
    begun = (unit.session.scalar(select(Draft.text).where(mine)) or "").strip()
    whole = f"{begun}\n\n{text}" if begun and begun != text.strip() else text
    put_draft(unit, agent_id=agent_id, conversation_id=conversation_id, text=whole)
