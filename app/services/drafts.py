"""Keeping what an agent has begun to write, in the caller's transaction; two tabs may save at the same moment."""

from app.models import Draft
from app.services.core import Unit
from app.services.counting import upsert

__all__ = ["put_draft"]


def put_draft(unit: Unit, *, agent_id: int | None, conversation_id: int, text: str) -> None:
    """Write an agent's draft of a conversation over whatever stood there."""
    values = {"text": text, "updated_at": unit.now}
    statement = upsert(unit.connection)(Draft.__table__).values(
        agent_id=agent_id, conversation_id=conversation_id, **values
    )
    statement = statement.on_conflict_do_update(index_elements=["agent_id", "conversation_id"], set_=values)
    unit.connection.execute(statement)
