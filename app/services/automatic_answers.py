"""Remembering which mailboxes were answered automatically, for all accounts and processes together. No transaction of its own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, update

from app.domain.addresses import mailbox_of
from app.domain.automatic_answers import LONGEST_PAUSE, pause_after
from app.models import AutomaticAnswer, ChannelAccount
from app.plugin_api.messages import Participant
from app.plugin_api.texts import translatable
from app.services.core import Core, Unit, writing
from app.services.counting import upsert
from app.services.notices import tell
from app.services.rates import allow_within

__all__ = ["forget_old_answers", "is_due", "note_answer", "note_person_wrote", "stays_within_bounds"]

_answers = AutomaticAnswer.__table__
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_OF_MAILBOX = _answers.c.mailbox == bindparam("of_mailbox")
_NOTE = update(_answers).where(_OF_MAILBOX).values(count=_answers.c.count + 1, answered_at=bindparam("at"))
_MOST_OF_ACCOUNT = "500 per hour"
_TOO_MANY = translatable(
    "%(account)s has answered %(count)s people automatically within an hour. Until the next hour it answers nobody by itself."
)


def is_due(unit: Unit, person: Participant) -> bool:
    """Whether the pause of a mailbox is over. Others who ask about it wait until the transaction ends, so that only one of them answers."""
    statement = (
        upsert(unit.connection)(_answers)
        .values(mailbox=mailbox_of(person.kind, person.value), answered_at=_NEVER, count=0)
        .on_conflict_do_update(index_elements=[_answers.c.mailbox], set_={"count": _answers.c.count})
        .returning(_answers.c.answered_at, _answers.c.count)
    )
    answered_at, count = unit.connection.execute(statement).one()
    return unit.now - answered_at >= pause_after(count)


def stays_within_bounds(core: Core, unit: Unit, account: ChannelAccount) -> bool:
    """Count an automatic answer of an account; False, and a notice, where something must have gone wrong to need so many."""
    if allow_within(core, unit, f"automatic:{account.id}", _MOST_OF_ACCOUNT):
        return True
    data = {"account": account.name, "count": int(_MOST_OF_ACCOUNT.split()[0])}
    tell(unit, subject=f"account:{account.id}:automatic", text=_TOO_MANY, data=data, path=f"/accounts/{account.id}")
    return False


def note_answer(unit: Unit, person: Participant) -> None:
    """A mailbox that `is_due` was asked about is answered; its next pause is twice as long."""
    unit.connection.execute(_NOTE, {"of_mailbox": mailbox_of(person.kind, person.value), "at": unit.now})


def note_person_wrote(unit: Unit, recipients: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """An agent has written to these people, so the pauses of their mailboxes begin again with the shortest."""
    people = [one for key in ("to", "cc", "bcc") for one in recipients.get(key, ())]
    mailboxes = sorted({mailbox_of(one["kind"], one["value"]) for one in people})
    if mailboxes:
        is_long = _answers.c.mailbox.in_(mailboxes) & (_answers.c.count > 1)
        unit.connection.execute(update(_answers).where(is_long).values(count=1))


def forget_old_answers(core: Core) -> None:
    """Forget mailboxes whose longest pause is long over."""
    with writing(core) as unit:
        unit.connection.execute(delete(_answers).where(_answers.c.answered_at < unit.now - 2 * LONGEST_PAUSE))
