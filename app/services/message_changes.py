"""What authors do to messages at the provider afterwards: they change them, take them back, react to them."""

from datetime import datetime

from sqlalchemy import delete, exists, or_, select

from app.domain.text import clean_line, preview_of
from app.models import Attachment, Conversation, Direction, Message, MessageReaction
from app.plugin_api.updates import MessageEdit, MessageRemoval, Reaction
from app.services.core import Unit
from app.services.counting import upsert
from app.services.indexing import body_of, index_message, people_of, unindex_message
from app.services.update_targets import named_message, touched

__all__ = ["apply_edit", "apply_reaction", "apply_removal"]

_LONGEST_TEXT = 2_000_000
_REACTION = MessageReaction.__table__


def apply_edit(unit: Unit, account_id: int, said: MessageEdit) -> tuple[int | None, int, bool]:
    """Put the new text in the place of the old one, also where it is searched and shown in lists. Gives the message's id, the
    conversation's, and whether anything is different now. Raises `NotThereYet`."""
    message = named_message(unit, account_id, said.external_id)
    text = said.text[:_LONGEST_TEXT]
    if message.removed_at is not None or message.text == text or _is_older(said.at, message.edited_at):
        return message.id, message.conversation_id, False
    conversation = touched(unit, message.conversation_id)
    unindex_message(unit.connection, message)
    message.text, message.reply_text, message.html, message.edited_at = text, None, None, said.at
    index_message(
        unit.connection,
        conversation_id=message.conversation_id,
        message_id=message.id,
        subject=message.subject,
        people=people_of(message.sender_name, message.sender_value, message.recipients),
        body=body_of(text, message.answers),
    )
    unit.session.flush()
    _renew_preview(unit, conversation, message)
    return message.id, message.conversation_id, True


def apply_removal(unit: Unit, account_id: int, said: MessageRemoval) -> tuple[int | None, int, bool]:
    """Forget what a message said, its files and the reactions to it, or its files alone; that it was there stays. Gives and raises the
    same."""
    message = named_message(unit, account_id, said.external_id)
    if message.removed_at is not None:
        return message.id, message.conversation_id, False
    conversation = touched(unit, message.conversation_id)
    if said.is_files_only:
        return message.id, message.conversation_id, _remove_files(unit, conversation, message)
    unindex_message(unit.connection, message)
    message.text, message.reply_text, message.html, message.raw_sha256 = "", None, None, None
    message.answers, message.defects, message.removed_at = None, [], said.at
    unit.session.flush()
    _remove_files(unit, conversation, message)
    unit.connection.execute(delete(_REACTION).where(_REACTION.c.message_id == message.id))
    _renew_preview(unit, conversation, message)
    return message.id, message.conversation_id, True


def apply_reaction(unit: Unit, account_id: int, said: Reaction) -> tuple[int | None, int, bool]:
    """Keep a person's newest sign. One that was taken away leaves an empty sign, so that an older one that comes late stays away. Gives
    and raises the same."""
    message = named_message(unit, account_id, said.external_id)
    if message.removed_at is not None:
        return message.id, message.conversation_id, False
    statement = upsert(unit.connection)(_REACTION).values(
        message_id=message.id,
        sender_kind=said.sender.kind[:40],
        sender_value=said.sender.value[:320],
        sender_name=clean_line(said.sender.name, 200),
        emoji="" if said.is_removed else said.emoji,
        at=said.at,
    )
    fresh = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["message_id", "sender_kind", "sender_value"],
        set_={"emoji": fresh.emoji, "sender_name": fresh.sender_name, "at": fresh.at},
        where=or_(_REACTION.c.at < fresh.at, (_REACTION.c.at == fresh.at) & (_REACTION.c.emoji != fresh.emoji)),
    )
    changed = unit.connection.execute(statement.returning(_REACTION.c.message_id)).first() is not None
    if changed:
        touched(unit, message.conversation_id)
    return message.id, message.conversation_id, changed


def _remove_files(unit: Unit, conversation: Conversation, message: Message) -> bool:
    """Forget a message's files; whether there were any."""
    gone = unit.connection.execute(delete(Attachment).where(Attachment.message_id == message.id)).rowcount
    if conversation.has_attachments:
        conversation.has_attachments = _has_files(unit, conversation.id)
    return bool(gone)


def _is_older(at: datetime, known: datetime | None) -> bool:
    return known is not None and at < known


def _renew_preview(unit: Unit, conversation: Conversation, changed: Message) -> None:
    """What lists show of a conversation, when it was what this message said. Automatic answers and messages without words never are."""
    statement = (
        select(Message.id, Message.text, Message.reply_text)
        .where(
            Message.conversation_id == conversation.id,
            Message.removed_at.is_(None),
            Message.text != "",
            or_(Message.direction == Direction.INBOUND, Message.is_automatic.is_(False)),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = unit.session.execute(statement).first()
    if last is None:
        conversation.preview = ""
    elif last.id <= changed.id:
        conversation.preview = preview_of(last.reply_text if last.reply_text is not None else last.text)


def _has_files(unit: Unit, conversation_id: int) -> bool:
    of_conversation = select(Message.id).where(Message.conversation_id == conversation_id)
    is_there = exists().where(Attachment.message_id.in_(of_conversation), Attachment.is_inline.is_(False))
    return bool(unit.session.scalar(select(is_there)))
