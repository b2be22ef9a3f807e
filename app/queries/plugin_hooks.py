"""What the database knows of single hooks: the last error of each plugin in them, and the last call that was looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import HookSample, PluginCost

__all__ = ["HookError", "SampleFacts", "hook_errors", "hook_samples"]


@dataclass(frozen=True, slots=True)
class HookError:
    """The last error of a plugin in a hook."""

    text: str
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """The arguments of a call as text, personal data masked."""

    payload: str
    seen_at: datetime


def hook_errors(session: Session | scoped_session) -> Mapping[tuple[str, str], HookError]:
    """By plugin and hook, of as long ago as costs are kept. One query."""
    statement = (
        select(PluginCost.plugin, PluginCost.hook, PluginCost.last_error, PluginCost.failed_at)
        .where(PluginCost.failed_at.is_not(None))
        .order_by(PluginCost.failed_at)
    )
    return {(plugin, hook): HookError(error, at) for plugin, hook, error, at in session.execute(statement)}


def hook_samples(session: Session | scoped_session) -> Mapping[str, SampleFacts]:
    """By hook. One query."""
    rows = session.execute(select(HookSample.hook, HookSample.payload, HookSample.seen_at))
    return {hook: SampleFacts(payload, seen_at) for hook, payload, seen_at in rows}
