"""The page *Calls* for agents: who waits and who talks now, one's own telephone, the log; and the buttons that begin a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from werkzeug import Request, Response
from werkzeug.exceptions import NotFound
from werkzeug.utils import send_file

from plugins.voip.agents import Telephone, save, telephone_of, telephones
from plugins.voip.call_log import CallRow, LogPage, LogQuery, last_account, live_calls, log_page
from plugins.voip.calls import CallState, Direction, Outcome
from plugins.voip.channel import VoipChannel
from plugins.voip.numbers import is_premium, normalised, shown
from plugins.voip.tables import RECORDING
from tidings import Account, ChannelError, Host, Route, Viewer, translatable

__all__ = ["CallsPage", "agent_routes"]

OUTCOMES = {
    Outcome.ANSWERED: translatable("Answered"),
    Outcome.MISSED: translatable("Missed"),
    Outcome.VOICEMAIL: translatable("Voicemail"),
}
CALLS_AT_ONCE = "60 per hour"
"""So often an agent may call; more is nobody who talks."""
_PREMIUM = translatable("This is a premium-rate number. Tidings does not call those.")
DIRECTIONS = {Direction.INBOUND: translatable("Incoming"), Direction.OUTBOUND: translatable("Outgoing")}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter."""

    label: str
    url: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the log, as the theme's menu of filters takes it."""

    label: str
    value_label: str
    clear_url: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class CallsPage:
    """What the page shows. `waiting` and `talking` go on; `own` is the viewer's telephone; `alarms` counts callers who wait too long.
    `kept` are the filters that a search keeps, as names and values."""

    waiting: tuple[CallRow, ...]
    talking: tuple[CallRow, ...]
    alarms: int
    longest_wait: str
    own: Telephone
    own_number: str
    colleagues: tuple[Telephone, ...]
    log: LogPage
    filters: tuple[Filter, ...]
    digits: str
    kept: tuple[tuple[str, str], ...]
    older_url: str
    newer_url: str


def agent_routes(host: Host) -> Sequence[Route]:
    """What agents open and press."""
    channel = VoipChannel(host)

    def calls(request: Request) -> str:
        return host.render("voip/calls.html", page=_page(host, request))

    def availability(request: Request) -> Any:
        return _set_available(host, request.form.get("available") == "1")

    def telephone(request: Request) -> Any:
        return _set_number(host, request.form.get("number", ""))

    def call(request: Request, digits: str) -> Any:
        return _call(host, channel, digits)

    def recording(request: Request, id: int) -> Response:
        return _play(host, request, id)

    return [
        Route("/calls", calls, "calls"),
        Route("/availability", availability, "availability", ("POST",)),
        Route("/telephone", telephone, "telephone", ("POST",)),
        Route("/call/<digits>", call, "call", ("POST",)),
        Route("/recordings/<int:id>", recording, "recording"),
    ]


# ----------------------------------------------------------------------------------------- the page ----
def _page(host: Host, request: Request) -> CallsPage:
    query = _query(request)
    alive = live_calls(host)
    waiting = tuple(
        one
        for one in alive
        if one.state in (CallState.RINGING, CallState.WAITING) and one.direction == Direction.INBOUND
    )
    page, viewer = log_page(host, query), _viewer(host)
    with host.tables.connect() as connection:
        known = telephones(connection)
    own = next((one for one in known if one.agent_id == viewer.agent_id), None)
    own = own or Telephone(viewer.agent_id, viewer.name, "", False, host.now())
    return CallsPage(
        waiting=waiting,
        talking=tuple(one for one in alive if one not in waiting),
        alarms=sum(one.is_alarming for one in waiting),
        longest_wait=waiting[0].waited if waiting else "",
        own=own,
        own_number=shown(own.number) if own.number else "",
        colleagues=tuple(one for one in known if one.agent_id != viewer.agent_id),
        log=page,
        filters=_filters(host, query),
        digits=query.digits,
        kept=tuple((name, getattr(query, name)) for name in ("outcome", "direction") if getattr(query, name)),
        older_url=_url(host, query, before=page.older) if page.older else "",
        newer_url=_url(host, query) if query.before else "",
    )


def _query(request: Request) -> LogQuery:
    asked = request.args
    before = asked.get("before", "")
    return LogQuery(
        outcome=asked.get("outcome", "") if asked.get("outcome") in set(OUTCOMES) else "",
        direction=asked.get("direction", "") if asked.get("direction") in set(DIRECTIONS) else "",
        digits="".join(one for one in asked.get("number", "") if one.isdecimal())[:20],
        before=int(before) if before.isdecimal() and len(before) < 16 else None,
    )


def _filters(host: Host, query: LogQuery) -> tuple[Filter, ...]:
    outcome = [(one.value, host.gettext(label)) for one, label in OUTCOMES.items()]
    direction = [(one.value, host.gettext(label)) for one, label in DIRECTIONS.items()]
    return (
        _filter(host, query, "outcome", host.gettext("Outcome"), outcome),
        _filter(host, query, "direction", host.gettext("Direction"), direction),
    )


def _filter(host: Host, query: LogQuery, name: str, label: str, choices: list[tuple[str, str]]) -> Filter:
    chosen = getattr(query, name)
    options = tuple(Option(text, _url(host, query, **{name: value}), value == chosen) for value, text in choices)
    return Filter(label, dict(choices).get(chosen, ""), _url(host, query, **{name: ""}), options)


def _url(host: Host, query: LogQuery, **changed: object) -> str:
    values = {"outcome": query.outcome, "direction": query.direction, "number": query.digits, **changed}
    given = urlencode({name: value for name, value in values.items() if value})
    return f"?{given}" if given else "?"


# ------------------------------------------------------------------------------------------ buttons ----
def _set_available(host: Host, is_available: bool) -> Any:
    viewer = _viewer(host)
    telephone = save(host, viewer.agent_id, viewer.name, is_available=is_available)
    if is_available and not telephone.is_available:
        return host.done(host.gettext("Enter your own telephone first: calls are sent there."), "/calls")
    done = host.gettext("Calls come to you now.") if is_available else host.gettext("Calls no longer come to you.")
    return host.done(done, "/calls")


def _set_number(host: Host, text: str) -> Any:
    viewer = _viewer(host)
    regions = [str(account.settings.get("region") or "") for account in host.accounts()]
    number = next((found for region in (*regions, "") if (found := normalised(text, region))), "")
    if text.strip() and not number:
        return host.done(
            host.gettext("This is no telephone number. Write it with its country, such as +49301234."), "/calls"
        )
    if is_premium(number):
        return host.done(host.gettext(_PREMIUM), "/calls")
    save(host, viewer.agent_id, viewer.name, number=number)
    done = host.gettext("Your telephone was saved.") if number else host.gettext("Your telephone was removed.")
    return host.done(done, "/calls")


def _call(host: Host, channel: VoipChannel, digits: str) -> Any:
    """Ring the agent's own telephone first, then the contact's."""
    viewer, number = _viewer(host), normalised(f"+{digits}", "")
    with host.tables.connect() as connection:
        own = telephone_of(connection, viewer.agent_id)
    if not number:
        raise NotFound
    if own is None or not own.number:
        return host.done(host.gettext("Enter your own telephone first: it rings before the contact's does."), "/calls")
    if is_premium(number):
        return host.done(host.gettext(_PREMIUM))
    if not host.allow(f"call:{viewer.agent_id}", CALLS_AT_ONCE):
        return host.done(host.gettext("These were too many calls for now. Try again a little later."))
    account = _account_for(host, number)
    if account is None:
        return host.done(host.gettext("There is no line that could call. Connect one under Accounts."))
    try:
        channel.driver_of(account).call(account, viewer.agent_id, viewer.name, own.number, number)
    except ChannelError as error:
        return host.done(host.gettext(str(error)))
    return host.done(
        host.gettext("Your telephone rings now. Pick up, and %(number)s is called.") % {"number": shown(number)}
    )


def _account_for(host: Host, number: str) -> Account | None:
    """The line we last spoke over with them, else the first one."""
    accounts = {account.id: account for account in host.accounts()}
    return accounts.get(last_account(host, number) or 0) or next(iter(accounts.values()), None)


def _play(host: Host, request: Request, id: int) -> Response:
    with host.tables.connect() as connection:
        row = connection.execute(
            select(RECORDING).where(RECORDING.c.id == id, RECORDING.c.deleted_at.is_(None))
        ).first()
    path = host.data_folder() / row.file if row is not None and row.file else None
    if row is None or path is None or not path.is_file():
        raise NotFound
    return send_file(path, request.environ, mimetype=row.content_type, conditional=True, max_age=0)


def _viewer(host: Host) -> Viewer:
    viewer = host.viewer()
    if viewer is None:
        raise NotFound
    return viewer
