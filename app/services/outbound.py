"""Building the message a channel is handed from its stored row: recipients, ancestors, quoted history, files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.domain.markup import without_attached
from app.domain.reply_tokens import make_token
from app.models import Attachment, ChannelAccount, Conversation, Direction, Message
from app.plugin_api.messages import OutboundAttachment, OutboundMessage, Participant
from app.services.core import Core, Unit

__all__ = ["StoredFile", "outbound_message", "with_files"]

_MOST_REFERENCES = 20
_LONGEST_QUOTE = 50_000


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that leaves with a message, still in the file storage."""

    filename: str
    content_type: str
    sha256: str
    content_id: str | None


def with_files(core: Core, message: OutboundMessage, files: Sequence[StoredFile]) -> OutboundMessage:
    """The message with its files read into memory. Raises `FileNotFoundError` for one that is gone, `OSError` when it cannot be read."""
    read = [
        OutboundAttachment(f.filename, f.content_type, core.files.get(f.sha256), content_id=f.content_id) for f in files
    ]
    return replace(message, attachments=tuple(read))


def outbound_message(core: Core, unit: Unit, row: Message) -> tuple[OutboundMessage, list[StoredFile]]:
    """The value for `Channel.send` without its files, and these files: large ones must not be read while the database is locked."""
    conversation = unit.session.get_one(Conversation, row.conversation_id)
    earlier = _earlier(unit, row)
    quoted = next((m for m in reversed(earlier) if m.direction == Direction.INBOUND and m.kind != "bounce"), None)
    ids = [m.external_id for m in earlier if m.external_id]
    if row.in_reply_to and row.in_reply_to in ids:
        ids = [i for i in ids if i != row.in_reply_to] + [row.in_reply_to]
    message = OutboundMessage(
        message_id=row.id,
        conversation_id=row.conversation_id,
        external_id=row.external_id,
        to=_people(row, "to"),
        cc=_people(row, "cc"),
        bcc=_people(row, "bcc"),
        sender_name=row.sender_name,
        subject=row.subject,
        text=without_attached(row.text),
        html=row.html,
        quoted_text=_quote(quoted) if quoted and not row.is_automatic else "",
        thread_key=conversation.thread_key,
        in_reply_to=row.in_reply_to,
        references=tuple(ids[-_MOST_REFERENCES:]),
        reply_token=make_token(core.vault.derived("reply token")[0], row.conversation_id),
        is_automatic=row.is_automatic,
        created_at=row.created_at,
        attempt=row.attempts,
        choice=row.choice,
        sender=_alias(unit, row),
    )
    return message, _files(unit, row)


def _alias(unit: Unit, row: Message) -> str:
    """The address it is from where that is not the account's own."""
    own = unit.session.get_one(ChannelAccount, row.account_id).address
    return row.sender_value if row.sender_value.lower() != own.lower() else ""


def _earlier(unit: Unit, row: Message) -> list[Message]:
    statement = (
        select(Message)
        .where(Message.conversation_id == row.conversation_id, Message.id < row.id, Message.scheduled_at.is_(None))
        .order_by(Message.id.desc())
        .limit(_MOST_REFERENCES)
    )
    return list(reversed(unit.session.execute(statement).scalars().all()))


def _people(row: Message, key: str) -> tuple[Participant, ...]:
    return tuple(Participant(p["kind"], p["value"], p.get("name", "")) for p in row.recipients.get(key, []))


def _quote(message: Message) -> str:
    when = (message.sent_at or message.created_at).strftime("%Y-%m-%d %H:%M UTC")
    who = message.sender_name or message.sender_value
    lines = message.text[:_LONGEST_QUOTE].splitlines()
    return "\n".join([f"On {when}, {who} wrote:", *(f"> {line}" if line else ">" for line in lines)])


def _files(unit: Unit, row: Message) -> list[StoredFile]:
    statement = select(Attachment).where(Attachment.message_id == row.id).order_by(Attachment.id)
    return [
        StoredFile(a.filename, a.content_type, a.sha256, a.content_id)
        for a in unit.session.execute(statement).scalars()
    ]
