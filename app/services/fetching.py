"""Fetching what arrived on an account: journal and cursor in one step, then processing; trouble becomes the account's state."""

import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.domain.leases import is_leased
from app.models import ChannelAccount, DeliveryState, Message
from app.plugin_api.channel import Account
from app.plugin_api.messages import FetchBatch
from app.processes import is_gone
from app.services.account_failures import note_trouble
from app.services.account_trouble import receiving_works
from app.services.account_view import account_view
from app.services.core import Core, Unit, writing
from app.services.intake import process_event
from app.services.journal import record_events

__all__ = ["account_of", "claim_account", "fetch_account", "keep_claims", "note_trouble", "release_account"]

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)


def claim_account(core: Core, account_id: int, owner: str) -> Account | None:
    """Take an active account for this process, so that only one polls it. None when another holds it or it must wait."""
    with writing(core) as unit:
        row = unit.session.get(ChannelAccount, account_id, with_for_update=True)
        if row is None or row.state != "active" or (row.next_attempt_at and row.next_attempt_at > unit.now):
            return None
        is_held = is_leased(row.leased_until, unit.now, LEASE)
        if is_held and row.lease_owner not in ("", owner) and not is_gone(row.lease_owner):
            return None
        account = account_view(core, row)
        row.lease_owner, row.leased_until = owner, unit.now + LEASE
        return account


def keep_claims(core: Core, owner: str) -> set[int]:
    """Prolong the leases this process holds and give their accounts; called every few seconds by whoever supervises the pollers."""
    with writing(core) as unit:
        is_ours = ChannelAccount.lease_owner == owner
        unit.connection.execute(update(ChannelAccount).where(is_ours).values(leased_until=unit.now + LEASE))
        return set(unit.connection.scalars(select(ChannelAccount.id).where(is_ours)))


def release_account(core: Core, account_id: int, owner: str) -> None:
    """Give an account back. Nothing happens when this process does not hold it."""
    with writing(core) as unit:
        unit.connection.execute(
            update(ChannelAccount)
            .where(ChannelAccount.id == account_id, ChannelAccount.lease_owner == owner)
            .values(lease_owner="", leased_until=None)
        )


def fetch_account(core: Core, account: Account, is_stopped: Callable[[], bool] = lambda: False) -> Account:
    """Fetch and process everything new, and what an asked-for backfill brings. Returns the account with its new cursor.

    Raises what the channel raises; the caller hands it to `note_trouble`. What was fetched before stays.
    """
    channel = core.plugins.channels[account.plugin]
    cursor = _drain(core, account, channel.fetch(account), is_stopped, keeps_cursor=True)
    since = _backfill_wish(core, account.id)
    if since is not None and not is_stopped():
        _drain(core, account, channel.backfill(account, since), is_stopped, keeps_cursor=False)
        if not is_stopped():
            _end_backfill(core, account.id, since)
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account.id)
        had_trouble = bool(row.failures)
        row.checked_at, row.failures, row.last_error, row.failed_at, row.next_attempt_at = unit.now, 0, "", None, None
        if had_trouble:
            receiving_works(unit, row)
            _let_answers_leave(unit, account.id)
            unit.changed("account", id=account.id)
    return replace(account, cursor=cursor)


def _let_answers_leave(unit: Unit, account_id: int) -> None:
    """The provider is back: what waits for a later attempt need not wait for hours any more."""
    is_waiting = (Message.delivery_state == DeliveryState.QUEUED) & (Message.attempts > 0) & (Message.due_at > unit.now)
    unit.connection.execute(update(Message).where(Message.account_id == account_id, is_waiting).values(due_at=unit.now))


def _drain(
    core: Core,
    account: Account,
    batches: Iterator[FetchBatch],
    is_stopped: Callable[[], bool],
    *,
    keeps_cursor: bool,
) -> dict[str, object]:
    cursor = dict(account.cursor)
    guarded = core.plugins.dispatcher.guarded(account.plugin, "fetch", limit_s=math.inf)
    while (batch := guarded(next, batches, None)) is not None:
        cursor = dict(batch.cursor) if keeps_cursor else cursor
        fresh = record_events(
            core, account.id, batch.events, cursor=cursor if keeps_cursor else None, progress=batch.progress,
            is_processed_here=True,
        )  # fmt: skip
        for event_id in fresh:
            process_event(core, event_id)
        if is_stopped():
            break
    return cursor


def _backfill_wish(core: Core, account_id: int) -> datetime | None:
    row = core.session.get(ChannelAccount, account_id, populate_existing=True)
    since = row.backfill_since if row is not None else None
    core.session.rollback()
    return since


def _end_backfill(core: Core, account_id: int, since: datetime) -> None:
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account_id)
        if row.backfill_since == since:
            row.backfill_since, row.progress = None, ""
        unit.changed("account", id=account_id)


def account_of(core: Core, account_id: int) -> Account | None:
    """The account as it is now, whoever polls it."""
    row = core.session.get(ChannelAccount, account_id, populate_existing=True)
    account = account_view(core, row) if row is not None else None
    core.session.rollback()
    return account
