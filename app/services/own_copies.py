"""Copies of what we sent that come back to us, such as through a Cc to our own address. They are left out; what only carries the id of
a message of ours is not: broken programs and automatic answers do that."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection, Row, bindparam, select

from app.domain.authenticity import is_doubtful
from app.models import Direction, Message
from app.plugin_api.messages import InboundMessage, MessageKind
from app.services.own_addresses import own_addresses

__all__ = ["is_copy_of_ours"]

_OURS = (
    select(Message.sender_value, Message.text)
    .where(Message.external_id == bindparam("external_id"), Message.direction == Direction.OUTBOUND)
    .order_by(Message.id)
    .limit(5)
)
_NOT_A_WORD = re.compile(r"\W+")


def is_copy_of_ours(connection: Connection, message: InboundMessage) -> bool:
    """Whether the message is one that we sent ourselves: under our id, and from one of our addresses or with our text."""
    if not message.external_id:
        return False
    ours = connection.execute(_OURS, {"external_id": message.external_id[:500]}).all()
    return bool(ours) and (
        message.is_echo or _is_from_us(connection, message, ours) or any(_says(message, one.text) for one in ours)
    )


def _is_from_us(connection: Connection, message: InboundMessage, ours: Sequence[Row]) -> bool:
    address = message.sender.value.lower()
    if not address or is_doubtful(message.authenticity, is_claimed=message.is_sender_claimed):
        return False
    if any(one.sender_value.lower() == address for one in ours):
        return True
    return own_addresses(connection).gets(message.sender.kind, address)


def _says(message: InboundMessage, text: str) -> bool:
    """Whether it says the same; what came back over a list may have more below."""
    said, own = _words(message.text), _words(text)
    return bool(own) and (said == own or (message.kind == MessageKind.LIST and said.startswith(own)))


def _words(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text).strip().casefold()
