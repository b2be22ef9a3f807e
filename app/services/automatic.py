"""Automatic answers, and the rules that keep two machines from writing to each other for ever (RFC 3834)."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.addresses import mailbox_of
from app.domain.authenticity import Verdict
from app.errors import Conflict, InvalidInput
from app.mime import is_robot
from app.models import Agent, ChannelAccount, Conversation, Direction, Message, Status
from app.plugin_api.messages import MessageKind, Participant
from app.services.advice import advised_sending_account
from app.services.automatic_answers import is_due, note_answer, stays_within_bounds
from app.services.core import SYSTEM, Core, Unit, writing
from app.services.own_addresses import own_addresses
from app.services.rates import allow_within
from app.services.recipients import sending_account
from app.services.replies import ReplyDraft, queue_message
from app.services.reply_rules import Permitted, permitted, rules_of_answer

__all__ = ["send_automatic"]

_VERIFICATIONS = "3 per hour"
_STALE = timedelta(days=2)
"""What was written so long before it came is old mail that is being fetched; whoever wrote it does not wait for a confirmation."""


@dataclass(frozen=True, slots=True)
class _Purpose:
    """What an automatic answer is for: to ask for the proof of an address, or to try out a form."""

    is_verification: bool = False
    is_test: bool = False


def send_automatic(
    core: Core,
    conversation_id: int,
    text: str,
    *,
    plugin: str | None = None,
    is_verification: bool = False,
    is_test: bool = False,
) -> int | None:
    """Queue an automatic answer to the newest message of a conversation and return its id.

    None when no account can send, its channel does not take it now, or the rules forbid it: nothing inbound, not a normal message, a
    sender that is a robot, is disowned by its own domain, or is one of our own addresses; old mail, Spam, an account that answers far too
    many, or a mailbox whose pause is not over: an hour, twice as long after each further automatic answer until an agent writes to it. What
    asks for the proof of an address may leave from Spam too and has a limit of its own; a test may be answered at once where it came from
    an agent's own address.
    """
    purpose = _Purpose(is_verification, is_test)
    advised = _advised_account(core, conversation_id, purpose)
    sender, allowed = _permitted(core, conversation_id, text, advised)
    if allowed is None:
        return None
    with writing(core) as unit:
        conversation = unit.session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None or (plugin is not None and conversation.channel != plugin):
            return None
        last = _last_inbound(unit.session, conversation_id)
        if last is None or not _may_answer(unit.session, conversation, last, purpose):
            return None
        is_counted = _is_counted(unit.session, last, purpose)
        if not _is_due(core, unit, last, purpose, is_counted=is_counted):
            return None
        to = (_addressee(last, purpose),)
        try:
            account = sending_account(core, unit.session, conversation, to, chosen=None, advised=advised)
        except Conflict:
            return None
        if sender not in (None, account.id):
            return None
        if is_counted and not stays_within_bounds(core, unit, account):
            return None
        if is_counted:
            note_answer(unit, _sender(last))
        draft = ReplyDraft(text=allowed.text)
        return queue_message(
            core, unit, conversation, account, actor=SYSTEM, to=to, draft=draft, way=allowed.way, due_at=unit.now,
            undo=None, is_automatic=True, subject=_subject(unit.session, conversation, purpose),
        )  # fmt: skip


def _advised_account(core: Core, conversation_id: int, purpose: _Purpose) -> int | None:
    """What plugins say about the account, unless it is clear already that nothing will be sent."""
    session = core.session()
    conversation, last = session.get(Conversation, conversation_id), _last_inbound(session, conversation_id)
    if conversation is None or last is None or not _may_answer(session, conversation, last, purpose):
        session.rollback()
        return None
    return advised_sending_account(core, conversation_id, (_sender(last),))


def _permitted(core: Core, conversation_id: int, text: str, advised: int | None) -> tuple[int | None, Permitted | None]:
    """Which account will send it, where that makes a difference, and what of the text its channel takes now."""
    try:
        account_id, rules = rules_of_answer(core, conversation_id, (), chosen=None, advised=advised)
        return account_id, permitted(rules, text=text)
    except (Conflict, InvalidInput):
        core.session.rollback()
        return None, None


def _sender(message: Message) -> Participant:
    return Participant(message.sender_kind, message.sender_value, message.sender_name)


def _addressee(message: Message, purpose: _Purpose) -> Participant:
    """Who is asked for a proof may be a stranger to whoever wrote, and reads nothing of what was written, neither name nor subject."""
    sender = _sender(message)
    return replace(sender, name="") if purpose.is_verification else sender


def _subject(session: Session, conversation: Conversation, purpose: _Purpose) -> str:
    """The name of the conversation's account where the subject must not be the conversation's; else empty."""
    account = session.get(ChannelAccount, conversation.account_id) if purpose.is_verification else None
    return account.name if account else ""


def _last_inbound(session: Session, conversation_id: int) -> Message | None:
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.direction == Direction.INBOUND)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none()


def _may_answer(session: Session, conversation: Conversation, message: Message, purpose: _Purpose) -> bool:
    if conversation.status == Status.SPAM and not purpose.is_verification:
        return False
    if message.kind != MessageKind.NORMAL or not message.accepts_auto_reply:
        return False
    if is_robot(message.sender_value) or _is_disowned(message):
        return False
    if message.sent_at is not None and message.created_at - message.sent_at > _STALE:
        return False
    return not _is_own(session, message)


def _is_disowned(message: Message) -> bool:
    """Whether the sender's own domain says that it is forged: the answer would reach somebody who wrote nothing."""
    vouched = message.authenticity or {}
    return vouched.get("dmarc") == Verdict.FAIL and vouched.get("arc") != Verdict.PASS


def _is_own(session: Session, message: Message) -> bool:
    """Whether one of our accounts reads what the sender's address gets, with or without a tag."""
    return own_addresses(session.connection()).gets(message.sender_kind, message.sender_value)


def _is_counted(session: Session, message: Message, purpose: _Purpose) -> bool:
    """Whether the pauses hold: not for what asks for a proof, nor for an agent who tries something out and may ask again at once."""
    return not purpose.is_verification and not (purpose.is_test and _is_agents_own(session, message))


def _is_due(core: Core, unit: Unit, message: Message, purpose: _Purpose, *, is_counted: bool) -> bool:
    """Whether nothing of the kind went to this mailbox too lately."""
    if purpose.is_verification:
        mailbox = mailbox_of(message.sender_kind, message.sender_value)
        return allow_within(core, unit, f"verification:{mailbox}", _VERIFICATIONS)
    return not is_counted or is_due(unit, _sender(message))


def _is_agents_own(session: Session, message: Message) -> bool:
    own = select(Agent.id).where(Agent.active, func.lower(Agent.email) == message.sender_value.lower()).limit(1)
    return message.sender_kind == "email" and session.execute(own).first() is not None
