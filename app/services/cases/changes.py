"""Changing a case. A case has no row of its own: it is told by its conversations."""

from sqlalchemy import or_, select

from app.domain.cases import LIVE
from app.domain.roles import Permission
from app.errors import NotFound
from app.models import Conversation
from app.services import conversations
from app.services.conversation_rows import add_activity
from app.services.core import Actor, Core, require, writing

__all__ = ["assign_all", "put_in", "resolve_all", "take_out"]

_LEFT, _JOINED = "case_left", "case_joined"


def take_out(core: Core, actor: Actor, conversation_id: int) -> int:
    """Tell a conversation by itself from now on, whatever else its contact wants. Returns how many were changed: 0 when it stood apart
    already. Raises `NotFound`."""
    return _put_apart(core, actor, conversation_id, is_apart=True)


def put_in(core: Core, actor: Actor, conversation_id: int) -> int:
    """Tell a conversation together with everything else of its contact again. Returns how many were changed. Raises `NotFound`."""
    return _put_apart(core, actor, conversation_id, is_apart=False)


def resolve_all(core: Core, actor: Actor, conversation_id: int) -> int:
    """Mark a conversation and all others of its case as done. Returns how many there were. Raises `NotFound`."""
    require(actor, Permission.ANSWER)
    return conversations.resolve(core, actor, _members(core, conversation_id))


def assign_all(core: Core, actor: Actor, conversation_id: int, agent_id: int | None) -> int:
    """Give a conversation and all others of its case to an agent, or to nobody. Returns how many there were. Raises `NotFound`,
    `InvalidInput` when the agent cannot take them."""
    require(actor, Permission.ANSWER)
    return conversations.assign(core, actor, _members(core, conversation_id), agent_id)


def _put_apart(core: Core, actor: Actor, conversation_id: int, *, is_apart: bool) -> int:
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        conversation = unit.session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None or conversation.merged_into_id is not None:
            raise NotFound("This conversation does not exist.")
        if conversation.is_apart == is_apart:
            return 0
        conversation.is_apart = is_apart
        add_activity(unit, conversation.id, _LEFT if is_apart else _JOINED, actor)
        told = {"id": conversation.id, "number": conversation.number, "contact_id": conversation.contact_id}
        unit.changed("conversation", **told)
        return 1


def _members(core: Core, conversation_id: int) -> list[int]:
    """The conversation itself, and the others of its case."""
    conversation = core.session.get(Conversation, conversation_id)
    if conversation is None or conversation.merged_into_id is not None:
        raise NotFound("This conversation does not exist.")
    if conversation.is_apart:
        return [conversation_id]
    statement = select(Conversation.id).where(
        Conversation.contact_id == conversation.contact_id,
        or_(*(Conversation.status == status for status in LIVE)),
        ~Conversation.is_apart,
    )
    return list(dict.fromkeys([conversation_id, *core.session.scalars(statement)]))
