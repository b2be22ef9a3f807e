"""Pieces of pages that are rendered again only when what they show has changed: rows of lists, menus, what every page ends with.

A piece is a template that shows the values it is given and nothing else: no request, no agent, no token.
"""

from collections.abc import Hashable, Iterable
from datetime import UTC, datetime

from flask import Flask
from markupsafe import Markup

from app.web.contexts import InboxRow
from app.web.formats import brief_time_for
from app.web.locale import Reader, reader

__all__ = ["KNOWN", "install_remembered"]

KNOWN = "tidings.remembered"
"""Where an app keeps its pieces."""

_MOST = 4_000
_LONGEST = 12_000
"""Characters of a piece that is kept; longer ones are rendered each time."""


def install_remembered(app: Flask) -> None:
    """Give templates `remembered(template, name=value, …)` and `inbox_rows(rows, selectable)`."""
    known: dict[tuple, Markup] = {}
    app.extensions[KNOWN] = known

    def render(who: Reader, name: str, values: dict[str, Hashable], clock: tuple[str, ...] = ()) -> Markup:
        """`clock`: what the time makes of the values; it is compared, not shown. Compiled anew, a template is another one."""
        template = app.jinja_env.get_template(name)
        key = (template, who, clock, *values.values())
        found = known.get(key)
        if found is None:
            found = Markup(template.render(values))
            if len(known) >= _MOST:
                known.clear()
            if len(found) <= _LONGEST:
                known[key] = found
        return found

    def remembered(name: str, **values: Hashable) -> Markup:
        return render(reader(), name, values)

    def inbox_rows(rows: Iterable[InboxRow], selectable: bool = False) -> Markup:
        who, now = reader(), datetime.now(UTC)
        pieces = []
        for row in rows:
            clock = tuple([brief_time_for(who, at, now) for at in _moments(row)])
            pieces.append(render(who, "inbox/_row.html", {"row": row, "selectable": selectable}, clock))
        return Markup("".join(pieces))

    app.jinja_env.globals.update(remembered=remembered, inbox_rows=inbox_rows)


def _moments(row: InboxRow) -> list[datetime]:
    """Those whose distance from now the row shows."""
    due = row.due.at if row.due else None
    return [at for at in (row.last_activity_at, row.waiting_since, row.snoozed_until, due) if at is not None]
