"""What may leave through a channel: what it cannot carry is refused before anything is stored, so that nothing is lost on the way."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import ChannelAccount, Conversation, Direction, Message
from app.plugin_api.channel import Capability
from app.plugin_api.messages import Participant
from app.plugin_api.texts import translatable
from app.services.core import Core

__all__ = ["can_begin", "carried_fields", "refuse_strangers", "refuse_what_is_lost"]

_ONE_PERSON = translatable("This account cannot send copies: it writes to one person at a time.")
_LOST = {
    "subject": (Capability.SUBJECT, translatable("This account cannot send a subject. Leave it empty.")),
    "to": (Capability.COPY, _ONE_PERSON),
    "cc": (Capability.COPY, _ONE_PERSON),
    "bcc": (Capability.COPY, _ONE_PERSON),
    "files": (Capability.ATTACHMENTS, translatable("This account cannot send files. Say in the text where they are.")),
}
"""Field of a message to the capability it needs, and what to say without it."""


def can_begin(capabilities: Collection[Capability]) -> bool:
    """Whether a first message can leave through a channel with these capabilities, to somebody who has not written to it."""
    return Capability.SEND in capabilities and Capability.BEGIN in capabilities


def carried_fields(capabilities: Collection[Capability]) -> frozenset[str]:
    """Which of the fields that not every channel can send (subject, to, cc, bcc, files) one with these capabilities
    can."""
    return frozenset(name for name, (needed, _) in _LOST.items() if needed in capabilities)


def refuse_what_is_lost(core: Core, account: ChannelAccount, **given: object) -> None:
    """Raise `InvalidInput` with a sentence for each given field that the account's channel cannot carry: subject, to (those
    after the first), cc, bcc, files."""
    can = core.plugins.channels[account.plugin].capabilities
    fields = {name: text for name, (needed, text) in _LOST.items() if given.get(name) and needed not in can}
    if fields:
        raise InvalidInput("This account cannot send all of this.", fields)


def refuse_strangers(
    core: Core, session: Session, conversation: Conversation, account: ChannelAccount, to: Sequence[Participant]
) -> None:
    """Raise `InvalidInput` when a channel that can only answer would write to somebody who has not written in the conversation."""
    if can_begin(core.plugins.channels[account.plugin].capabilities):
        return
    statement = select(Message.sender_value, Message.recipients).where(
        Message.conversation_id == conversation.id, Message.direction == Direction.INBOUND
    )
    known: set[str] = set()
    for sender, recipients in session.execute(statement):
        known.update((sender, *(person["value"] for person in recipients.get("reply_to", ()))))
    if any(person.value not in known for person in to):
        raise InvalidInput(
            "This account cannot write to somebody first.",
            {"to": "This account can only answer people who wrote in this conversation."},
        )
