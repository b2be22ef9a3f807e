"""What comes to an address that undeliverable mail is sent back to: which message of ours it is about, and whether it is a report of that.

The word in the address is ours and signed, so it is believed before anything that stands in the mail. How a report is applied stands in
`app.services.bounces`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from app.domain.addresses import mailbox_of
from app.domain.return_addresses import make_return_token, return_token_in
from app.domain.text import clean_line
from app.models import Direction, Message
from app.plugin_api.messages import Bounce, BouncedRecipient, InboundMessage, MessageKind, Participant
from app.plugin_api.texts import translatable
from app.services.core import Core
from app.services.own_addresses import addressed

__all__ = ["OF_NOTHING", "Returned", "find_returned", "return_tokens", "seen_as_report"]

OF_NOTHING = translatable(
    "It came to an address for undeliverable mail, about a message that is gone or was sent long ago."
)
_LATEST = timedelta(days=10)
"""As for reports: what comes later and cannot be read as one is spam that found the address."""
_PURPOSE = "return address"
_KEYS = ("to", "cc", "bcc")
_OURS = select(Message.conversation_id, Message.id, Message.recipients, Message.is_automatic, Message.created_at).where(
    Message.id == bindparam("message_id"), Message.direction == Direction.OUTBOUND
)


@dataclass(frozen=True, slots=True)
class Returned:
    """The message of ours, and the address it was sent to. `conversation_id` is None when it is gone."""

    conversation_id: int | None = None
    message_id: int | None = None
    address: str = ""
    is_automatic: bool = False
    sent_to: frozenset[str] = frozenset()
    created_at: datetime | None = None


def return_tokens(core: Core, message_id: int, recipients: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """Recipient to the word that names the message and them."""
    key = core.vault.derived(_PURPOSE)[0]
    addresses = _addresses(recipients)[:256]
    return {address: make_return_token(key, message_id, place) for place, address in enumerate(addresses)}


def find_returned(core: Core, connection: Connection, message: InboundMessage) -> Returned | None:
    """What a message came back of; None where it came to no such address. One statement, and only then."""
    token = return_token_in(core.vault.derived(_PURPOSE), addressed(message))
    if token is None:
        return None
    message_id, place = token
    row = connection.execute(_OURS, {"message_id": message_id}).first()
    if row is None:
        return Returned()
    addresses = _addresses(row.recipients)
    address = addresses[place] if place < len(addresses) else ""
    return Returned(row.conversation_id, row.id, address, row.is_automatic, frozenset(addresses), row.created_at)


def seen_as_report(message: InboundMessage, returned: Returned, now: datetime) -> InboundMessage | None:
    """The message as what it is: a report that names the recipient, where it can be read as one or not. What the recipients themselves send
    there, such as a notice of absence, is theirs and stays as it is. None for what is about nothing we know."""
    if returned.conversation_id is None:
        return None
    if message.bounce is not None:
        return replace(message, bounce=_about(message.bounce, returned))
    if message.kind == MessageKind.AUTO_REPLY or _is_from(message.sender, returned.address):
        return message
    if returned.created_at is None or now - returned.created_at > _LATEST:
        return None
    told = BouncedRecipient(returned.address, diagnostic=clean_line(message.subject, 300))
    return replace(message, kind=MessageKind.BOUNCE, bounce=Bounce((told,)))


def _about(bounce: Bounce, returned: Returned) -> Bounce:
    """Somebody else than it was sent to, as when they have it forwarded, or nobody: then it is about who stands in the address."""
    if any(one.address.lower() in returned.sent_to for one in bounce.recipients) or not returned.address:
        return bounce
    first = bounce.recipients[0] if bounce.recipients else BouncedRecipient("")
    return replace(bounce, recipients=(replace(first, address=returned.address),))


def _is_from(sender: Participant, address: str) -> bool:
    return mailbox_of(sender.kind, sender.value) == mailbox_of(sender.kind, address)


def _addresses(recipients: Mapping[str, Any]) -> list[str]:
    return [person["value"].lower() for key in _KEYS for person in recipients.get(key, ())]
