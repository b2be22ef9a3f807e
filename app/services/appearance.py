"""How contacts look to agents: the picture and the name that came with their messages."""

import logging

from sqlalchemy import bindparam, update

from app.domain.pictures import LARGEST_PORTRAIT, picture_type
from app.domain.text import clean_line
from app.models import Contact, ContactIdentity
from app.plugin_api.messages import InboundMessage, Participant
from app.services.core import Core, Unit

__all__ = ["name_contact", "put_picture", "store_picture"]

log = logging.getLogger(__name__)

_identity = ContactIdentity.__table__
_OF_SENDER = (_identity.c.kind == bindparam("of_kind")) & (_identity.c.value == bindparam("of_value"))
_PUT_PICTURE = (
    update(_identity)
    .where(_OF_SENDER, _identity.c.picture_sha256.is_distinct_from(bindparam("sha256")))
    .values(picture_sha256=bindparam("sha256"))
)
_NAME_IDENTITY = update(_identity).where(_OF_SENDER, _identity.c.name == "").values(name=bindparam("shown"))
_NAME_CONTACT = (
    update(Contact.__table__)
    .where(Contact.__table__.c.id == bindparam("contact_id"), Contact.__table__.c.name == "")
    .values(name=bindparam("shown"))
)


def store_picture(core: Core, message: InboundMessage) -> str | None:
    """Store the sender's picture and give its digest; None when there is none, or what came is no small picture."""
    picture = message.sender_picture
    if picture is None or message.is_echo:
        return None
    if len(picture.data) > LARGEST_PORTRAIT or picture_type(picture.data) is None:
        log.info("a sender's picture is left out: %d bytes, %s", len(picture.data), picture.content_type[:40])
        return None
    return core.files.put(picture.data)


def put_picture(unit: Unit, sender: Participant, sha256: str) -> None:
    """Show a stored picture for an address."""
    unit.connection.execute(_PUT_PICTURE, {"of_kind": sender.kind, "of_value": sender.value[:320], "sha256": sha256})


def name_contact(unit: Unit, contact_id: int, sender: Participant) -> str:
    """Call a contact without a name as their message does; gives that name."""
    shown = clean_line(sender.name, 200)
    unit.connection.execute(_NAME_CONTACT, {"contact_id": contact_id, "shown": shown})
    unit.connection.execute(_NAME_IDENTITY, {"of_kind": sender.kind, "of_value": sender.value[:320], "shown": shown})
    return shown
