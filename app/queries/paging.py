"""Keyset paging: a page is named by the row it begins behind, so that the hundredth page costs as much as the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, or_

from app.errors import InvalidInput

__all__ = [
    "Cursor",
    "Position",
    "Slice",
    "cut",
    "id_cursor",
    "moment_cursor",
    "parse_id",
    "parse_moment",
    "place",
    "placed_at",
]

Row = TypeVar("Row")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Cursor = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: `after` a row (older ones follow) or `before` one (newer ones). Both empty: at the newest."""

    after: str = ""
    before: str = ""

    @property
    def is_backwards(self) -> bool:
        return bool(self.before)

    @property
    def text(self) -> str:
        return self.before or self.after


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """The rows of one page, newest first, and the cursors of its neighbours; None at the ends."""

    rows: tuple[Row, ...]
    older: str | None = None
    newer: str | None = None


def moment_cursor(at: datetime, row_id: int) -> str:
    """A cursor as text: microseconds since 1970, then the id."""
    return f"{(at - _EPOCH) // _MICROSECOND}~{row_id}"


def parse_moment(text: str) -> Cursor:
    """The moment and id of a cursor. Raises `InvalidInput` when the text is none."""
    micros, _, row_id = text.partition("~")
    try:
        return _EPOCH + _MICROSECOND * int(micros), _checked_id(row_id)
    except (ValueError, OverflowError):
        raise _broken() from None


def id_cursor(row_id: int) -> str:
    """A cursor of a list that is ordered by id alone."""
    return str(row_id)


def parse_id(text: str) -> int:
    """The id of a cursor. Raises `InvalidInput` when the text is none."""
    try:
        return _checked_id(text)
    except ValueError:
        raise _broken() from None


def place(
    statement: Select, moment: ColumnElement, row_id: ColumnElement, *, descends: bool, begins_behind_a_row: bool
) -> Select:
    """Order a statement by (moment, id). When it begins behind a row, it is run with `placed_at` of a position."""
    if begins_behind_a_row:
        at: BindParameter = bindparam("placed_at")
        identifier: BindParameter = bindparam("placed_id")
        further = moment < at if descends else moment > at
        level = and_(moment == at, row_id < identifier if descends else row_id > identifier)
        statement = statement.where(moment <= at if descends else moment >= at, or_(further, level))
    if descends:
        return statement.order_by(moment.desc(), row_id.desc())
    return statement.order_by(moment.asc(), row_id.asc())


def placed_at(position: Position) -> dict[str, object]:
    """The values of the row a position names, for a statement made by `place`. Raises `InvalidInput` when it names none."""
    if not position.text:
        return {}
    at, identifier = parse_moment(position.text)
    return {"placed_at": at, "placed_id": identifier}


def cut(rows: Sequence[Row], size: int, position: Position, cursor_of) -> Slice[Row]:
    """One page of what was read with `size + 1` rows, turned to the order of the page, with the cursors of its neighbours."""
    has_more = len(rows) > size
    rows = list(rows[:size])
    if position.is_backwards:
        rows.reverse()
    has_older = position.is_backwards or has_more
    has_newer = has_more if position.is_backwards else bool(position.after)
    return Slice(
        rows=tuple(rows),
        older=cursor_of(rows[-1]) if rows and has_older else None,
        newer=cursor_of(rows[0]) if rows and has_newer else None,
    )


def _checked_id(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**62:
        raise ValueError(text)
    return number


def _broken() -> InvalidInput:
    return InvalidInput("This link is not complete. Open the list again.")
