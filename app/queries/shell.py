"""What surrounds every page: the business's name and the numbers in the rail, in one statement."""

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, scoped_session

from app.domain.backoff import LASTING_FAILURES
from app.models import Change, ChannelAccount, Counter, EventState, InboundEvent, PluginValue

__all__ = ["ShellFacts", "business_facts", "shell_facts"]


@dataclass(frozen=True, slots=True)
class ShellFacts:
    """`troubled_accounts` need a person; one that is paused or only has to wait does not count. `change_id` is the newest entry of the
    feed that this page already shows."""

    business_name: str
    open_count: int
    undelivered_count: int
    troubled_accounts: int
    change_id: int


def _setting(key: str):
    return select(PluginValue.value).where(PluginValue.plugin == "core", PluginValue.key == key).scalar_subquery()


_UNDELIVERED = select(func.count()).select_from(InboundEvent).where(InboundEvent.state == EventState.UNDELIVERED)
_TROUBLED = (
    select(func.count())
    .select_from(ChannelAccount)
    .where(
        or_(
            ChannelAccount.state == "needs_reauth",
            and_(ChannelAccount.state == "active", ChannelAccount.failures >= LASTING_FAILURES),
        )
    )
)
_SHELL = select(
    _setting("business_name"),
    select(Counter.value).where(Counter.name == "status:open").scalar_subquery(),
    _UNDELIVERED.scalar_subquery(),
    _TROUBLED.scalar_subquery(),
    select(func.max(Change.id)).scalar_subquery(),
)
_BUSINESS = select(_setting("business_name"), _setting("language"))


def shell_facts(session: Session | scoped_session) -> ShellFacts:
    """Everything the shell counts."""
    name, open_count, undelivered_count, troubled_accounts, change_id = session.connection().execute(_SHELL).one()
    return ShellFacts(name or "Tidings", open_count or 0, undelivered_count, troubled_accounts, change_id or 0)


def business_facts(session: Session | scoped_session) -> tuple[str, str]:
    """The business's name and language, for pages outside the shell; empty before set-up."""
    row = session.connection().execute(_BUSINESS).one()
    return row[0] or "", row[1] or ""
