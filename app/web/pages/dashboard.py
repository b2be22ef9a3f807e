"""The dashboard: tiles, arrivals per day, who waits longest, and the panels of plugins."""

from datetime import datetime

from flask import Blueprint, Response, url_for
from flask_babel import format_date, gettext, ngettext

from app.domain.events import Viewer
from app.domain.roles import Permission
from app.queries.dashboard import DashboardNumbers, Day, dashboard_numbers, longest_waiting
from app.web.contexts import Bar, Chart, DashboardPage, Tile
from app.web.current import current_agent, current_core, may_do
from app.web.formats import duration
from app.web.marks import Directory, directory, inbox_row
from app.web.shell import render_page
from app.web.slots import collect_panels

__all__ = ["blueprint"]

blueprint = Blueprint("dashboard", __name__)
_DAYS = 14
_LONG_WAIT_H = 24


@blueprint.get("/dashboard")
def show() -> Response:
    """Everything from counters; panels after our own."""
    core, agent = current_core(), current_agent()
    now = core.clock.now()
    numbers = dashboard_numbers(core.session, agent_id=agent.id, today=now.date(), days=_DAYS)
    waiting = longest_waiting(core.session, agent_id=agent.id)
    known = directory()
    channels, are_well = _channels(known)
    viewer = Viewer(agent_id=agent.id, name=agent.name, role=agent.role)
    page = DashboardPage(
        tiles=_tiles(numbers, now),
        arrivals=_chart(numbers.days),
        waiting=tuple(inbox_row(row, known) for row in waiting),
        panels=collect_panels("dashboard_panels", viewer=viewer),
        period_label=gettext("last %(count)s days", count=_DAYS),
        channels=channels,
        are_channels_well=are_well,
    )
    return render_page("dashboard/show.html", page, section="dashboard")


def _channels(known: Directory) -> tuple[str, bool]:
    """How the accounts do in a sentence, and whether all is well; an empty one for those who do not look after them."""
    if not known.accounts or not may_do(Permission.ACCOUNTS):
        return "", True
    troubled = sum(one.needs_somebody for one in known.accounts.values())
    if troubled:
        return ngettext("%(num)s account needs somebody", "%(num)s accounts need somebody", troubled), False
    return ngettext("The account does well", "All %(num)s accounts do well", len(known.accounts)), True


def _tiles(numbers: DashboardNumbers, now: datetime) -> tuple[Tile, ...]:
    waits = now - numbers.longest_wait_since if numbers.longest_wait_since else None
    is_long = waits is not None and waits.total_seconds() > _LONG_WAIT_H * 3600
    return (
        Tile(gettext("Open"), str(numbers.open), url_for("inbox.index"), gettext("conversations to answer")),
        Tile(
            gettext("Unassigned"),
            str(numbers.unassigned),
            url_for("inbox.index", assignee="none"),
            gettext("nobody has taken them"),
            "warn" if numbers.unassigned else "plain",
        ),
        Tile(gettext("Yours"), str(numbers.mine), url_for("inbox.index", assignee="me"), gettext("assigned to you")),
        Tile(
            gettext("Waiting longest"),
            duration(waits) if waits is not None else "–",
            url_for("inbox.index", order="waiting"),
            gettext("since the contact wrote") if waits is not None else gettext("nobody waits"),
            "danger" if is_long else "plain",
        ),
    )


def _chart(days: tuple[Day, ...]) -> Chart:
    bars = tuple(
        Bar(label=str(day.day.day), full_label=format_date(day.day, "full"), arrived=day.arrived, answered=day.answered)
        for day in days
    )
    return Chart(
        title=gettext("Arrivals per day"), bars=bars, top=max([1, *(max(b.arrived, b.answered) for b in bars)])
    )
