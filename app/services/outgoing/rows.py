"""The rows of an outbound message: queued in the caller's transaction, and taken out again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from app.domain.markup import markdown_to_html, with_attached
from app.domain.pictures import picture_type
from app.domain.reply_tokens import make_message_id, make_token
from app.domain.text import clean_line, preview_of
from app.models import Attachment, ChannelAccount, Conversation, DeliveryState, Direction, Message
from app.plugin_api.exchanges import ReplyChoice
from app.plugin_api.messages import Participant
from app.plugin_api.texts import translatable
from app.services.core import Actor, Core, Unit
from app.services.indexing import index_message, people_of, unindex_message
from app.services.outgoing.drafts import LONGEST, NewFile, ReplyDraft
from app.services.outgoing.files import StoredFile, store_file
from app.services.outgoing.pictures import picture_ids
from app.services.senders import sender_address

__all__ = ["SENT_AS", "queue_message", "take_out", "wake_for"]

SENT_AS = translatable("Sent as")
"""The field of an outbound message that keeps the label of its `ReplyChoice`."""

_SOON = timedelta(hours=1)
"""What leaves later than this is found by looking; a wake-up need not be kept that long."""


def queue_message(
    core: Core,
    unit: Unit,
    conversation: Conversation,
    account: ChannelAccount,
    *,
    actor: Actor,
    to: Sequence[Participant],
    draft: ReplyDraft,
    due_at: datetime,
    undo: dict | None,
    way: ReplyChoice | None = None,
    is_automatic: bool = False,
    subject: str = "",
) -> int:
    """Write an outbound message as queued, in the caller's transaction. Its Message-ID is fixed here, before any attempt. `way` is how it
    is sent, where its channel offers several: its label stays with the message, whatever becomes of the channel. `subject` takes the place
    of the conversation's. One that leaves later (`draft.at`) changes nothing of the conversation until then."""
    message = _outbound_row(core, unit, conversation, account, actor, to, draft, is_automatic)
    message.subject = clean_line(subject, 500) or message.subject
    message.due_at, message.undo = draft.at or due_at, undo
    if draft.at is not None:
        message.scheduled_at, message.cancels_on_reply = draft.at, draft.cancels_on_reply
        message.plan = _plan_of(draft, way)
    if way is not None:
        message.choice, message.fields = way.key, {SENT_AS: way.label}
    ids = picture_ids(draft.text, draft.files, message.external_id.rpartition("@")[2])
    message.html = with_attached(message.html or "", {name: f"cid:{one}" for name, one in ids.items()})
    unit.session.add(message)
    unit.session.flush()
    _attach(core, unit, conversation, message.id, draft.files, ids)
    index_message(
        unit.connection,
        conversation_id=conversation.id,
        message_id=message.id,
        subject=message.subject,
        people=people_of(message.sender_name, message.sender_value, message.recipients),
        body=message.text,
    )
    conversation.message_count += 1
    if draft.at is None:
        conversation.active_at = unit.now
    if not is_automatic and (draft.at is None or not conversation.preview):
        conversation.preview = preview_of(draft.text)
    unit.changed("conversation", id=conversation.id, number=conversation.number, contact_id=conversation.contact_id)
    wake_for(unit, message.id, message.due_at)
    return message.id


def wake_for(unit: Unit, message_id: int, at: datetime) -> None:
    """Have the worker woken when a message is to leave, unless that is far away: then looking finds it."""
    if at < unit.now + _SOON:
        unit.wake("deliver", message_id, delay_s=(at - unit.now).total_seconds())


def take_out(unit: Unit, conversation: Conversation, message: Message) -> tuple[str, list[StoredFile]]:
    """Remove a message that never left, as if it had not been written. Returns what its author wrote (nothing where the channel did) and
    its files."""
    prepared = (message.undo or {}).get("is_prepared") or (message.plan or {}).get("is_prepared")
    text = "" if prepared else message.text
    attached = select(Attachment.filename, Attachment.content_type, Attachment.size, Attachment.sha256)
    found = unit.session.execute(attached.where(Attachment.message_id == message.id).order_by(Attachment.id))
    files = [StoredFile(*row) for row in found]
    unindex_message(unit.connection, message)
    unit.session.execute(delete(Attachment).where(Attachment.message_id == message.id))
    unit.session.delete(message)
    conversation.message_count -= 1
    unit.session.flush()
    unit.changed("conversation", id=conversation.id, number=conversation.number, contact_id=conversation.contact_id)
    return text, files


def _plan_of(draft: ReplyDraft, way: ReplyChoice | None) -> dict[str, Any]:
    """What is done with the conversation once the message leaves."""
    return {
        "then": str(draft.then),
        "until": draft.until.isoformat() if draft.until else None,
        "is_prepared": way is not None and not way.takes_text,
    }


def _outbound_row(
    core: Core,
    unit: Unit,
    conversation: Conversation,
    account: ChannelAccount,
    actor: Actor,
    to: Sequence[Participant],
    draft: ReplyDraft,
    is_automatic: bool,
) -> Message:
    token = make_token(core.vault.derived("reply token")[0], conversation.id)
    last = _last_message(unit, conversation.id)
    asked = last.recipients if last is not None and last.direction == Direction.INBOUND else None
    sender = sender_address(core, unit.session, account, asked, draft.sender)
    return Message(
        conversation_id=conversation.id,
        account_id=account.id,
        direction=Direction.OUTBOUND,
        agent_id=actor.agent_id,
        sender_kind=to[0].kind,
        sender_value=sender[:320],
        sender_name=clean_line(actor.name if actor.agent_id else account.name, 200),
        created_at=unit.now,
        external_id=make_message_id(token, sender.rpartition("@")[2] or "tidings.invalid"),
        in_reply_to=last.external_id if last is not None and last.external_id else None,
        joined_by="agent" if actor.agent_id else "automatic",
        is_automatic=is_automatic,
        delivery_state=DeliveryState.QUEUED,
        attempts=0,
        recipients={
            key: [{"kind": p.kind, "value": p.value, "name": p.name} for p in people]
            for key, people in (("to", to), ("cc", draft.cc), ("bcc", draft.bcc))
            if people
        },
        fields={},
        defects=[],
        subject=_answer_subject(conversation.subject) if last is not None else clean_line(conversation.subject, 500),
        text=draft.text[:LONGEST],
        html=draft.html if draft.html is not None else markdown_to_html(draft.text[:LONGEST]),
    )


def _answer_subject(subject: str) -> str:
    return clean_line(subject if subject.lower().startswith("re:") else f"Re: {subject}", 500)


def _last_message(unit: Unit, conversation_id: int) -> Message | None:
    """The newest message an answer refers to: inbound if there is one, else whatever was said last."""
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.kind != "bounce", Message.scheduled_at.is_(None))
        .order_by((Message.direction == Direction.INBOUND).desc(), Message.id.desc())
        .limit(1)
    )
    return unit.session.execute(statement).scalar_one_or_none()


def _attach(
    core: Core,
    unit: Unit,
    conversation: Conversation,
    message_id: int,
    files: Sequence[NewFile],
    ids: Mapping[str, str],
) -> None:
    """`ids`: the Content-IDs of those that stand in the text, by name: of two with one name it is the first."""
    left = dict(ids)
    rows = [_file_row(core, message_id, file, left.pop(file.filename, None)) for file in files]
    if rows:
        unit.connection.execute(insert(Attachment), rows)
        conversation.has_attachments = conversation.has_attachments or not all(row["is_inline"] for row in rows)


def _file_row(core: Core, message_id: int, file: NewFile, content_id: str | None) -> dict[str, Any]:
    """What a picture in the text is, its bytes say."""
    stored = store_file(core, file)
    return {
        "message_id": message_id,
        "filename": stored.filename,
        "content_type": (content_id and picture_type(file.data[:16])) or stored.content_type,
        "size": stored.size,
        "sha256": stored.sha256,
        "is_inline": content_id is not None,
        "content_id": content_id,
    }
