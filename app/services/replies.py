"""Writing to contacts: replying, starting a conversation, taking back, trying again. Sending itself is `app.services.delivery`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from app.domain.markup import markdown_to_html
from app.domain.reply_tokens import make_message_id, make_token
from app.domain.roles import Permission
from app.domain.text import clean_line, preview_of
from app.errors import Conflict, InvalidInput, NotFound
from app.models import (
    Attachment,
    ChannelAccount,
    Conversation,
    DeliveryState,
    Direction,
    Draft,
    Message,
    Status,
)
from app.plugin_api.channel import Capability
from app.plugin_api.exchanges import ReplyChoice
from app.plugin_api.messages import Participant
from app.plugin_api.texts import translatable
from app.services.account_view import account_view
from app.services.advice import advised_contact, advised_sending_account
from app.services.channel_limits import can_begin, refuse_strangers, refuse_too_large, refuse_what_is_lost
from app.services.contacts import find_or_create_contact
from app.services.conversation_rows import (
    add_activity,
    change_facets,
    create_conversation,
    set_status,
    summary_of,
)
from app.services.core import Actor, Core, Unit, require, writing
from app.services.drafts import put_draft
from app.services.indexing import index_message, people_of, unindex_message
from app.services.recipients import answer_recipients, sending_account
from app.services.reply_rules import Permitted, permitted, rules_of_answer, rules_of_first

__all__ = ["SENT_AS", "NewFile", "ReplyDraft", "queue_message", "reply", "retry", "start_conversation", "undo"]

SENT_AS = translatable("Sent as")
"""The field of an outbound message that keeps the label of its `ReplyChoice`."""

_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file an agent attaches."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """What an agent wants to send. `text` is Markdown. Empty `to` means whoever wrote last. `then` is the status afterwards. `choice` is
    the key of one of the ways that the channel offers (`app.services.reply_rules`)."""

    text: str
    to: tuple[Participant, ...] = ()
    cc: tuple[Participant, ...] = ()
    bcc: tuple[Participant, ...] = ()
    files: Sequence[NewFile] = ()
    then: str = Status.PENDING
    account_id: int | None = None
    choice: str = ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was found out about an answer before anything is written: which account plugins advise, which one will send it by now (None
    when that makes no difference), and what of it may be sent."""

    advised: int | None
    account_id: int | None
    permitted: Permitted


def reply(core: Core, actor: Actor, conversation_id: int, draft: ReplyDraft) -> int:
    """Queue a reply and return its message id. It can be taken back for `Config.undo_s` seconds.

    Raises `InvalidInput` when it is empty, nobody would get it, its channel cannot carry all of it or lets nothing of the kind be answered
    now, `NotFound` without the conversation, `Conflict` when no account can send.
    """
    require(actor, Permission.ANSWER)
    plan = _plan(core, conversation_id, draft)
    draft, way = replace(draft, text=plan.permitted.text), plan.permitted.way
    _check_draft(draft)
    with writing(core) as unit:
        conversation = unit.session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None or conversation.merged_into_id is not None:
            raise NotFound("This conversation does not exist.")
        before = {
            "status": conversation.status,
            "assignee_id": conversation.assignee_id,
            "waiting_since": conversation.waiting_since.isoformat() if conversation.waiting_since else None,
            "is_prepared": way is not None and not way.takes_text,
        }
        to = draft.to or answer_recipients(unit.session, conversation)
        account = sending_account(core, unit.session, conversation, to, chosen=draft.account_id, advised=plan.advised)
        if plan.account_id not in (None, account.id):
            raise Conflict("Another account would send this now. Look at it and send it again.")
        refuse_what_is_lost(core, account, to=to[1:], cc=draft.cc, bcc=draft.bcc, files=draft.files)
        refuse_strangers(core, unit.session, conversation, account, (*to, *draft.cc, *draft.bcc))
        message_id = queue_message(
            core, unit, conversation, account, actor=actor, to=to, draft=draft, way=way, undo=before,
            due_at=unit.now + timedelta(seconds=core.config.undo_s),
        )  # fmt: skip
        conversation.waiting_since = None
        if conversation.assignee_id is None and actor.agent_id is not None:
            change_facets(unit, conversation, assignee_id=actor.agent_id)
        set_status(unit, conversation, Status(draft.then), actor=actor)
        if way is None or way.takes_text:
            unit.session.execute(
                delete(Draft).where(Draft.agent_id == actor.agent_id, Draft.conversation_id == conversation_id)
            )
    return message_id


def start_conversation(
    core: Core, actor: Actor, *, account_id: int, to: Participant, subject: str, draft: ReplyDraft
) -> tuple[int, int]:
    """Open a conversation with a first outbound message. Returns its number and the message's id.

    Raises `InvalidInput` for an empty text or address and for what the channel cannot carry or does not take from us first, `Conflict` when
    the account cannot send, or can only answer.
    """
    require(actor, Permission.ANSWER)
    rules = rules_of_first(core, account_id, to)
    allowed = permitted(rules, text=draft.text, choice=draft.choice, has_files=bool(draft.files))
    draft = replace(draft, text=allowed.text)
    _check_draft(draft)
    if not to.value:
        raise InvalidInput("Say whom this is for.", {"to": "An address is needed."})
    first_row = core.session.get(ChannelAccount, account_id) if draft.files else None
    if first_row is not None:
        _refuse_too_large(core, first_row, draft)
    known_as = advised_contact(core, to)
    with writing(core) as unit:
        account = unit.session.get(ChannelAccount, account_id)
        channel = core.plugins.channels.get(account.plugin) if account else None
        if account is None or channel is None or Capability.SEND not in channel.capabilities:
            raise Conflict("This account cannot send. Choose another one.")
        if not can_begin(channel.capabilities):
            raise Conflict("This account can only answer. Choose another one.")
        refuse_what_is_lost(core, account, subject=subject.strip(), cc=draft.cc, bcc=draft.bcc, files=draft.files)
        conversation_id, _ = create_conversation(
            unit,
            account_id=account.id,
            channel=account.plugin,
            contact_id=find_or_create_contact(unit, to, known_as).id,
            subject=clean_line(subject, 500),
            assignee_id=actor.agent_id,
            team_id=account.team_id,
        )
        conversation = unit.session.get_one(Conversation, conversation_id)
        set_status(unit, conversation, Status(draft.then), actor=actor)
        due_at = unit.now + timedelta(seconds=core.config.undo_s)
        message_id = queue_message(
            core, unit, conversation, account, actor=actor, to=(to,), draft=draft, way=allowed.way, due_at=due_at,
            undo=None,
        )  # fmt: skip
        unit.announce("conversation_created", conversation=summary_of(unit.session, conversation, to), message=None)
        return conversation.number, message_id


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
    of the conversation's."""
    message = _outbound_row(core, unit, conversation, account, actor, to, draft, is_automatic)
    message.subject = clean_line(subject, 500) or message.subject
    message.due_at, message.undo = due_at, undo
    if way is not None:
        message.choice, message.fields = way.key, {SENT_AS: way.label}
    unit.session.add(message)
    unit.session.flush()
    _attach(core, unit, conversation, message.id, draft.files)
    index_message(
        unit.connection,
        conversation_id=conversation.id,
        message_id=message.id,
        subject=message.subject,
        people=people_of(message.sender_name, message.sender_value, message.recipients),
        body=message.text,
    )
    conversation.message_count += 1
    conversation.active_at = unit.now
    if not is_automatic:
        conversation.preview = preview_of(draft.text)
    unit.changed("conversation", id=conversation.id, number=conversation.number)
    unit.wake("deliver", message.id, delay_s=(due_at - unit.now).total_seconds())
    return message.id


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
    return Message(
        conversation_id=conversation.id,
        account_id=account.id,
        direction=Direction.OUTBOUND,
        agent_id=actor.agent_id,
        sender_kind=to[0].kind,
        sender_value=account.address[:320],
        sender_name=clean_line(actor.name if actor.agent_id else account.name, 200),
        created_at=unit.now,
        external_id=make_message_id(token, account.address.rpartition("@")[2] or "tidings.invalid"),
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
        text=draft.text[:_LONGEST],
        html=markdown_to_html(draft.text[:_LONGEST]),
    )


def _answer_subject(subject: str) -> str:
    return clean_line(subject if subject.lower().startswith("re:") else f"Re: {subject}", 500)


def undo(core: Core, actor: Actor, message_id: int) -> str:
    """Take back a reply that has not left yet; its text goes back into the agent's draft and is returned.

    Raises `Conflict` when it is too late, `NotFound` without the message.
    """
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        message = unit.session.get(Message, message_id, with_for_update=True)
        if message is None or message.direction != Direction.OUTBOUND:
            raise NotFound("This message does not exist.")
        if message.delivery_state != DeliveryState.QUEUED or message.attempts or message.last_error:
            raise Conflict("It is too late: the message is on its way.")
        if message.agent_id != actor.agent_id:
            raise Conflict("Only its author can take a message back.")
        conversation = unit.session.get_one(Conversation, message.conversation_id, with_for_update=True)
        text = "" if message.undo and message.undo.get("is_prepared") else message.text
        _restore(unit, conversation, message.undo)
        unindex_message(unit.connection, message)
        unit.session.execute(delete(Attachment).where(Attachment.message_id == message.id))
        unit.session.delete(message)
        unit.session.flush()
        conversation.message_count -= 1
        if text:
            put_draft(unit, agent_id=actor.agent_id, conversation_id=conversation.id, text=text)
        add_activity(unit, conversation.id, "taken_back", actor)
        unit.changed("conversation", id=conversation.id, number=conversation.number)
        return text


def retry(core: Core, actor: Actor, message_id: int) -> None:
    """Try a failed message again, now. Raises `Conflict` when it has not failed and is not waiting for another attempt."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        message = unit.session.get(Message, message_id, with_for_update=True)
        if message is None or message.direction != Direction.OUTBOUND:
            raise NotFound("This message does not exist.")
        if message.delivery_state not in (DeliveryState.FAILED, DeliveryState.RETURNED, DeliveryState.QUEUED):
            raise Conflict("This message is not waiting to be sent.")
        message.delivery_state = DeliveryState.QUEUED
        message.due_at, message.leased_until, message.attempts = unit.now, None, 0
        add_activity(unit, message.conversation_id, "retried", actor)
        conversation = unit.session.get_one(Conversation, message.conversation_id)
        unit.changed("conversation", id=conversation.id, number=conversation.number)
        unit.wake("deliver", message.id)


def _plan(core: Core, conversation_id: int, draft: ReplyDraft) -> _Plan:
    """Ask the plugins, outside of any transaction that writes. Raises `InvalidInput` for what the channel does not take."""
    advised = advised_sending_account(core, conversation_id, draft.to) if draft.account_id is None else None
    account_id, rules = rules_of_answer(core, conversation_id, draft.to, chosen=draft.account_id, advised=advised)
    allowed = permitted(rules, text=draft.text, choice=draft.choice, has_files=bool(draft.files))
    conversation = core.session.get(Conversation, conversation_id) if draft.files else None
    if conversation is not None:
        to = draft.to or answer_recipients(core.session(), conversation)
        row = sending_account(core, core.session(), conversation, to, chosen=draft.account_id, advised=advised)
        _refuse_too_large(core, row, draft)
    return _Plan(advised, account_id, allowed)


def _refuse_too_large(core: Core, row: ChannelAccount, draft: ReplyDraft) -> None:
    account = account_view(core, row, with_secrets=False)
    core.session.rollback()
    refuse_too_large(core, account, draft.text, [len(file.data) for file in draft.files])


def _check_draft(draft: ReplyDraft) -> None:
    if not draft.text.strip() and not draft.files:
        raise InvalidInput("There is nothing to send yet.", {"text": "Write a message first."})
    if len(draft.text) > _LONGEST:
        raise InvalidInput("This message is too long.", {"text": f"At most {_LONGEST} characters can be sent."})
    if draft.then not in (Status.OPEN, Status.PENDING, Status.RESOLVED):
        raise InvalidInput("Unknown status.", {"then": "Choose open, pending or resolved."})


def _attach(core: Core, unit: Unit, conversation: Conversation, message_id: int, files: Sequence[NewFile]) -> None:
    rows = [
        {
            "message_id": message_id,
            "filename": clean_line(f.filename.replace("\\", "/").rpartition("/")[2], 255) or "attachment",
            "content_type": clean_line(f.content_type, 120).lower() or "application/octet-stream",
            "size": len(f.data),
            "sha256": core.files.put(f.data),
            "is_inline": False,
            "content_id": None,
        }
        for f in files
    ]
    if rows:
        unit.connection.execute(insert(Attachment), rows)
        conversation.has_attachments = True


def _last_message(unit: Unit, conversation_id: int) -> Message | None:
    """The newest message an answer refers to: inbound if there is one, else whatever was said last."""
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.kind != "bounce")
        .order_by((Message.direction == Direction.INBOUND).desc(), Message.id.desc())
        .limit(1)
    )
    return unit.session.execute(statement).scalar_one_or_none()


def _restore(unit: Unit, conversation: Conversation, before: dict | None) -> None:
    if before is None:
        return
    change_facets(unit, conversation, status=before["status"], assignee_id=before["assignee_id"])
    waiting = before["waiting_since"]
    conversation.waiting_since = datetime.fromisoformat(waiting) if waiting else None
    conversation.resolved_at = unit.now if before["status"] == Status.RESOLVED else None
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.direction == Direction.INBOUND)
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = unit.session.execute(statement).scalar_one_or_none()
    if last is not None:
        conversation.preview = preview_of(last.reply_text if last.reply_text is not None else last.text)
