"""Watching whether as much comes as usual: noting in which hours an account was listened to, and telling admins when it is unusually quiet.

What is usual and what is quiet is judged in `app.domain.silence`. Before anybody is told, the account is looked at: its connection is
tried, and what its provider holds is compared with what is here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from app.domain.hourly_counts import ARRIVALS, WATCHED, hour_text, hourly_counter
from app.domain.roles import Permission
from app.domain.silence import Quietness, quietness, usual
from app.errors import ConfigError, Conflict, NotFound
from app.models import ChannelAccount, Counter, Notice, Reconciliation
from app.plugin_api.texts import translatable
from app.services.account_view import account_view
from app.services.accounts import report_of
from app.services.arrivals import Arrivals, arrivals_by_account
from app.services.audit import audit
from app.services.core import SYSTEM, Actor, Core, require, writing
from app.services.notices import MAIL_EVERY, over, tell
from app.services.reconciling import wish_for
from app.services.settings import get_setting

__all__ = ["forget_old_arrivals", "installation_zone", "warn_of_silence", "watch_silence"]

KEPT = timedelta(weeks=10)
_LOOKS_LAST = timedelta(hours=1)
"""A comparison, or a look of the poller, that is not older says how things are."""

_NOTHING, _LITTLE = "nothing", "little"
_WORKS, _WHOLE, _FAILS = "works", "whole", "fails"
_TEXTS: Mapping[tuple[str, str], str] = {
    (_NOTHING, _WORKS): translatable(
        "Nothing has come to %(account)s since %(since)s; about %(usual)s messages are usual in that time. The connection works."
    ),
    (_NOTHING, _WHOLE): translatable(
        "Nothing has come to %(account)s since %(since)s; about %(usual)s messages are usual in that time. The connection works and the "
        "server holds nothing new."
    ),
    (_NOTHING, _FAILS): translatable(
        "Nothing has come to %(account)s since %(since)s; about %(usual)s messages are usual in that time. Its connection does not work: "
        "%(problem)s"
    ),
    (_LITTLE, _WORKS): translatable(
        "Since %(since)s %(came)s messages have come to %(account)s; about %(usual)s are usual in that time. The connection works."
    ),
    (_LITTLE, _WHOLE): translatable(
        "Since %(since)s %(came)s messages have come to %(account)s; about %(usual)s are usual in that time. The connection works and the "
        "server holds nothing new."
    ),
    (_LITTLE, _FAILS): translatable(
        "Since %(since)s %(came)s messages have come to %(account)s; about %(usual)s are usual in that time. Its connection does not work: "
        "%(problem)s"
    ),
}


@dataclass(frozen=True, slots=True)
class _Listener:
    """An account that works, as far as we know."""

    id: int
    plugin: str
    name: str
    is_warned_of: bool


def watch_silence(core: Core) -> None:
    """One look at all accounts that work; called every few minutes."""
    now, zone = core.clock.now(), installation_zone(core)
    listeners = _listeners(core, now)
    _note_watched(core, listeners)
    histories = arrivals_by_account(core.session, now - KEPT)
    core.session.rollback()
    for one in listeners:
        judged = _judge(histories.get(one.id, Arrivals()), now, zone) if one.is_warned_of else None
        if judged is not None and judged.is_unusual:
            _look_into(core, one, judged, zone)
        else:
            _close(core, one.id)


def warn_of_silence(core: Core, actor: Actor, account_id: int, *, is_wanted: bool) -> None:
    """Say whether admins are told when an account is unusually quiet. Raises `NotFound` and `NotAllowed`."""
    require(actor, Permission.ACCOUNTS)
    with writing(core) as unit:
        row = unit.session.get(ChannelAccount, account_id)
        if row is None:
            raise NotFound("This account does not exist.")
        if row.warns_of_silence != is_wanted:
            row.warns_of_silence = is_wanted
            audit(unit, actor, "account.silence", row.name, is_wanted=is_wanted)
            unit.changed("account", id=account_id)
        if not is_wanted:
            over(unit, _subject(account_id))


def forget_old_arrivals(core: Core) -> None:
    """Throw away the counts of hours from which nothing is learnt any more."""
    with writing(core) as unit:
        last = hour_text(unit.now - KEPT)
        for what in (ARRIVALS, WATCHED):
            is_old = Counter.name.like(f"{what}:%") & (Counter.name < f"{what}:{last}")
            unit.connection.execute(delete(Counter).where(is_old))


def installation_zone(core: Core) -> tzinfo:
    """The time zone of the business."""
    return ZoneInfo(get_setting(core, "timezone", "UTC"))


def _judge(history: Arrivals, now: datetime, zone: tzinfo) -> Quietness | None:
    expected = usual(history.arrived, history.watched, now, zone)
    return quietness(expected, history.arrived, history.watched, now, zone)


def _listeners(core: Core, now: datetime) -> list[_Listener]:
    """Active accounts without trouble. One that is polled was looked at lately; others are called by their provider."""
    rows = core.session.scalars(
        select(ChannelAccount).where(ChannelAccount.state == "active").order_by(ChannelAccount.id)
    )
    found = [
        _Listener(row.id, row.plugin, row.name, row.warns_of_silence)
        for row in rows
        if row.plugin in core.plugins.channels
        and not row.failures
        and (row.checked_at is None or now - row.checked_at < _LOOKS_LAST)
    ]
    core.session.rollback()
    return found


def _note_watched(core: Core, listeners: Iterable[_Listener]) -> None:
    with writing(core) as unit:
        unit.counts.update(hourly_counter(WATCHED, unit.now, one.id) for one in listeners)


def _look_into(core: Core, listener: _Listener, judged: Quietness, zone: tzinfo) -> None:
    """Find out what can be found out, then tell. The comparison takes its time: it is wished for now, and told of at a later look."""
    if _is_told(core, listener.id) or _is_awaited(core, listener.id):
        return
    problem = _problem_of(core, listener)
    if problem is None:
        return
    finding = _FAILS if problem else _WHOLE if _is_whole(core, listener.id) else _WORKS
    data: dict[str, Any] = {
        "account": listener.name,
        "since": f"{judged.since.astimezone(zone):%Y-%m-%d %H:%M}",
        "usual": round(judged.expected),
        "came": judged.came,
        "problem": problem,
    }
    with writing(core) as unit:
        text = _TEXTS[_LITTLE if judged.came else _NOTHING, finding]
        tell(unit, subject=_subject(listener.id), text=text, data=data, path=f"/accounts/{listener.id}")
        unit.changed("account", id=listener.id)


def _is_awaited(core: Core, account_id: int) -> bool:
    """Whether a comparison will say more, at a later look. It is wished for unless there was one lately, or it was tried."""
    row = core.session.get(Reconciliation, account_id, populate_existing=True)
    was_tried = row is not None and (
        _is_late(core, row.finished_at) or (bool(row.problem) and _is_late(core, row.started_at))
    )
    core.session.rollback()
    if was_tried:
        return False
    try:
        wish_for(core, SYSTEM, account_id)
    except Conflict:  # this account cannot be compared
        return False
    return True


def _is_whole(core: Core, account_id: int) -> bool:
    row = core.session.get(Reconciliation, account_id, populate_existing=True)
    found = row is not None and not row.missing and not row.problem and _is_late(core, row.finished_at)
    core.session.rollback()
    return found


def _is_late(core: Core, at: datetime | None) -> bool:
    return at is not None and core.clock.now() - at < _LOOKS_LAST


def _problem_of(core: Core, listener: _Listener) -> str | None:
    """Why the connection does not work, empty when it does; None when it cannot be tried now."""
    row = core.session.get(ChannelAccount, listener.id, populate_existing=True)
    channel = core.plugins.channels.get(listener.plugin)
    try:
        account = account_view(core, row) if row is not None and channel is not None else None
    except ConfigError as error:
        return str(error)
    finally:
        core.session.rollback()
    return report_of(core, channel, account).problem if channel is not None and account is not None else None


def _is_told(core: Core, account_id: int) -> bool:
    """Whether it stands among the notices, or somebody dismissed it within the last day."""
    statement = select(Notice.closed_at, Notice.closed_by).where(Notice.subject == _subject(account_id))
    rows: Sequence[Any] = core.session.execute(statement).all()
    core.session.rollback()
    since = core.clock.now() - MAIL_EVERY
    return any(row.closed_at is None or (row.closed_by and row.closed_at > since) for row in rows)


def _close(core: Core, account_id: int) -> None:
    is_open = (Notice.subject == _subject(account_id)) & (Notice.closed_at.is_(None))
    found = core.session.scalar(select(Notice.id).where(is_open).limit(1))
    core.session.rollback()
    if found is not None:
        with writing(core) as unit:
            over(unit, _subject(account_id))


def _subject(account_id: int) -> str:
    return f"account:{account_id}:silence"
