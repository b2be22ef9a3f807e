"""Storing one inbound message in its conversation, inside the transaction of `app.services.intake`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Row, bindparam, exists, func, select, update

from app.domain.authenticity import is_doubtful
from app.domain.cases import stands_apart
from app.domain.events import ConversationSummary, MessageSummary
from app.domain.text import clean_line, preview_of
from app.mime import is_robot
from app.models import (
    PRIORITIES,
    Contact,
    Conversation,
    Direction,
    EventState,
    Message,
    MessageDelivery,
    Status,
    Team,
)
from app.plugin_api.channel import Account
from app.plugin_api.messages import OPENS_NONE, InboundMessage, MessageKind
from app.plugin_api.read_only import ReadOnlyDict
from app.services.advice import ArrivalAdvice
from app.services.appearance import name_contact, put_picture
from app.services.bounced_addresses import clear_bounces
from app.services.bounces import Bounced, apply_bounce, find_bounced, hold_bounced, tells_of_failure
from app.services.contacts import KnownContact, find_or_create_contact, known_contact
from app.services.conversation_rows import create_conversation, set_status
from app.services.core import Core, Unit
from app.services.counting import count_arrival
from app.services.echoes import answers_everything, counterpart, is_one_being_sent
from app.services.filing import file_arrival
from app.services.inbound_rows import FileRow, add_delivery, insert_attachments, insert_message
from app.services.linking import merge_linked
from app.services.outgoing.leaving import hold_back
from app.services.own_copies import is_copy_of_ours
from app.services.returned import OF_NOTHING, find_returned, seen_as_report
from app.services.threads import join_conversation, name_thread
from app.services.update_targets import NotThereYet

__all__ = ["Arrival", "Overtaken", "Stored", "lock_keys", "store_message"]

_REOPENED = (Status.RESOLVED, Status.PENDING, Status.SNOOZED)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a message came in: the event of the journal, its bytes, and the account (without secrets) with the team it belongs to.
    `may_wait`: it may be put off for something that has not come yet."""

    event_id: int
    account: Account
    team_id: int | None
    raw_sha256: str
    may_wait: bool = True


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a message, and which one it is, or is a copy of. `reason`: why it was left alone."""

    state: EventState
    message_id: int | None = None
    conversation_id: int | None = None
    reason: str = ""


class Overtaken(Exception):
    """Somebody merged the conversation at the same moment. To lock the other one now could end in a deadlock: begin anew."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The conversation a message goes into, as it stands before the message changes it. `why` the message joins it, and by which one."""

    id: int
    number: int
    subject: str
    status: str
    channel: str
    account_id: int
    contact_id: int
    created_at: datetime
    preview: str
    waiting_since: datetime | None
    has_attachments: bool
    merged_into_id: int | None
    may_hold_back: bool
    contact_name: str
    why: str
    joined_by_id: int | None


_OTHER_COLUMNS = ("may_hold_back", "contact_name", "why", "joined_by_id")
_OWN_COLUMNS = [name for name in _Place.__dataclass_fields__ if name not in _OTHER_COLUMNS]
_conversation = Conversation.__table__
_HOLDS_BACK = exists().where(
    Message.conversation_id == _conversation.c.id, Message.scheduled_at.is_not(None), Message.cancels_on_reply
)
_PLACE = (
    select(
        *(_conversation.c[name] for name in _OWN_COLUMNS),
        _HOLDS_BACK.label("may_hold_back"),
        Contact.__table__.c.name.label("contact_name"),
    )
    .join_from(_conversation, Contact.__table__)
    .where(_conversation.c.id == bindparam("id"))
    .with_for_update(of=_conversation)
)
_UPDATE_CONVERSATION = (
    update(_conversation)
    .where(_conversation.c.id == bindparam("conversation_id"))
    .values(message_count=_conversation.c.message_count + 1)
)
_LOCK = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)))
_COPIES = (
    select(Message.id, MessageDelivery.account_id, Message.conversation_id)
    .join(Message, Message.id == MessageDelivery.message_id)
    .where(MessageDelivery.dedupe_key == bindparam("key"))
)


def store_message(
    core: Core,
    unit: Unit,
    arrival: Arrival,
    message: InboundMessage,
    files: list[FileRow],
    advice: ArrivalAdvice,
    picture_sha256: str | None = None,
) -> Stored:
    """Store a message unless it is known. `files` are the rows of its attachments; their bytes and the sender's picture are stored
    already. Raises `NotThereYet` for a copy of what may be on its way out at this moment."""
    key = dedupe_key(message)
    copies = unit.connection.execute(_COPIES, {"key": key}).all()
    if copies:
        return _note_copy(unit, arrival, key, copies)
    returned = find_returned(core, unit.connection, message)
    if returned is None and is_copy_of_ours(unit.connection, message):
        return Stored(EventState.IGNORED)
    seen = message if returned is None else seen_as_report(message, returned, unit.now)
    if seen is None:
        return Stored(EventState.IGNORED, reason=OF_NOTHING)
    message = seen
    bounced = find_bounced(core, unit, arrival.account.id, message, returned)
    if not (message.opens_conversation or bounced or _belongs_somewhere(core, unit, arrival, message)):
        return Stored(EventState.IGNORED, reason=OPENS_NONE)
    place, contact = _place(core, unit, arrival, message, advice, bounced)
    if message.is_echo and _is_sent_from_here(unit, arrival, message, place, contact):
        return Stored(EventState.IGNORED)
    has_files = any(not row["is_inline"] for row in files)
    if place is None:
        summary = _open_conversation(unit, arrival, message, contact, _team_for(unit, arrival, advice), has_files)
    else:
        summary = _join_conversation(unit, place, message, has_files, bounced)
        if message.thread_key and place.why == "in_reply_to":
            name_thread(unit.connection, place.id, arrival.account.id, message.thread_key)
    place_of_it = {"account_id": arrival.account.id, "conversation_id": summary.id, "contact_id": contact.id}
    message_id = insert_message(unit, message, raw_sha256=arrival.raw_sha256, **place_of_it, **_reason(place))
    file_arrival(unit, message, summary.id, contact.id)
    add_delivery(unit, message_id, arrival.account.id, key, arrival.event_id)
    insert_attachments(unit, message_id, files)
    if picture_sha256 is not None:
        put_picture(unit, message.sender, picture_sha256)
    if not message.is_echo and not message.is_test:
        count_arrival(unit.counts, arrival.account.id, unit.now, message.sent_at)
    if message.bounce is not None:
        apply_bounce(unit, bounced, summary.id, message.sender.kind, message.bounce)
    elif contact.has_bounced and message.kind == MessageKind.NORMAL and not (message.is_echo or _is_forged(message)):
        clear_bounces(unit, message.sender.kind, message.sender.value)
    _announce(unit, summary, message, message_id, arrival, is_first=place is None)
    return Stored(EventState.PROCESSED, message_id, summary.id)


def dedupe_key(message: InboundMessage) -> str:
    """Senders reuse ids, so the id alone is never trusted: a copy has the same id and the same content."""
    return hashlib.sha256(f"{message.external_id}\0{message.content_key}".encode()).hexdigest()


def lock_keys(unit: Unit, messages: Sequence[InboundMessage]) -> None:
    """Keep copies of these messages that are stored at this moment elsewhere waiting, until the transaction ends. SQLite has one
    writer at a time anyway."""
    if unit.connection.dialect.name == "sqlite":
        return
    for number in sorted(int(dedupe_key(message)[:15], 16) for message in messages):
        unit.connection.execute(_LOCK, {"number": number})


def _note_copy(unit: Unit, arrival: Arrival, key: str, copies: Sequence[Row]) -> Stored:
    """A copy on the same account is dropped; one on another account is a further delivery of the same message."""
    here = [copy for copy in copies if copy.account_id == arrival.account.id]
    known = (here or copies)[0]
    if not here:
        add_delivery(unit, known.id, arrival.account.id, key, arrival.event_id)
    return Stored(EventState.DUPLICATE, known.id, known.conversation_id)


def _is_sent_from_here(
    unit: Unit, arrival: Arrival, message: InboundMessage, place: "_Place | None", contact: KnownContact
) -> bool:
    """Whether this is the copy of a message whose id was written down only now. While one is on its way nobody can tell."""
    conversation_id = place.id if place else None
    if arrival.may_wait and is_one_being_sent(unit.connection, arrival.account.id, contact.id, conversation_id):
        raise NotThereYet("It may be the copy of a message that is being sent.")
    return is_copy_of_ours(unit.connection, message)


# ---- the conversation
def _place(
    core: Core,
    unit: Unit,
    arrival: Arrival,
    message: InboundMessage,
    advice: ArrivalAdvice,
    bounced: Bounced | None,
) -> tuple[_Place | None, KnownContact]:
    """The conversation the message belongs to, None when it opens one; and the contact on the other side."""
    if bounced is not None:
        hold_bounced(unit, bounced, message)
        place = _load_place(unit, bounced.conversation_id, "bounce", bounced.message_id)
        if place is not None:
            return place, KnownContact(place.contact_id, place.contact_name)
    person = counterpart(message)
    contact = find_or_create_contact(unit, person, advice.contact)
    if not contact.name and person.name and not _is_forged(message):
        contact = KnownContact(contact.id, name_contact(unit, contact.id, person))
    joined = join_conversation(core, unit.connection, message, account_id=arrival.account.id, contact_id=contact.id)
    if joined is None:
        return None, contact
    conversation_id = merge_linked(unit, joined.conversation_id, joined.also) if joined.also else joined.conversation_id
    return _load_place(unit, conversation_id, joined.reason, joined.message_id), contact


def _belongs_somewhere(core: Core, unit: Unit, arrival: Arrival, message: InboundMessage) -> bool:
    """Whether it joins a conversation; looks without making anybody a contact."""
    known = known_contact(unit.connection, counterpart(message))
    contact_id = known.id if known is not None else None
    account_id = arrival.account.id
    return join_conversation(core, unit.connection, message, account_id=account_id, contact_id=contact_id) is not None


def _load_place(unit: Unit, conversation_id: int, why: str, joined_by_id: int | None = None) -> _Place | None:
    """The conversation, locked. Raises `Overtaken` when it was merged into another one since it was found."""
    row = unit.connection.execute(_PLACE, {"id": conversation_id}).first()
    if row is not None and row.merged_into_id is not None:
        raise Overtaken
    return _Place(**row._mapping, why=why, joined_by_id=joined_by_id) if row else None


def _reason(place: _Place | None) -> dict[str, object]:
    """Why the message is in its conversation, and by which one."""
    return {"joined_by": place.why if place else "new", "joined_by_id": place.joined_by_id if place else None}


def _open_conversation(
    unit: Unit, arrival: Arrival, message: InboundMessage, contact: KnownContact, team_id: int | None, has_files: bool
) -> ConversationSummary:
    subject = clean_line(message.subject, 500)
    status = _first_status(message)
    conversation_id, number = create_conversation(
        unit,
        account_id=arrival.account.id,
        channel=arrival.account.plugin,
        contact_id=contact.id,
        subject=subject,
        status=status,
        priority=PRIORITIES.index(message.priority or "normal"),
        team_id=team_id,
        thread_key=message.thread_key,
        message_count=1,
        has_attachments=has_files,
        preview=preview_of(_said(message)),
        waiting_since=unit.now if _wants_answer(message) and status != Status.SPAM else None,
        is_apart=stands_apart(message.kind, is_robot=is_robot(counterpart(message).value)),
    )
    return ConversationSummary(
        id=conversation_id,
        number=number,
        subject=subject,
        status=status,
        channel=arrival.account.plugin,
        account_id=arrival.account.id,
        contact_id=contact.id,
        contact_name=contact.name,
        contact_address=counterpart(message).value,
        created_at=unit.now,
    )


def _first_status(message: InboundMessage) -> Status:
    """What we began elsewhere waits for the contact."""
    if message.is_spam:
        return Status.SPAM
    return Status.PENDING if message.is_echo else Status.OPEN


def _team_for(unit: Unit, arrival: Arrival, advice: ArrivalAdvice) -> int | None:
    is_there = advice.team_id is not None and unit.session.get(Team, advice.team_id) is not None
    return advice.team_id if is_there else arrival.team_id


def _join_conversation(
    unit: Unit, place: _Place, message: InboundMessage, has_files: bool, bounced: Bounced | None
) -> ConversationSummary:
    if place.may_hold_back and _wants_answer(message):
        hold_back(unit, place.id, message.sender.name or place.contact_name or message.sender.value)
    is_called_for = _wants_answer(message) or _calls_for_another_way(message, bounced)
    waits = is_called_for and place.status != Status.SPAM
    values = {
        "conversation_id": place.id,
        "active_at": unit.now,
        "preview": preview_of(_said(message)) or place.preview,
        "waiting_since": _waiting_since(unit, place, message) or (unit.now if waits else None),
        "has_attachments": place.has_attachments or has_files,
    }
    unit.connection.execute(_UPDATE_CONVERSATION, values)
    status = place.status
    if status in _REOPENED and is_called_for:
        status = Status.OPEN
        set_status(unit, unit.session.get_one(Conversation, place.id, populate_existing=True), status, actor=None)
    unit.changed("conversation", id=place.id, number=place.number, contact_id=place.contact_id)
    return ConversationSummary(
        id=place.id,
        number=place.number,
        subject=place.subject,
        status=status,
        channel=place.channel,
        account_id=place.account_id,
        contact_id=place.contact_id,
        contact_name=place.contact_name,
        contact_address=counterpart(message).value,
        created_at=place.created_at,
    )


def _waiting_since(unit: Unit, place: _Place, message: InboundMessage) -> datetime | None:
    """Since when somebody waits; nobody does after an answer that was written elsewhere."""
    if message.is_echo and place.waiting_since and answers_everything(unit.connection, place.id, message.sent_at):
        return None
    return place.waiting_since


def _said(message: InboundMessage) -> str:
    return message.reply_text if message.reply_text is not None else message.text


def _calls_for_another_way(message: InboundMessage, bounced: Bounced | None) -> bool:
    """Whether somebody did not get what an agent wrote; an automatic answer that came back is nobody's loss."""
    is_automatic = bounced is not None and bounced.is_automatic
    return message.bounce is not None and tells_of_failure(message.bounce) and not is_automatic


def _is_forged(message: InboundMessage) -> bool:
    """Whether what it says of its sender is not to be kept."""
    return is_doubtful(message.authenticity, is_claimed=message.is_sender_claimed)


def _wants_answer(message: InboundMessage) -> bool:
    return message.kind in (MessageKind.NORMAL, MessageKind.LIST) and not message.is_echo


def _announce(
    unit: Unit,
    conversation: ConversationSummary,
    message: InboundMessage,
    message_id: int,
    arrival: Arrival,
    *,
    is_first: bool,
) -> None:
    stored = MessageSummary(
        id=message_id,
        conversation=conversation,
        direction=Direction.OUTBOUND if message.is_echo else Direction.INBOUND,
        kind=message.kind.value,
        external_id=message.external_id,
        text=message.text,
        is_first=is_first,
        is_automatic=False,
        accepts_auto_reply=message.accepts_auto_reply,
        raw_sha256=arrival.raw_sha256,
        created_at=unit.now,
        account_id=arrival.account.id,
        fields=ReadOnlyDict(message.fields),
    )
    if is_first:
        unit.announce("conversation_created", conversation=conversation, message=None if message.is_echo else stored)
    if message.is_echo:
        unit.announce("message_sent", message=stored)
    elif message.kind != MessageKind.BOUNCE:
        unit.announce("message_received", message=stored)
