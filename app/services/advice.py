"""What plugins are asked before something is written: always outside of the transaction, so that a slow one holds up no other writer.

Between the answer and the writing the world may change: whoever uses an answer checks again that what it names exists.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.models import ChannelAccount, Conversation, Direction, Message, Team
from app.plugin_api.channel import Account
from app.plugin_api.messages import InboundMessage, Participant
from app.services.account_view import account_view, shown_to_others
from app.services.contacts import KnownContact, known_contact
from app.services.conversation_rows import summary_of
from app.services.core import Core
from app.services.echoes import counterpart
from app.services.inbound_check import checked_person
from app.services.recipients import answer_recipients, reaches
from app.services.threads import join_conversation
from app.services.value_check import Nonsense

__all__ = ["ArrivalAdvice", "advise_on_arrival", "advised_contact", "advised_sending_account"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArrivalAdvice:
    """For a message that is about to be stored: whose address its sender's stands for, and the team of a new conversation."""

    contact: Participant | None = None
    team_id: int | None = None


def advise_on_arrival(core: Core, message: InboundMessage, account: Account) -> ArrivalAdvice:
    """Ask what is in question: whose address an unknown one is, and which team a message gets that would open a conversation."""
    if message.bounce is not None and _is_sent(core, message.bounce.original_id):
        return ArrivalAdvice()
    sender = counterpart(message)
    known = _known(core, sender)
    advised = _advised_contact(core, sender) if known is None else None
    if not core.plugins.dispatcher.listeners("choose_team"):
        return ArrivalAdvice(advised)
    known = _known(core, advised) if advised is not None else known
    is_new = _opens_conversation(core, message, account, known)
    return ArrivalAdvice(advised, _advised_team(core, message, account) if is_new else None)


def advised_contact(core: Core, sender: Participant) -> Participant | None:
    """The known address that stands for an unknown one, by `match_contact`. None for an address that is known itself."""
    is_asked = core.plugins.dispatcher.listeners("match_contact")
    return _advised_contact(core, sender) if is_asked and _known(core, sender) is None else None


def advised_sending_account(core: Core, conversation_id: int, to: Sequence[Participant] = ()) -> int | None:
    """The account through which plugins want answers of a conversation to leave (`choose_sending_account`); None without such a wish.

    Raises `app.errors.InvalidInput` when there is nobody to answer.
    """
    conversation = core.session.get(Conversation, conversation_id)
    if conversation is None:
        return None
    to = to or answer_recipients(core.session(), conversation)
    own = core.session.get_one(ChannelAccount, conversation.account_id)
    summary = summary_of(core.session(), conversation, to[0])
    account = shown_to_others(account_view(core, own, with_secrets=False))
    own_id = own.id
    core.session.rollback()

    def can_send(account_id: object) -> bool:
        row = core.session.get(ChannelAccount, account_id) if _may_be_id(account_id) else None
        is_possible = row is not None and reaches(core, row, to[0].kind, own_id)
        core.session.rollback()
        return is_possible

    return core.plugins.dispatcher.ask("choose_sending_account", accept=can_send, conversation=summary, account=account)


def _advised_team(core: Core, message: InboundMessage, account: Account) -> int | None:
    def exists(team_id: object) -> bool:
        found = _may_be_id(team_id) and core.session.get(Team, team_id) is not None
        core.session.rollback()
        return found

    return core.plugins.dispatcher.ask("choose_team", accept=exists, message=message, account=account)


def _known(core: Core, person: Participant) -> KnownContact | None:
    found = known_contact(core.session.connection(), checked_person(person))
    core.session.rollback()
    return found


def _advised_contact(core: Core, sender: Participant) -> Participant | None:
    def is_known(participant: Participant) -> bool:
        try:
            return _known(core, participant) is not None
        except Nonsense as error:
            log.error("what a plugin answered to match_contact is left out: %s", error)
            return False

    answer = core.plugins.dispatcher.ask("match_contact", accept=is_known, sender=sender)
    return checked_person(answer) if answer is not None else None


def _opens_conversation(core: Core, message: InboundMessage, account: Account, sender: KnownContact | None) -> bool:
    contact_id = sender.id if sender is not None else None
    joined = join_conversation(core, core.session.connection(), message, account_id=account.id, contact_id=contact_id)
    core.session.rollback()
    return joined is None


def _may_be_id(value: object) -> bool:
    """Whether the database can be asked for it: a number of another size is an error there and not an absence."""
    return isinstance(value, int) and 0 < value < 2**63


def _is_sent(core: Core, external_id: str | None) -> bool:
    if not external_id:
        return False
    statement = select(Message.id).where(
        Message.external_id == external_id[:500], Message.direction == Direction.OUTBOUND
    )
    found = core.session.execute(statement.limit(1)).first()
    core.session.rollback()
    return found is not None
