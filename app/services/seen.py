"""What an agent has looked at, so that lists can show what is new to them."""

from sqlalchemy import delete

from app.models import ConversationSeen
from app.services.core import Actor, Core, writing
from app.services.counting import upsert

__all__ = ["mark_seen", "mark_unread"]


def mark_seen(core: Core, actor: Actor, conversation_id: int, message_count: int) -> None:
    """Remember that an agent has seen the first `message_count` messages of a conversation."""
    with writing(core) as unit:
        table = ConversationSeen.__table__
        statement = upsert(unit.connection)(table).values(
            agent_id=actor.agent_id, conversation_id=conversation_id, message_count=message_count
        )
        unit.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["agent_id", "conversation_id"], set_={"message_count": message_count}
            )
        )


def mark_unread(core: Core, actor: Actor, conversation_id: int) -> None:
    """Show a conversation as new to an agent again. Nothing happens when it is."""
    with writing(core) as unit:
        unit.connection.execute(
            delete(ConversationSeen).where(
                ConversationSeen.agent_id == actor.agent_id, ConversationSeen.conversation_id == conversation_id
            )
        )
