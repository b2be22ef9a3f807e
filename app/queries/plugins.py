"""What the database knows of plugins: failures, and how many accounts each has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from app.models import ChannelAccount, PluginState

__all__ = ["PluginFacts", "plugin_facts"]


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """The record of one plugin over all processes."""

    failures: int = 0
    last_error: str = ""
    failed_at: datetime | None = None
    account_count: int = 0


def plugin_facts(session: Session | scoped_session) -> Mapping[str, PluginFacts]:
    """By plugin name; a plugin that never failed and has no account is missing. Two queries."""
    per_plugin = select(ChannelAccount.plugin, func.count()).group_by(ChannelAccount.plugin)
    counts = {name: count for name, count in session.execute(per_plugin)}
    columns = (PluginState.name, PluginState.failures, PluginState.last_error, PluginState.failed_at)
    found = {
        name: PluginFacts(failures, last_error, failed_at, counts.get(name, 0))
        for name, failures, last_error, failed_at in session.execute(select(*columns))
    }
    return {**{name: PluginFacts(account_count=count) for name, count in counts.items()}, **found}
