"""What helps to find the fault of an account, to be sent to whoever helps: versions, settings, cursor, errors, how its plugin fares.

Never credentials, and never anything of a message but when it came, how large it was and what became of it.
"""

import json
import platform
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import func, select

from app.domain.roles import Permission
from app.errors import NotFound
from app.models import (
    ChannelAccount,
    Counter,
    InboundEvent,
    PluginBreaker,
    PluginCost,
    PluginJob,
    PluginState,
    Reconciliation,
    SettingChange,
)
from app.plugin_api.manifest import API_VERSION
from app.redaction import masked
from app.services.core import Actor, Core, require
from app.services.counting import left_alone_counter

__all__ = ["account_diagnostics", "as_text"]

_EVENTS = 20
_CHANGES = 10


def account_diagnostics(core: Core, actor: Actor, account_id: int) -> dict[str, Any]:
    """The facts about one account, as JSON knows them. Raises `NotFound` and `NotAllowed`."""
    require(actor, Permission.ACCOUNTS)
    row = core.session.get(ChannelAccount, account_id)
    if row is None:
        raise NotFound("This account does not exist.")
    return {
        "made_at": core.clock.now(),
        "installation": _installation(core),
        "plugin": _plugin(core, row.plugin),
        "account": _account(core, row),
        "last_setting_changes": _changes(core, account_id),
        "hooks_last_hour": _costs(core, row.plugin),
        "open_breakers": _rows(core, PluginBreaker, row.plugin, "hook", "opened_at", "rests_until", "last_error"),
        "jobs": _rows(
            core, PluginJob, row.plugin, "name", "due_at", "ran_at", "ran_s", "runs", "failures", "last_error"
        ),
        "event_counts": _event_counts(core, account_id),
        "reconciliation": _reconciliation(core, account_id),
        "last_events": _events(core, account_id),
    }


def as_text(facts: Mapping[str, Any]) -> str:
    """The facts as indented JSON, moments as ISO 8601; known credentials are blanked out wherever they may stand."""
    return masked(json.dumps(facts, indent=2, ensure_ascii=False, default=_as_json))


def _as_json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _installation(core: Core) -> dict[str, Any]:
    return {
        "tidings": version("tidings"),
        "api": API_VERSION,
        "python": platform.python_version(),
        "system": platform.system(),
        "database": core.session.connection().dialect.name,
        "is_safe_mode": core.plugins.is_safe_mode,
    }


def _plugin(core: Core, name: str) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": name, "state": "missing"}
    try:
        info = core.plugins.info(name)
    except NotFound:
        return facts
    facts |= {"version": info.version, "origin": info.origin, "state": info.state, "problem": info.problem}
    kept = core.session.get(PluginState, name)
    if kept is not None:
        facts |= {"failures": kept.failures, "last_error": kept.last_error, "failed_at": kept.failed_at}
    return facts


def _account(core: Core, row: ChannelAccount) -> dict[str, Any]:
    secrets = core.vault.unseal(row.secrets)
    names = (
        "id", "name", "address", "state", "settings", "cursor", "created_at", "backfill_since", "progress", "checked_at",
        "received_at", "failures", "last_error", "failed_at", "next_attempt_at", "lease_owner", "leased_until", "revision",
    )  # fmt: skip
    facts = {name: getattr(row, name) for name in names}
    facts["settings"] = {key: value for key, value in (row.settings or {}).items() if key not in secrets}
    return {**facts, "secrets_that_are_set": sorted(key for key, value in secrets.items() if value)}


def _changes(core: Core, account_id: int) -> list[dict[str, Any]]:
    statement = (
        select(SettingChange.changed_at, SettingChange.key)
        .where(SettingChange.account_id == account_id)
        .order_by(SettingChange.id.desc())
        .limit(_CHANGES)
    )
    return [{"at": at, "setting": key} for at, key in core.session.execute(statement)]


def _costs(core: Core, plugin: str) -> list[dict[str, Any]]:
    since = core.clock.now() - timedelta(hours=1)
    sums = [
        func.sum(getattr(PluginCost, name)).label(name)
        for name in ("calls", "seconds", "slow_calls", "failures", "skipped", "queries", "http_calls")
    ]
    statement = (
        select(PluginCost.hook, *sums, func.max(PluginCost.slowest_s).label("slowest_s"))
        .where(PluginCost.plugin == plugin, PluginCost.period_at > since)
        .group_by(PluginCost.hook)
        .order_by(PluginCost.hook)
    )
    return [dict(row) for row in core.session.execute(statement).mappings()]


def _rows(core: Core, model: Any, plugin: str, *names: str) -> list[dict[str, Any]]:
    columns = [getattr(model, name) for name in names]
    statement = select(*columns).where(model.plugin == plugin).order_by(columns[0])
    return [dict(row) for row in core.session.execute(statement).mappings()]


def _event_counts(core: Core, account_id: int) -> dict[str, int]:
    """By state; "left_alone" are requests of the provider that its channel knows and nobody has to read."""
    statement = (
        select(InboundEvent.state, func.count())
        .where(InboundEvent.account_id == account_id)
        .group_by(InboundEvent.state)
        .order_by(InboundEvent.state)
    )
    counts = {str(state): count for state, count in core.session.execute(statement)}
    left_alone = core.session.scalar(select(Counter.value).where(Counter.name == left_alone_counter(account_id)))
    return {**counts, "left_alone": left_alone} if left_alone else counts


def _reconciliation(core: Core, account_id: int) -> dict[str, Any]:
    """The last comparison with the provider, without what the missing messages are. Folders are named as the settings name them."""
    columns = [column for column in Reconciliation.__table__.c if column.name not in ("account_id", "gaps")]
    row = core.session.execute(select(*columns).where(Reconciliation.account_id == account_id)).mappings().first()
    return dict(row) if row else {}


def _events(core: Core, account_id: int) -> list[dict[str, Any]]:
    columns = (
        "id",
        "received_at",
        "processed_at",
        "state",
        "content_type",
        "size",
        "is_complete",
        "attempts",
        "next_attempt_at",
        "reason",
    )
    statement = (
        select(*(getattr(InboundEvent, name) for name in columns))
        .where(InboundEvent.account_id == account_id)
        .order_by(InboundEvent.id.desc())
        .limit(_EVENTS)
    )
    return [dict(row) for row in core.session.execute(statement).mappings()]
