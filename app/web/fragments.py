"""Pieces of pages that are rendered again only when what they show has changed: rows of lists, which a page has by the dozen.

A piece is a template that is given values only: no request, no agent, no token.
"""

from collections.abc import Iterable
from datetime import datetime

from flask import Flask, request
from jinja2 import Template
from markupsafe import Markup

from app.web.contexts import InboxRow
from app.web.formats import brief_time
from app.web.locale import language_code, timezone_name

__all__ = ["install_fragments"]

_MOST = 5_000
_ROW = "inbox/_row.html"


def install_fragments(app: Flask) -> None:
    """Give templates `inbox_row(row, selectable)`."""
    known: dict[tuple, Markup] = {}

    def inbox_row(row: InboxRow, selectable: bool = False) -> Markup:
        """One conversation of a list. Its key names everything the template shows, also what the clock makes of its moments."""
        template: Template = app.jinja_env.get_template(_ROW)
        moments = tuple(brief_time(at) for at in _moments(row))
        key = (row, selectable, moments, language_code(), timezone_name(), request.script_root, template)
        found = known.get(key)
        if found is None:
            if len(known) >= _MOST:
                known.clear()
            found = known[key] = Markup(template.render(row=row, selectable=selectable))
        return found

    app.jinja_env.globals["inbox_row"] = inbox_row


def _moments(row: InboxRow) -> Iterable[datetime]:
    due = row.due.at if row.due else None
    return (at for at in (row.last_activity_at, row.waiting_since, row.snoozed_until, due) if at is not None)
