"""What happened in a conversation, merged from messages, notes and activities: each read once, the newest items first to be kept. What is
to leave later comes last on the newest page, however long ago it was written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, bindparam, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, scoped_session

from app.errors import InvalidInput
from app.models import Activity, Attachment, ContactIdentity, Message, MessageReaction, Note

__all__ = [
    "ActivityRow",
    "AttachmentRow",
    "MessageRow",
    "NoteRow",
    "ReactionRow",
    "Timeline",
    "attachments_of",
    "timeline",
]

SHOWN_TEXT = 30_000
"""Characters of one message that a page shows; the rest is read in the original."""

_NOTHING_YET = 2**62
_RANK = {"message": 0, "note": 1, "activity": 2}


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message. Texts are cut to `SHOWN_TEXT` characters; `is_cut` says so. HTML itself is not read here. `picture_sha256`: how the
    sender looks."""

    id: int
    direction: str
    kind: str
    account_id: int
    external_id: str
    accepts_auto_reply: bool
    agent_id: int | None
    contact_id: int | None
    sender_value: str
    sender_name: str
    created_at: datetime
    sent_at: datetime | None
    joined_by: str
    joined_by_id: int | None
    is_automatic: bool
    choice: str
    delivery_state: str | None
    attempts: int
    due_at: datetime | None
    scheduled_at: datetime | None
    cancels_on_reply: bool
    delivered_at: datetime | None
    read_at: datetime | None
    edited_at: datetime | None
    removed_at: datetime | None
    last_error: str
    recipients: Mapping[str, Any]
    fields: Mapping[str, str]
    answers: Mapping[str, str] | None
    defects: Sequence[str]
    authenticity: Mapping[str, str] | None
    warnings: Sequence[Mapping[str, Any]] | None
    traits: Mapping[str, Any] | None
    raw_sha256: str | None
    subject: str
    text: str
    reply_text: str | None
    is_cut: bool
    has_html: bool
    has_remote_images: bool
    has_reactions: bool
    picture_sha256: str | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note of an agent."""

    id: int
    agent_id: int | None
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A line the system wrote."""

    id: int
    agent_id: int | None
    kind: str
    data: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file of a message. `danger`: why opening it may harm, in a word."""

    id: int
    message_id: int
    filename: str
    content_type: str
    size: int
    is_inline: bool
    danger: str


@dataclass(frozen=True, slots=True)
class ReactionRow:
    """A sign that somebody put to a message."""

    message_id: int
    emoji: str
    name: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Items oldest first; `earlier` is the cursor of what came before them, None when there is nothing."""

    items: tuple[MessageRow | NoteRow | ActivityRow, ...]
    earlier: str | None = None
    attachments: Mapping[int, tuple[AttachmentRow, ...]] = field(default_factory=dict)
    reactions: Mapping[int, tuple[ReactionRow, ...]] = field(default_factory=dict)


def timeline(session: Session | scoped_session, conversation_id: int, *, before: str = "", size: int = 60) -> Timeline:
    """The newest `size` items before a cursor; without one, also what is to leave later. Four queries, and one more where there are
    reactions."""
    limits = _parse(before)
    messages = _messages(session, conversation_id, limits["message"], size + 1)
    waiting = sorted((row for row in messages if row.scheduled_at is not None), key=_leaves)
    found: dict[str, Sequence[Any]] = {
        "message": [row for row in messages if row.scheduled_at is None],
        "note": _notes(session, conversation_id, limits["note"], size + 1),
        "activity": _activities(session, conversation_id, limits["activity"], size + 1),
    }
    merged = [(row.created_at, _RANK[kind], row.id, kind, row) for kind, rows in found.items() for row in rows]
    merged.sort(key=lambda entry: entry[:3])
    kept = merged[-size:]
    has_earlier = len(merged) > size
    shown = (*(entry[4] for entry in kept), *waiting)
    message_ids = [row.id for row in shown if isinstance(row, MessageRow)]
    return Timeline(
        items=shown,
        earlier=_cursor(limits, merged[:-size], kept) if has_earlier else None,
        attachments=attachments_of(session, message_ids),
        reactions=_reactions(session, [row.id for row in shown if getattr(row, "has_reactions", False)]),
    )


def attachments_of(
    session: Session | scoped_session, message_ids: Sequence[int]
) -> Mapping[int, tuple[AttachmentRow, ...]]:
    """The files of some messages, by message."""
    if not message_ids:
        return {}
    found: dict[int, list[AttachmentRow]] = {}
    for row in session.connection().execute(_FILES, {"ids": list(message_ids)}):
        found.setdefault(row.message_id, []).append(AttachmentRow(*row))
    return {key: tuple(rows) for key, rows in found.items()}


def _reactions(session: Session | scoped_session, message_ids: Sequence[int]) -> Mapping[int, tuple[ReactionRow, ...]]:
    """The signs on some messages, by message, the oldest first."""
    found: dict[int, list[ReactionRow]] = {}
    if message_ids:
        for row in session.connection().execute(_REACTIONS, {"ids": list(message_ids)}):
            found.setdefault(row.message_id, []).append(ReactionRow(*row))
    return {key: tuple(rows) for key, rows in found.items()}


def _messages(session: Session | scoped_session, conversation_id: int, below: int, limit: int) -> list[MessageRow]:
    return [MessageRow(*row) for row in _items(session, _MESSAGES, conversation_id, below, limit)]


def _notes(session: Session | scoped_session, conversation_id: int, below: int, limit: int) -> list[NoteRow]:
    return [NoteRow(*row) for row in _items(session, _NOTES, conversation_id, below, limit)]


def _activities(session: Session | scoped_session, conversation_id: int, below: int, limit: int) -> list[ActivityRow]:
    return [ActivityRow(*row) for row in _items(session, _ACTIVITIES, conversation_id, below, limit)]


def _items(
    session: Session | scoped_session, statement: Select, conversation_id: int, below: int, limit: int
) -> Iterable[Row]:
    return session.connection().execute(statement, {"conversation_id": conversation_id, "below": below, "most": limit})


def _parse(before: str) -> dict[str, int]:
    if not before:
        return dict.fromkeys(_RANK, _NOTHING_YET)
    parts = before.split("~")
    if len(parts) != len(_RANK) or not all(part.isdecimal() and int(part[:20]) <= _NOTHING_YET for part in parts):
        raise InvalidInput("This link is not complete. Open the conversation again.")
    return dict(zip(_RANK, map(int, parts), strict=True))


def _leaves(row: MessageRow) -> tuple[datetime | None, int]:
    return row.scheduled_at, row.id


def _cursor(limits: Mapping[str, int], left: Iterable[tuple], kept: Iterable[tuple]) -> str:
    """Of each kind the oldest id that was shown; where none was, what it was before. A message may have left long after it was written:
    what was left out comes in any case, even if such a one is shown again."""
    lowest = dict(limits)
    for _, _, row_id, kind, _ in kept:
        lowest[kind] = min(lowest[kind], row_id)
    for _, _, row_id, kind, _ in left:
        lowest[kind] = max(lowest[kind], row_id + 1)
    return "~".join(str(lowest[kind]) for kind in _RANK)


# ---- statements, prepared once: putting them together costs more than running them
def _newest(model: type[Message] | type[Note] | type[Activity], *columns: Any) -> Select:
    """The newest items of a conversation below an id."""
    return (
        select(*columns)
        .where(model.conversation_id == bindparam("conversation_id"), model.id < bindparam("below"))
        .order_by(model.id.desc())
        .limit(bindparam("most"))
    )


def _newest_messages(*columns: Any) -> Select:
    """The newest messages of a conversation below an id, and where none is named, those that are to leave later."""
    here = Message.conversation_id == bindparam("conversation_id")
    newest = _newest(Message, Message.id).where(Message.scheduled_at.is_(None)).subquery()
    is_newest_page = bindparam("below", type_=BigInteger) == _NOTHING_YET
    waiting = select(Message.id).where(here, Message.scheduled_at.is_not(None), is_newest_page)
    return select(*columns).where(Message.id.in_(union_all(select(newest.c.id), waiting))).order_by(Message.id.desc())


_HAS_REMOTE_IMAGES = or_(*(Message.html.like(f"%src={quote}http%") for quote in ('"', "'", "")))
_HAS_REACTIONS = exists().where(MessageReaction.message_id == Message.id, MessageReaction.emoji != "")
_PICTURE = (
    select(ContactIdentity.picture_sha256)
    .where(ContactIdentity.kind == Message.sender_kind, ContactIdentity.value == Message.sender_value)
    .correlate(Message)
    .scalar_subquery()
)
_MADE = ("text", "reply_text", "is_cut", "has_html", "has_remote_images", "has_reactions", "picture_sha256")
_MESSAGES = _newest_messages(
    *(getattr(Message, name) for name in MessageRow.__dataclass_fields__ if name not in _MADE),
    func.substr(Message.text, 1, SHOWN_TEXT),
    func.substr(Message.reply_text, 1, SHOWN_TEXT),
    func.length(func.coalesce(Message.reply_text, Message.text)) > SHOWN_TEXT,
    Message.html.is_not(None),
    func.coalesce(_HAS_REMOTE_IMAGES, False),
    _HAS_REACTIONS,
    _PICTURE,
)
_NOTES = _newest(Note, Note.id, Note.agent_id, func.substr(Note.text, 1, SHOWN_TEXT), Note.created_at)
_ACTIVITIES = _newest(Activity, Activity.id, Activity.agent_id, Activity.kind, Activity.data, Activity.created_at)
_FILES = (
    select(*(getattr(Attachment, name) for name in AttachmentRow.__dataclass_fields__))
    .where(Attachment.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(Attachment.id)
)
_REACTIONS = (
    select(
        MessageReaction.message_id,
        MessageReaction.emoji,
        func.coalesce(func.nullif(MessageReaction.sender_name, ""), MessageReaction.sender_value),
    )
    .where(MessageReaction.message_id.in_(bindparam("ids", expanding=True)), MessageReaction.emoji != "")
    .order_by(MessageReaction.at, MessageReaction.sender_value)
    .limit(2_000)
)
