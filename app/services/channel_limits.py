"""What may leave through a channel: what it cannot carry is refused before anything is stored, so that nothing is lost on the way."""

import logging
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.languages import gettext
from app.mime import wire_size
from app.models import ChannelAccount, Conversation, Direction, Message
from app.plugin_api.channel import Account, Capability, Channel
from app.plugin_api.messages import Participant
from app.plugin_api.texts import translatable
from app.services.core import Core

__all__ = [
    "can_begin",
    "carried_fields",
    "largest_message",
    "refuse_strangers",
    "refuse_too_large",
    "refuse_what_is_lost",
]

log = logging.getLogger(__name__)

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
    """Raise `InvalidInput` when a channel that can only answer would write to somebody who has not written in the conversation. `to` has
    all who would get it, copies too."""
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


def largest_message(core: Core, account: Account) -> int | None:
    """How many bytes a message through an account may have on its way, as far as its channel knows."""
    channel = core.plugins.channels.get(account.plugin)
    if channel is None or type(channel).largest_message is Channel.largest_message:
        return None
    try:
        most = core.plugins.dispatcher.guarded(account.plugin, "largest message")(channel.largest_message, account)
    except (Exception, SystemExit):  # plugin code: whatever it does, agents can go on answering
        core.session.rollback()
        log.exception("plugin %s failed to say how large a message may be", account.plugin)
        return None
    return most if isinstance(most, int) and most > 0 else None


def refuse_too_large(core: Core, account: Account, text: str, files: Sequence[int]) -> None:
    """Raise `InvalidInput` when a message with files of these sizes is larger than what the account's provider takes. Outside of any
    transaction that writes: the channel is asked."""
    most = largest_message(core, account)
    size = wire_size(text, files)
    if most is not None and size > most:
        values = {"account": account.name, "most": _megabytes(most), "size": _megabytes(size)}
        sentence = gettext("%(account)s can send %(most)s MB at most; this has %(size)s MB as it travels.") % values
        raise InvalidInput(sentence, {"files": sentence})


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}".removesuffix(".0")
