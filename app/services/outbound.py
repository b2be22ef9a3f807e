"""Building the message a channel is handed from its stored row: recipients, ancestors, quoted history, files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.domain.markup import without_attached
from app.domain.reply_tokens import make_token
from app.models import Attachment, ChannelAccount, Conversation, Direction, Message
from app.plugin_api.messages import Closing, OutboundAttachment, OutboundMessage, Participant
from app.services.core import Core, Unit
from app.services.letterheads import is_for, letterhead_for
from app.services.outgoing.closing import closings, logo_id, logo_of, values_for
from app.services.returned import return_tokens

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
    is_logo: bool = False


def with_files(core: Core, message: OutboundMessage, files: Sequence[StoredFile]) -> OutboundMessage:
    """The message with its files read into memory, the logo of a letterhead in its signature. Raises `FileNotFoundError` for one that is
    gone, `OSError` when it cannot be read."""
    read = {
        one: OutboundAttachment(one.filename, one.content_type, core.files.get(one.sha256), content_id=one.content_id)
        for one in files
    }
    logos = tuple(read[one] for one in files if one.is_logo)
    signed = replace(message, signature=replace(message.signature, pictures=logos)) if logos else message
    return replace(signed, attachments=tuple(read[one] for one in files if not one.is_logo))


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
        return_tokens=return_tokens(core, row.id, row.recipients),
    )
    signature, footer, logos = _closings(core, unit, row, conversation)
    return replace(message, signature=signature, footer=footer), [*_files(unit, row), *logos]


def _alias(unit: Unit, row: Message) -> str:
    """The address it is from where that is not the account's own."""
    own = unit.session.get_one(ChannelAccount, row.account_id).address
    return row.sender_value if row.sender_value.lower() != own.lower() else ""


def _closings(
    core: Core, unit: Unit, row: Message, conversation: Conversation
) -> tuple[Closing, Closing, list[StoredFile]]:
    """What stands below the words by the letterhead, and the logo. Channels whose messages have no formatting have no letterheads."""
    account = unit.session.get_one(ChannelAccount, row.account_id)
    channel = core.plugins.channels.get(account.plugin)
    letterhead = letterhead_for(unit.session, account.id, conversation.team_id) if channel and is_for(channel) else None
    if letterhead is None:
        return Closing(), Closing(), []
    logo = logo_of(letterhead)
    values = values_for(unit, letterhead, row, conversation)
    own_text = without_attached(row.text)
    signature, footer = closings(letterhead, values, logo, own_text=own_text, is_automatic=row.is_automatic)
    if logo is None or row.is_automatic or not letterhead.logo_sha256:
        return signature, footer, []
    name = f"logo.{letterhead.logo_type.partition('/')[2]}"
    file = StoredFile(name, letterhead.logo_type, letterhead.logo_sha256, logo_id(letterhead.logo_sha256), is_logo=True)
    return signature, footer, [file]


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
