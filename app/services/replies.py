"""Writing to contacts: replying and starting a conversation. What is sent of it, when, and how it is taken back stands in
`app.services.outgoing`; sending itself is `app.services.delivery`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import Conflict, InvalidInput, NotFound
from app.mime import travelling_size
from app.models import ChannelAccount, Conversation, Status
from app.plugin_api.channel import Capability
from app.plugin_api.exchanges import ReplyChoice
from app.plugin_api.messages import Participant
from app.services.account_view import account_view
from app.services.advice import advised_contact, advised_sending_account
from app.services.channel_limits import can_begin, refuse_strangers, refuse_too_large, refuse_what_is_lost
from app.services.contacts import find_or_create_contact
from app.services.conversation_rows import create_conversation, set_status, summary_of
from app.services.core import Actor, Core, Unit, require, writing
from app.services.drafts import end_draft
from app.services.letterheads import logo_bytes
from app.services.outgoing.drafts import NewFile, ReplyDraft, check_draft
from app.services.outgoing.files import let_go, with_kept_files
from app.services.outgoing.leaving import carry_out
from app.services.outgoing.pictures import refuse_lost_pictures
from app.services.outgoing.rows import SENT_AS, queue_message
from app.services.outgoing.taking_back import retry, undo
from app.services.recipients import answer_recipients, sending_account
from app.services.reply_rules import Permitted, permitted, rules_of_answer, rules_of_first

__all__ = ["SENT_AS", "NewFile", "ReplyDraft", "queue_message", "reply", "retry", "start_conversation", "undo"]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was found out about an answer before anything is written: which account plugins advise, which one will send it by now (None
    when that makes no difference), and what of it may be sent."""

    advised: int | None
    account_id: int | None
    permitted: Permitted


def reply(core: Core, actor: Actor, conversation_id: int, draft: ReplyDraft) -> int:
    """Queue a reply and return its message id. It can be taken back for `Config.undo_s` seconds; one that leaves later (`draft.at`) changes
    nothing of the conversation until then.

    Raises `InvalidInput` when it is empty, nobody would get it, its channel cannot carry all of it or lets nothing of the kind be answered
    now, `NotFound` without the conversation, `Conflict` when no account can send.
    """
    require(actor, Permission.ANSWER)
    draft = with_kept_files(core, actor, conversation_id, draft)
    plan = _plan(core, conversation_id, draft)
    draft, way = replace(draft, text=plan.permitted.text), plan.permitted.way
    _check(core, draft)
    with writing(core) as unit:
        conversation = unit.session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None or conversation.merged_into_id is not None:
            raise NotFound("This conversation does not exist.")
        to = draft.to or answer_recipients(unit.session, conversation)
        account = sending_account(core, unit.session, conversation, to, chosen=draft.account_id, advised=plan.advised)
        if plan.account_id not in (None, account.id):
            raise Conflict("Another account would send this now. Look at it and send it again.")
        refuse_what_is_lost(core, account, to=to[1:], cc=draft.cc, bcc=draft.bcc, files=draft.files)
        refuse_strangers(core, unit.session, conversation, account, (*to, *draft.cc, *draft.bcc))
        message_id = queue_message(
            core, unit, conversation, account, actor=actor, to=to, draft=draft, way=way,
            undo=_before(conversation, way), due_at=unit.now + timedelta(seconds=core.config.undo_s),
        )  # fmt: skip
        if draft.at is None:
            carry_out(unit, conversation, actor, draft.then, draft.until)
        if way is None or way.takes_text:
            end_draft(unit, draft.kept, agent_id=actor.agent_id, conversation_id=conversation_id)
    return message_id


def start_conversation(
    core: Core,
    actor: Actor,
    *,
    account_id: int,
    to: Participant,
    subject: str,
    draft: ReplyDraft,
    once_queued: Callable[[Unit, Conversation], None] | None = None,
) -> tuple[int, int]:
    """Open a conversation with a first outbound message. Returns its number and the message's id. One that leaves later (`draft.at`) leaves
    the conversation pending until then. `once_queued` takes a step in the same transaction.

    Raises `InvalidInput` for an empty text or address and for what the channel cannot carry or does not take from us first, `Conflict` when
    the account cannot send, or can only answer.
    """
    require(actor, Permission.ANSWER)
    draft = with_kept_files(core, actor, None, draft)
    rules = rules_of_first(core, account_id, to)
    allowed = permitted(rules, text=draft.text, choice=draft.choice, has_files=bool(draft.files))
    draft = replace(draft, text=allowed.text)
    _check(core, draft)
    if not to.value:
        raise InvalidInput("Say whom this is for.", {"to": "An address is needed."})
    _refuse_too_large_first(core, account_id, draft)
    known_as = advised_contact(core, to)
    with writing(core) as unit:
        account = _beginning_account(core, unit, account_id)
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
        _begin_status(unit, conversation, actor, draft)
        due_at = unit.now + timedelta(seconds=core.config.undo_s)
        message_id = queue_message(
            core, unit, conversation, account, actor=actor, to=(to,), draft=draft, way=allowed.way, due_at=due_at,
            undo=None,
        )  # fmt: skip
        let_go(unit, draft.kept, agent_id=actor.agent_id, conversation_id=None)
        if once_queued is not None:
            once_queued(unit, conversation)
        unit.announce("conversation_created", conversation=summary_of(unit.session, conversation, to), message=None)
        return conversation.number, message_id


def _begin_status(unit: Unit, conversation: Conversation, actor: Actor, draft: ReplyDraft) -> None:
    """What leaves later has its plan carried out then."""
    then, until = (draft.then, draft.until) if draft.at is None else (Status.PENDING, None)
    set_status(unit, conversation, Status(then), actor=actor, until=until)


def _beginning_account(core: Core, unit: Unit, account_id: int) -> ChannelAccount:
    account = unit.session.get(ChannelAccount, account_id)
    channel = core.plugins.channels.get(account.plugin) if account else None
    if account is None or channel is None or Capability.SEND not in channel.capabilities:
        raise Conflict("This account cannot send. Choose another one.")
    if not can_begin(channel.capabilities):
        raise Conflict("This account can only answer. Choose another one.")
    return account


def _check(core: Core, draft: ReplyDraft) -> None:
    check_draft(draft, core.clock.now())
    refuse_lost_pictures(draft.text, draft.files)


def _before(conversation: Conversation, way: ReplyChoice | None) -> dict[str, Any]:
    """What taking an answer back restores."""
    waiting, snoozed = conversation.waiting_since, conversation.snoozed_until
    return {
        "status": conversation.status,
        "assignee_id": conversation.assignee_id,
        "waiting_since": waiting.isoformat() if waiting else None,
        "snoozed_until": snoozed.isoformat() if snoozed else None,
        "is_prepared": way is not None and not way.takes_text,
    }


def _plan(core: Core, conversation_id: int, draft: ReplyDraft) -> _Plan:
    """Ask the plugins, outside of any transaction that writes. Raises `InvalidInput` for what the channel does not take."""
    advised = advised_sending_account(core, conversation_id, draft.to) if draft.account_id is None else None
    account_id, rules = rules_of_answer(core, conversation_id, draft.to, chosen=draft.account_id, advised=advised)
    allowed = permitted(rules, text=draft.text, choice=draft.choice, has_files=bool(draft.files))
    conversation = core.session.get(Conversation, conversation_id) if draft.files else None
    if conversation is not None:
        to = draft.to or answer_recipients(core.session(), conversation)
        row = sending_account(core, core.session(), conversation, to, chosen=draft.account_id, advised=advised)
        _refuse_too_large(core, row, conversation.team_id, draft)
    return _Plan(advised, account_id, allowed)


def _refuse_too_large_first(core: Core, account_id: int, draft: ReplyDraft) -> None:
    row = core.session.get(ChannelAccount, account_id) if draft.files else None
    if row is not None:
        _refuse_too_large(core, row, row.team_id, draft)


def _refuse_too_large(core: Core, row: ChannelAccount, team_id: int | None, draft: ReplyDraft) -> None:
    account = account_view(core, row, with_secrets=False)
    sizes = [travelling_size(one.content_type, one.data) for one in draft.files]
    logo = logo_bytes(core, core.session, row, team_id)
    core.session.rollback()
    refuse_too_large(core, account, draft.text, [*sizes, logo] if logo else sizes)
