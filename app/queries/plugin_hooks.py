"""What the database knows of single hooks: the last error of each plugin in them, and the last call that was looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import HookSample, PluginBreaker, PluginState

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
    """By plugin and hook: what opened a breaker, and each plugin's very last error ("hook: error"). Two queries."""
    found: dict[tuple[str, str], HookError] = {}
    last = select(PluginState.name, PluginState.last_error, PluginState.failed_at).where(PluginState.last_error != "")
    for plugin, text, failed_at in session.execute(last):
        hook, mark, error = text.partition(": ")
        if mark:
            found[plugin, hook] = HookError(error, failed_at)
    open_ones = select(PluginBreaker.plugin, PluginBreaker.hook, PluginBreaker.last_error, PluginBreaker.opened_at)
    for plugin, hook, error, opened_at in session.execute(open_ones):
        found.setdefault((plugin, hook), HookError(error, opened_at))
    return found


def hook_samples(session: Session | scoped_session) -> Mapping[str, SampleFacts]:
    """By hook. One query."""
    rows = session.execute(select(HookSample.hook, HookSample.payload, HookSample.seen_at))
    return {hook: SampleFacts(payload, seen_at) for hook, payload, seen_at in rows}
