"""Channel accounts: connect, change, test, pause, backfill, remove. Settings are validated by the channel's own form. What plugins do with
their own accounts stands in `app.services.plugins.accounts`."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from app.domain.events import AccountSaved
from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import Conflict, InvalidInput, NotFound
from app.models import ChannelAccount, Conversation, DeliveryState, EventState, InboundEvent, Message, Team
from app.plugin_api.channel import Account, Capability, Channel, Check, ConnectionReport
from app.plugin_api.errors import ChannelError
from app.plugin_host import State, TimedOut
from app.redaction import masked
from app.services.account_trouble import FIRST_SIGN_IN, account_gone, sign_in_awaited
from app.services.account_view import account_view
from app.services.audit import audit
from app.services.core import Actor, Core, Unit, require, writing
from app.services.own_addresses import claimed_addresses, put_addresses
from app.services.setting_history import changed_settings, note_setting_changes

__all__ = [
    "change_settings",
    "channel_of",
    "create_account",
    "delete_account",
    "pause_account",
    "renew_secret",
    "report_of",
    "resume_account",
    "start_backfill",
    "test_account",
    "update_account",
]

log = logging.getLogger(__name__)


def channel_of(core: Core, plugin: str) -> Channel:
    """The channel of an active plugin. Raises `NotFound`, which says why it is not active."""
    channel = core.plugins.channels.get(plugin)
    if channel is None:
        raise NotFound(f"There is no active channel called {plugin}. {_why_not_active(core, plugin)}".rstrip())
    return channel


def _why_not_active(core: Core, plugin: str) -> str:
    """What the list of plugins says of it."""
    try:
        info = core.plugins.info(plugin)
    except NotFound:
        return "Nothing of that name was found here."
    return info.problem or ("The plugin is switched off." if info.state is State.INACTIVE else "")


def report_of(core: Core, channel: Channel, account: Account) -> ConnectionReport:
    """Test a connection; what the channel raises becomes a failed step instead of an error. Credentials are masked in its texts. It may
    take as long as work that nobody waits for: servers far away are slow."""
    plugin = next((name for name, one in core.plugins.channels.items() if one is channel), account.plugin)
    limit_s = core.plugins.health.limits.call_s
    try:
        report = core.plugins.dispatcher.guarded(plugin, "test", limit_s=limit_s)(channel.test_connection, account)
    except (ChannelError, TimedOut) as error:
        report = ConnectionReport((Check("Connection", False, str(error)),))
    except (Exception, SystemExit) as error:  # plugin code: the guard has counted it
        log.exception("plugin %s failed while it tested a connection", plugin)
        report = ConnectionReport((Check("Connection", False, f"The plugin failed ({type(error).__name__})."),))
    return replace(report, checks=tuple(replace(check, detail=masked(check.detail)) for check in report.checks))


def create_account(
    core: Core,
    actor: Actor,
    *,
    plugin: str,
    name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    team_id: int | None = None,
    backfill_since: datetime | None = None,
    is_tested: bool = True,
    needs_sign_in: bool = False,
) -> int:
    """Test and save a new account; returns its id. Raises `InvalidInput` with the first thing that failed when the test fails.

    `needs_sign_in`, or a test that says so: it waits until its owner has signed in at the provider.
    """
    require(actor, Permission.ACCOUNTS)
    channel = channel_of(core, plugin)
    name = clean_line(name, 120)
    if not name:
        raise InvalidInput("Give the account a name.", {"name": "A name is needed."})
    address, addresses = channel.account_address(settings), claimed_addresses(channel, settings)
    candidate = Account(0, plugin, name, address, dict(settings), secrets=dict(secrets))
    if is_tested:
        needs_sign_in = _must_work(core, channel, candidate).needs_sign_in
    with writing(core) as unit:
        row = ChannelAccount(
            plugin=plugin,
            name=name,
            address=address[:320],
            settings=dict(settings),
            secrets=core.vault.seal(secrets),
            team_id=_team(unit.session, team_id),
            created_at=unit.now,
            state="active",
            cursor={},
            backfill_since=backfill_since,
            progress="",
        )
        unit.session.add(row)
        unit.session.flush()
        account_id = row.id
        put_addresses(unit, account_id, addresses)
        if needs_sign_in:
            _await_sign_in(unit, row)
        audit(unit, actor, "account.created", name, plugin=plugin)
        unit.changed("account", id=account_id)
        unit.announce("account_saved", only=plugin, saved=AccountSaved(account_id, is_new=True))
    return account_id


def update_account(
    core: Core,
    actor: Actor,
    account_id: int,
    *,
    name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    team_id: int | None = None,
    is_tested: bool = True,
    needs_sign_in: bool = False,
) -> None:
    """Test and save changed settings. Secrets that are not given stay as they are. Raises `InvalidInput` when the test fails.

    `needs_sign_in`, or a test that says so: it waits until its owner has signed in at the provider.
    """
    require(actor, Permission.ACCOUNTS)
    before = _get(core, account_id)
    channel = channel_of(core, before.plugin)
    known = core.vault.unseal(before.secrets)
    merged = {**known, **secrets}
    address, addresses = channel.account_address(settings), claimed_addresses(channel, settings)
    plugin, cursor = before.plugin, dict(before.cursor or {})
    if is_tested:
        candidate = Account(account_id, plugin, name, address, dict(settings), cursor, merged)
        needs_sign_in = _must_work(core, channel, candidate).needs_sign_in
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account_id)
        changed = changed_settings(row.settings, settings)
        given = [key for key, value in secrets.items() if known.get(key) != value]
        note_setting_changes(unit, actor, plugin, row.settings, settings, secrets=given, account_id=account_id)
        row.name = clean_line(name, 120) or row.name
        row.address = address[:320]
        row.settings = dict(settings)
        row.secrets = core.vault.seal({**core.vault.unseal(row.secrets), **secrets})
        row.team_id = _team(unit.session, team_id)
        put_addresses(unit, account_id, addresses)
        _clear_trouble(unit, row)
        if needs_sign_in:
            _await_sign_in(unit, row)
        audit(unit, actor, "account.changed", row.name, settings=changed, secrets=sorted(secrets))
        unit.changed("account", id=account_id)
        unit.announce("account_saved", only=plugin, saved=AccountSaved(account_id, is_new=False))


def change_settings(core: Core, actor: Actor, account_id: int, settings: Mapping[str, Any]) -> None:
    """Save settings that hold from now on, untested; secrets, name and state stay. Nothing happens when nothing differs."""
    require(actor, Permission.ACCOUNTS)
    plugin = _get(core, account_id).plugin
    channel = channel_of(core, plugin)
    address, addresses = channel.account_address(settings)[:320], claimed_addresses(channel, settings)
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account_id)
        changed = changed_settings(row.settings, settings)
        if not changed and row.address == address:
            return
        note_setting_changes(unit, actor, plugin, row.settings, settings, account_id=account_id)
        row.settings, row.address = dict(settings), address
        put_addresses(unit, account_id, addresses)
        row.revision += 1
        audit(unit, actor, "account.changed", row.name, settings=changed, secrets=[])
        unit.changed("account", id=account_id)
        unit.announce("account_saved", only=plugin, saved=AccountSaved(account_id, is_new=False))


def test_account(core: Core, actor: Actor, account_id: int) -> ConnectionReport:
    """Test a saved account now; a success clears its last error."""
    require(actor, Permission.ACCOUNTS)
    row = _get(core, account_id)
    channel, account = channel_of(core, row.plugin), account_view(core, row)
    core.session.rollback()
    report = report_of(core, channel, account)
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account_id)
        if report.is_ok:
            _clear_trouble(unit, row, keep_paused=True)
            if report.needs_sign_in and row.state != "paused":
                _await_sign_in(unit, row)
        else:
            row.last_error, row.failed_at = report.problem[:1000], unit.now
        unit.changed("account", id=account_id)
    return report


def pause_account(core: Core, actor: Actor, account_id: int) -> None:
    """Stop fetching and sending through an account until it is resumed."""
    _set_state(core, actor, account_id, "paused", "account.paused")


def resume_account(core: Core, actor: Actor, account_id: int) -> None:
    """Let a paused account, or one whose sign-in failed, try again."""
    _set_state(core, actor, account_id, "active", "account.resumed")


def renew_secret(core: Core, account_id: int, key: str, value: str) -> None:
    """Replace one secret of an account, as its plugin does after signing in anew; an account that waited for that works again. Nothing
    happens when there is no such account."""
    with writing(core) as unit:
        row = unit.session.get(ChannelAccount, account_id)
        if row is None:
            return
        row.secrets = core.vault.seal({**core.vault.unseal(row.secrets), key: value})
        if row.state == "needs_reauth":
            _clear_trouble(unit, row)
            unit.changed("account", id=account_id)


def start_backfill(core: Core, actor: Actor, account_id: int, since: datetime) -> None:
    """Fetch everything from a date on; what is here already is recognised. Raises `Conflict` when the channel cannot."""
    require(actor, Permission.ACCOUNTS)
    if Capability.BACKFILL not in channel_of(core, _get(core, account_id).plugin).capabilities:
        raise Conflict("This channel cannot fetch earlier messages.")
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account_id)
        row.backfill_since = since
        row.revision += 1
        audit(unit, actor, "account.backfill", row.name, since=since.isoformat())
        unit.changed("account", id=account_id)


def delete_account(core: Core, actor: Actor, account_id: int) -> None:
    """Remove an account. Raises `Conflict` while messages went through it or wait in the tray: pausing keeps their history."""
    require(actor, Permission.ACCOUNTS)
    _get(core, account_id)
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account_id)
        _must_be_unused(unit, account_id)
        audit(unit, actor, "account.removed", row.name, plugin=row.plugin)
        unit.session.delete(row)
        account_gone(unit, account_id)
        unit.changed("account", id=account_id)


def _must_be_unused(unit: Unit, account_id: int) -> None:
    def count(table: Any, *conditions: ColumnElement[bool]) -> int:
        statement = select(func.count()).select_from(table).where(table.account_id == account_id, *conditions)
        return unit.session.scalar(statement) or 0

    if used := count(Conversation):
        raise Conflict(f"{used} conversations came through this account. Pause it instead; their history stays.")
    if used := count(Message):
        raise Conflict(f"{used} messages went through this account. Pause it instead; their history stays.")
    if used := count(InboundEvent, InboundEvent.state.in_([EventState.RECEIVED, EventState.UNDELIVERED])):
        raise Conflict(f"{used} messages of this account wait under Undelivered. Retry or discard them first.")


def _get(core: Core, account_id: int) -> ChannelAccount:
    row = core.session.get(ChannelAccount, account_id)
    if row is None:
        raise NotFound("This account does not exist.")
    return row


def _must_work(core: Core, channel: Channel, account: Account) -> ConnectionReport:
    report = report_of(core, channel, account)
    if not report.is_ok:
        raise InvalidInput(report.problem, {"connection": report.problem})
    return report


def _await_sign_in(unit: Unit, row: ChannelAccount) -> None:
    row.state, row.last_error, row.failed_at = "needs_reauth", FIRST_SIGN_IN, unit.now
    sign_in_awaited(unit, row)


def _clear_trouble(unit: Unit, row: ChannelAccount, *, keep_paused: bool = False) -> None:
    """The account works again: it is polled at once, and what waited for another attempt to leave through it is due now."""
    is_waiting = (Message.delivery_state == DeliveryState.QUEUED) & (Message.attempts > 0) & (Message.due_at > unit.now)
    unit.connection.execute(update(Message).where(Message.account_id == row.id, is_waiting).values(due_at=unit.now))
    if not (keep_paused and row.state == "paused"):
        row.state = "active"
    row.failures, row.last_error, row.failed_at, row.next_attempt_at = 0, "", None, None
    row.revision += 1
    account_gone(unit, row.id)


def _set_state(core: Core, actor: Actor, account_id: int, state: str, action: str) -> None:
    require(actor, Permission.ACCOUNTS)
    plugin = _get(core, account_id).plugin
    with writing(core) as unit:
        row = unit.session.get_one(ChannelAccount, account_id)
        if state == "active":
            _clear_trouble(unit, row)
        else:
            row.state = state
            row.revision += 1
            account_gone(unit, account_id)
        audit(unit, actor, action, row.name)
        unit.changed("account", id=account_id)
        unit.announce("account_saved", only=plugin, saved=AccountSaved(account_id, is_new=False))


def _team(session, team_id: int | None) -> int | None:
    if team_id is not None and session.get(Team, team_id) is None:
        raise InvalidInput("This team does not exist.", {"team": "Choose another team."})
    return team_id
