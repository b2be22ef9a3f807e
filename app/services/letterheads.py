"""Letterheads: which one holds for what is sent, and how managers change them. What becomes of one in a message stands in
`app.services.outgoing.closing`."""

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session

from app.domain.pictures import picture_size, picture_type
from app.domain.placeholders import unknown_placeholders
from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import InvalidInput, NotFound
from app.languages import gettext
from app.models import ChannelAccount, Letterhead, Team
from app.plugin_api.channel import Capability, Channel
from app.services.audit import audit
from app.services.core import Actor, Core, Unit, require, writing

__all__ = [
    "LARGEST_LOGO",
    "LetterheadDraft",
    "checked_colour",
    "checked_logo",
    "delete_letterhead",
    "is_for",
    "letterhead_for",
    "logo_bytes",
    "save_letterhead",
]

LARGEST_LOGO = 200_000
"""Bytes: it travels with every answer."""
_MOST_PIXELS = 4_000
_LONGEST_TEXT = 5_000
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class LetterheadDraft:
    """What a manager says of a letterhead. `logo`: the bytes of a new picture; None leaves it as it is unless it `drops_logo`."""

    name: str
    team_id: int | None = None
    account_id: int | None = None
    signature: str = field(default="", repr=False)
    footer: str = field(default="", repr=False)
    colour: str = ""
    logo: bytes | None = field(default=None, repr=False)
    drops_logo: bool = False


def letterhead_for(session: Session | scoped_session, account_id: int | None, team_id: int | None) -> Letterhead | None:
    """The one that fits best: for the account and the team, for the account, for the team, for everybody. One statement."""
    of_account = _fits(Letterhead.account_id, account_id)
    of_team = _fits(Letterhead.team_id, team_id)
    rank = case((Letterhead.account_id.is_not(None), 2), else_=0) + case((Letterhead.team_id.is_not(None), 1), else_=0)
    statement = select(Letterhead).where(and_(of_account, of_team)).order_by(rank.desc(), Letterhead.id).limit(1)
    return session.execute(statement).scalar_one_or_none()


def is_for(channel: Channel) -> bool:
    """Whether messages of a channel have room for one: those with formatting."""
    return Capability.HTML in channel.capabilities


def logo_bytes(core: Core, session: Session | scoped_session, account: ChannelAccount, team_id: int | None) -> int:
    """How many bytes the logo adds to a message through an account; 0 without one."""
    channel = core.plugins.channels.get(account.plugin)
    found = letterhead_for(session, account.id, team_id) if channel and is_for(channel) else None
    return found.logo_bytes if found else 0


def save_letterhead(core: Core, actor: Actor, letterhead_id: int | None, draft: LetterheadDraft) -> int:
    """Make or change a letterhead; returns its id.

    Raises `InvalidInput` for a name or a place that is taken, a placeholder nobody knows, a colour or a logo that is none, and `NotFound`.
    """
    require(actor, Permission.LETTERHEADS)
    name, colour = _checked(draft)
    logo = _stored_logo(core, draft.logo)
    with writing(core) as unit:
        row = Letterhead() if letterhead_id is None else _load(unit, letterhead_id)
        _refuse_taken(unit, row.id, name, draft)
        row.name, row.team_id, row.account_id = name, draft.team_id, draft.account_id
        row.signature, row.footer, row.colour = draft.signature.strip(), draft.footer.strip(), colour
        if draft.logo or draft.drops_logo:
            for column, value in logo.items():
                setattr(row, column, value)
        row.changed_at = unit.now
        unit.session.add(row)
        unit.session.flush()
        audit(unit, actor, "letterhead.created" if letterhead_id is None else "letterhead.changed", name)
        return row.id


def delete_letterhead(core: Core, actor: Actor, letterhead_id: int) -> None:
    """Remove it; what was sent with it stays as it was sent."""
    require(actor, Permission.LETTERHEADS)
    with writing(core) as unit:
        row = _load(unit, letterhead_id)
        audit(unit, actor, "letterhead.deleted", row.name)
        unit.session.delete(row)


def checked_colour(colour: str) -> str:
    """In small letters. Raises `InvalidInput` for what is none."""
    colour = colour.strip().lower()
    if colour and not _COLOUR.fullmatch(colour):
        raise _refused("colour", gettext("A colour is written as #0a7d6c."))
    return colour


def checked_logo(data: bytes) -> tuple[str, int, int]:
    """(type, width, height) of a picture by its content. Raises `InvalidInput` for what is too large or no picture that mail programs
    show."""
    if len(data) > LARGEST_LOGO:
        sentence = gettext("A logo may have %(most)s kB, because it travels with every answer.")
        raise _refused("logo", sentence % {"most": LARGEST_LOGO // 1000})
    found, size = picture_type(data[:16]), picture_size(data)
    if found is None or size is None or max(size) > _MOST_PIXELS:
        raise _refused("logo", gettext("This is no picture that mail programs show: take a PNG, JPEG, GIF or WebP."))
    return found, *size


def _stored_logo(core: Core, data: bytes | None) -> dict[str, Any]:
    """The columns of a logo, whose bytes stand in the file storage then; of none, without one."""
    kind, width, height = checked_logo(data) if data else ("", 0, 0)
    return {
        "logo_sha256": core.files.put(data) if data else None,
        "logo_type": kind,
        "logo_bytes": len(data or b""),
        "logo_width": width,
        "logo_height": height,
    }


def _fits(column: InstrumentedAttribute[int | None], wanted: int | None) -> ColumnElement[bool]:
    return column.is_(None) if wanted is None else or_(column.is_(None), column == wanted)


def _checked(draft: LetterheadDraft) -> tuple[str, str]:
    """Name and colour as they are stored."""
    name, colour = clean_line(draft.name, 80), checked_colour(draft.colour)
    if not name:
        raise _refused("name", gettext("Give a name."))
    for field_name, text in (("signature", draft.signature), ("footer", draft.footer)):
        unknown = unknown_placeholders(text)
        if unknown:
            sentence = gettext("Nothing is known of %(name)s.") % {"name": "{{" + unknown[0] + "}}"}
            raise _refused(field_name, sentence)
        if len(text) > _LONGEST_TEXT:
            raise _refused(field_name, gettext("This is too long."))
    return name, colour


def _refuse_taken(unit: Unit, own_id: int | None, name: str, draft: LetterheadDraft) -> None:
    if draft.team_id is not None and unit.session.get(Team, draft.team_id) is None:
        raise _refused("team", gettext("This team does not exist."))
    if draft.account_id is not None and unit.session.get(ChannelAccount, draft.account_id) is None:
        raise _refused("account", gettext("This account does not exist."))
    same_place = and_(_same(Letterhead.team_id, draft.team_id), _same(Letterhead.account_id, draft.account_id))
    others = unit.session.execute(
        select(Letterhead.id, Letterhead.name).where(or_(Letterhead.name == name, same_place))
    )
    for other in others:
        if other.id == own_id:
            continue
        if other.name == name:
            raise _refused("name", gettext("There is a letterhead of this name already."))
        sentence = gettext("The letterhead %(name)s is for the same account and team already.")
        raise _refused("account", sentence % {"name": other.name})


def _same(column: InstrumentedAttribute[int | None], value: int | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _load(unit: Unit, letterhead_id: int) -> Letterhead:
    row = unit.session.get(Letterhead, letterhead_id, with_for_update=True)
    if row is None:
        raise NotFound("This letterhead does not exist.")
    return row


def _refused(name: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {name: sentence})
