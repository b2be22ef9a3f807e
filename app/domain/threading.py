"""Which conversation a message belongs to. Pure: the caller brings what the store knows about the ids the message names.

A subject never joins anything. An id that only strangers know of does not either: a parent that is not ours is taken only from
somebody who already takes part in its conversation.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

__all__ = ["Joined", "KnownMessage", "choose_conversation"]


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A stored message whose id, or a named ancestor of which, the new message names too.

    `is_ours` for outbound ones, whose ids nobody can guess. `shares_ancestor` when only a missing ancestor is common to both;
    `names_new` when the stored message names the new one as its parent (it came late).
    """

    external_id: str
    conversation_id: int
    is_ours: bool
    shares_ancestor: bool = False
    names_new: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """The conversation, and why: token, in_reply_to, references, late_parent, shared_ancestor, thread_key."""

    conversation_id: int
    reason: str


def choose_conversation(
    *,
    in_reply_to: str | None,
    references: Sequence[str],
    known: Sequence[KnownMessage],
    token_conversation: int | None,
    own_conversations: Collection[int],
) -> Joined | None:
    """The conversation to join, or None for a new one.

    `own_conversations`: those among the known ones in which the sender already takes part.
    """

    def may_join(message: KnownMessage) -> bool:
        return message.is_ours or message.conversation_id in own_conversations

    direct = [m for m in known if not m.shares_ancestor and not m.names_new and may_join(m)]
    by_id = {m.external_id: m for m in direct}
    if in_reply_to and in_reply_to in by_id:
        return Joined(by_id[in_reply_to].conversation_id, "in_reply_to")
    for reference in reversed(references):
        if reference in by_id:
            return Joined(by_id[reference].conversation_id, "references")
    if token_conversation is not None:
        return Joined(token_conversation, "token")
    for message in known:
        if message.conversation_id in own_conversations:
            if message.names_new:
                return Joined(message.conversation_id, "late_parent")
            if message.shares_ancestor:
                return Joined(message.conversation_id, "shared_ancestor")
    return None
