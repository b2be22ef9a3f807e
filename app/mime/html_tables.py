"""Which tables of a mail hold data in rows and columns; most only lay the page out."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from .html import names

__all__ = ["holds_data"]

_OF_LAYOUT = names("table blockquote pre ul ol dl hr h1 h2 h3 h4 h5 h6 form center")
_BREAKS = names("br p div")
_CELLS = ("td", "th")
_MOST_COLUMNS, _MOST_CELLS, _MOST_BREAKS, _LONGEST_CELL = 12, 5_000, 3, 160


def holds_data(table: etree._Element) -> bool:
    """Whether it has short words in at least two columns of at least two rows, and nothing in it that needs lines of its own."""
    if (table.get("role") or "").lower() in ("presentation", "none"):
        return False
    rows = _rows(table)
    if rows is None:
        return False
    wide = [row for row in rows if len(row) > 1]
    if len(wide) < 2 or any(len(row) > _MOST_COLUMNS for row in rows) or 2 * len(wide) < len(rows):
        return False
    return sum(1 for row in wide if _words(row) > 1) > 1 and all(map(_is_short, (cell for row in rows for cell in row)))


def _rows(table: etree._Element) -> list[list[etree._Element]] | None:
    """The cells of each row; None when something of a laid out page stands in it."""
    rows: list[list[etree._Element]] = []
    cells = 0
    for element in table.iterdescendants():
        if element.tag in _OF_LAYOUT:
            return None
        if element.tag == "tr":
            rows.append([])
        elif element.tag in _CELLS and rows:
            rows[-1].append(element)
            cells += 1
            if cells > _MOST_CELLS:
                return None
    return rows


def _words(row: Iterable[etree._Element]) -> int:
    return sum(1 for cell in row if any(not text.isspace() for text in cell.itertext()))


def _is_short(cell: etree._Element) -> bool:
    breaks = sum(1 for _ in cell.iterdescendants(*_BREAKS))
    return breaks <= _MOST_BREAKS and len(" ".join("".join(cell.itertext()).split())) <= _LONGEST_CELL
