"""Between whom the messages of a conversation passed, and who wrote last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, scoped_session

from app.models import Direction, Message
from app.queries.conversation_page import LastInbound, last_inbound

__all__ = ["Passed", "correspondence", "last_received"]

_MOST = 200


@dataclass(frozen=True, slots=True)
class Passed:
    """One message. `recipients`: people by to, cc, bcc and reply_to."""

    direction: str
    sender_kind: str
    sender_value: str
    sender_name: str
    recipients: Mapping[str, Any]
    account_id: int

    @property
    def is_ours(self) -> bool:
        """Whether we wrote it."""
        return self.direction == Direction.OUTBOUND


def correspondence(session: Session | scoped_session, conversation_id: int) -> tuple[Passed, ...]:
    """The newest messages, oldest first, without reports and our automatic answers. One query."""
    rows = session.connection().execute(_NEWEST, {"conversation_id": conversation_id}).all()
    return tuple(Passed(*row) for row in reversed(rows))


def last_received(
    session: Session | scoped_session, conversation_id: int, passed: Sequence[Passed]
) -> LastInbound | None:
    """The newest inbound message an answer would go to, or None. No query, but where very much was written since."""
    last = next((one for one in reversed(passed) if not one.is_ours), None)
    if last is not None:
        return LastInbound(
            last.sender_kind, last.sender_value, last.sender_name, dict(last.recipients), last.account_id
        )
    return last_inbound(session, conversation_id) if len(passed) == _MOST else None


_NEWEST = (
    select(*(getattr(Message, name) for name in Passed.__dataclass_fields__))
    .where(
        Message.conversation_id == bindparam("conversation_id"),
        Message.kind != "bounce",
        or_(Message.direction == Direction.INBOUND, Message.is_automatic.is_(False)),
    )
    .order_by(Message.id.desc())
    .limit(_MOST)
)
