"""Comparing each account with its provider, once a night and when somebody wishes for it, and fetching what never came.

One process at a time compares an account; it holds a lease. How an inventory is compared stands in `app.services.comparing`.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from app.domain.leases import is_leased
from app.domain.nightly import last_turn
from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import AppError, Conflict, NotFound
from app.models import ChannelAccount, Reconciliation
from app.plugin_api.channel import Account, Capability, Channel
from app.plugin_api.errors import ChannelError
from app.plugin_api.texts import translatable
from app.processes import is_gone
from app.redaction import masked
from app.services.account_view import account_view
from app.services.audit import audit
from app.services.comparing import Comparison, compare, gone_count, list_inventory
from app.services.core import Actor, Core, Unit, require, writing
from app.services.intake import process_event
from app.services.journal import record_events
from app.services.notices import over, tell
from app.services.settings import get_setting

__all__ = [
    "MOST_REPAIRED_ALONE",
    "Run",
    "claim_comparison",
    "due_comparisons",
    "keep_comparisons",
    "reconcile",
    "wish_for",
]

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MOST_REPAIRED_ALONE = 500
"""So many missing messages are fetched without being asked; more than that may be a mistake, and somebody should look first."""
_AFTER_TROUBLE = timedelta(hours=1)
_TELL_EVERY_S = 1.0
_FETCHED = translatable("%(count)s messages of the account %(account)s had not come and were fetched now.")
_MISSING = translatable(
    "%(count)s messages of the account %(account)s are on the server and not here. Fetch them on its page."
)
_reconciliation = Reconciliation.__table__


@dataclass(frozen=True, slots=True)
class Run:
    """A comparison that this process does: of which account, and whether everything that is missing is to be fetched. `owner` holds the
    lease."""

    account: Account
    owner: str
    wants_repair: bool
    wanted_at: datetime | None


class _Stopped(Exception):
    """This process is to end, or its lease is lost."""


def wish_for(core: Core, actor: Actor, account_id: int, *, repair: bool = False) -> None:
    """Let the worker compare an account soon; `repair`: and fetch all that is missing. Raises `Conflict` when it cannot be compared."""
    require(actor, Permission.ACCOUNTS)
    with writing(core) as unit:
        account = unit.session.get(ChannelAccount, account_id, with_for_update=True)
        if account is None:
            raise NotFound("This account does not exist.")
        if not _can_be_compared(core, account):
            raise Conflict("This account cannot be compared with its server now.")
        row = _row_of(unit, account_id)
        row.wanted_at, row.wants_repair = unit.now, row.wants_repair or repair
        if repair:
            audit(unit, actor, "account.repair", account.name)
        unit.changed("account", id=account_id)


def due_comparisons(core: Core) -> list[int]:
    """Ids of accounts that are to be compared now, those first that somebody waits for."""
    now, zone = core.clock.now(), _zone(core)
    statement = (
        select(ChannelAccount, Reconciliation)
        .outerjoin_from(ChannelAccount, Reconciliation, Reconciliation.account_id == ChannelAccount.id)
        .where(ChannelAccount.state == "active", ChannelAccount.plugin.in_(_plugins(core)))
        .order_by(_reconciliation.c.wanted_at.is_(None), ChannelAccount.id)
    )
    found = [
        account.id
        for account, row in core.session.execute(statement.execution_options(populate_existing=True))
        if _can_be_compared(core, account) and _is_due(account, row, now, zone)
    ]
    core.session.rollback()
    return found


def claim_comparison(core: Core, account_id: int, owner: str) -> Run | None:
    """Take the comparison of an account for this process. None when another one is at it or has just done it, or when the account cannot
    be compared."""
    zone = _zone(core)
    with writing(core) as unit:
        account = unit.session.get(ChannelAccount, account_id, with_for_update=True)
        if account is None or not _can_be_compared(core, account):
            return None
        row = _row_of(unit, account_id)
        if not _is_due(account, row, unit.now, zone):
            return None
        is_held = is_leased(row.leased_until, unit.now, LEASE)
        if is_held and row.lease_owner and not is_gone(row.lease_owner):
            return None
        row.lease_owner, row.leased_until, row.started_at = owner, unit.now + LEASE, unit.now
        row.looked_at = row.to_fetch = row.fetched = 0
        unit.changed("account", id=account_id)
        return Run(account_view(core, account), owner, row.wants_repair, row.wanted_at)


def keep_comparisons(core: Core, owner: str) -> None:
    """Prolong the leases this process holds."""
    with writing(core) as unit:
        is_ours = _reconciliation.c.lease_owner == owner
        unit.connection.execute(update(_reconciliation).where(is_ours).values(leased_until=unit.now + LEASE))


def reconcile(core: Core, run: Run, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Compare, fetch what is missing where that is wished or little, and write down what came of it. Trouble is written down, too, and
    changes nothing else about the account: its poller tells of what lasts."""
    desk = _Desk(core, run, is_stopped)
    try:
        result, repaired = _compare_and_repair(core, run, desk)
    except _Stopped:
        _give_back(core, run)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a channel may raise anything; the account's page shows it
        log.warning("account %s could not be compared: %s: %s", run.account.id, type(error).__name__, error)
        is_told = isinstance(error, ChannelError | AppError)
        problem = masked(str(error)) if is_told else f"The plugin failed ({type(error).__name__})."
        _conclude(core, run, {"problem": clean_line(problem, 1000)})
    else:
        gone = gone_count(core, run.account.id, result)
        _conclude(core, run, _values(result, repaired, gone), lambda unit: _tell(unit, run.account, result, repaired))


def _compare_and_repair(core: Core, run: Run, desk: "_Desk") -> tuple[Comparison, int]:
    """The comparison as it is in the end, and how many messages came by it."""
    channel = core.plugins.channels[run.account.plugin]
    inventory = list_inventory(core, channel, run.account, desk.looked_at)
    result = compare(core, channel, run.account, inventory, desk.looked_at)
    if not result.missing or not (run.wants_repair or len(result.missing) <= MOST_REPAIRED_ALONE):
        return result, 0
    missing = result.missing
    repaired = _fetch(core, channel, run.account, [one.source_key for one in missing.values()], desk)
    result.take_over(compare(core, channel, run.account, missing, desk.looked_at))
    return result, repaired


def _fetch(core: Core, channel: Channel, account: Account, source_keys: list[str], desk: "_Desk") -> int:
    """Fetch messages and process them; gives how many were new. A copy of what is here is recognised by its content."""
    guard = core.plugins.dispatcher.guarded(account.plugin, "fetch_listed", limit_s=math.inf)
    batches, came = channel.fetch_listed(account, source_keys), 0
    desk.begins_to_fetch(len(source_keys))
    while (batch := guard(next, batches, None)) is not None:
        for event_id in record_events(core, account.id, batch.events, is_processed_here=True):
            came += process_event(core, event_id).state in ("new", "queued", "undelivered")
        desk.fetched(len(batch.events))
    return came


class _Desk:
    """Says how far a run has come and keeps its lease, once a second at most. Raises `_Stopped` when the run is to end."""

    def __init__(self, core: Core, run: Run, is_stopped: Callable[[], bool]) -> None:
        self._core, self._run, self._is_stopped = core, run, is_stopped
        self._values = {"looked_at": 0, "to_fetch": 0, "fetched": 0}
        self._next_at = time.monotonic() + _TELL_EVERY_S

    def looked_at(self, count: int) -> None:
        self._step("looked_at", count)

    def begins_to_fetch(self, count: int) -> None:
        self._next_at = 0.0
        self._step("to_fetch", count)

    def fetched(self, count: int) -> None:
        self._step("fetched", count)

    def _step(self, name: str, count: int) -> None:
        self._values[name] += count
        if self._is_stopped():
            raise _Stopped
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + _TELL_EVERY_S
        if not _write(self._core, self._run, lambda now: {**self._values, "leased_until": now + LEASE}):
            raise _Stopped


def _conclude(core: Core, run: Run, values: Mapping[str, Any], beside: Callable[[Unit], None] | None = None) -> None:
    """Write down how a run ended, and give its lease back. A wish that came while it ran stays."""
    is_fulfilled = {"wanted_at": None, "wants_repair": False}

    def write(now: datetime) -> dict[str, Any]:
        finished = {} if values.get("problem") else {"finished_at": now}
        return {**values, **finished, "lease_owner": "", "leased_until": None}

    if _write(core, run, write, beside, is_fulfilled) and beside is not None:
        log.info("account %s was compared: %s", run.account.id, {k: v for k, v in values.items() if isinstance(v, int)})


def _give_back(core: Core, run: Run) -> None:
    _write(core, run, lambda _: {"lease_owner": "", "leased_until": None})


def _write(
    core: Core,
    run: Run,
    values: Callable[[datetime], Mapping[str, Any]],
    beside: Callable[[Unit], None] | None = None,
    fulfilled: Mapping[str, Any] | None = None,
) -> bool:
    """Change the row of a run that this process still holds; false when it does not. `fulfilled` is written unless there is a new wish."""
    with writing(core) as unit:
        row = unit.session.get(Reconciliation, run.account.id, with_for_update=True)
        if row is None or row.lease_owner != run.owner:
            return False
        changes = {**values(unit.now), **(fulfilled or {} if row.wanted_at == run.wanted_at else {})}
        for name, value in changes.items():
            setattr(row, name, value)
        if beside is not None:
            beside(unit)
        unit.changed("account", id=run.account.id)
    return True


def _values(result: Comparison, repaired: int, gone: int) -> dict[str, Any]:
    return {
        "on_server": result.on_server,
        "here": result.here,
        "undelivered": result.undelivered,
        "gone": gone,
        "missing": len(result.missing),
        "repaired": repaired,
        "places": result.places(),
        "gaps": result.gaps,
        "problem": "",
    }


def _tell(unit: Unit, account: Account, result: Comparison, repaired: int) -> None:
    """Tell admins of messages that had not come; that is over when a later comparison finds nothing of it."""
    subject, count = f"account:{account.id}:gap", len(result.missing) or repaired
    if not count:
        over(unit, subject)
        return
    tell(
        unit,
        subject=subject,
        text=_MISSING if result.missing else _FETCHED,
        data={"count": count, "account": account.name},
        path=f"/accounts/{account.id}/reconciliation",
        level="warning" if result.missing else "info",
    )


def _plugins(core: Core) -> list[str]:
    return [name for name, channel in core.plugins.channels.items() if Capability.INVENTORY in channel.capabilities]


def _can_be_compared(core: Core, account: ChannelAccount) -> bool:
    """Whether its channel can list what the provider holds, it works, and reading has begun: before that nothing can be missing."""
    return account.state == "active" and account.plugin in _plugins(core) and bool(account.cursor)


def _is_due(account: ChannelAccount, row: Reconciliation | None, now: datetime, zone: ZoneInfo) -> bool:
    if row is None:
        return not account.failures
    if row.wanted_at is not None:
        return True
    is_in_trouble = row.problem and row.started_at is not None and row.started_at > now - _AFTER_TROUBLE
    if account.failures or is_in_trouble:
        return False
    return row.finished_at is None or row.finished_at < last_turn(now, account.id, zone)


def _zone(core: Core) -> ZoneInfo:
    return ZoneInfo(get_setting(core, "timezone", "UTC"))


def _row_of(unit: Unit, account_id: int) -> Reconciliation:
    """The row of an account whose own row is locked."""
    row = unit.session.get(Reconciliation, account_id, with_for_update=True, populate_existing=True)
    if row is None:
        row = Reconciliation(account_id=account_id)
        unit.session.add(row)
        unit.session.flush()
    return row
