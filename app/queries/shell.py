"""What surrounds every page: the business's name and the numbers in the rail, in one statement."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, scoped_session

from app.models import Change, ChannelAccount, Counter, EventState, InboundEvent, PluginValue

__all__ = ["ShellFacts", "business_facts", "shell_facts"]


@dataclass(frozen=True, slots=True)
class ShellFacts:
    """`change_id` is the newest entry of the feed that this page already shows."""

    business_name: str
    open_count: int
    undelivered_count: int
    troubled_accounts: int
    change_id: int


def shell_facts(session: Session | scoped_session) -> ShellFacts:
    """Everything the shell counts."""
    undelivered = select(func.count()).select_from(InboundEvent).where(InboundEvent.state == EventState.UNDELIVERED)
    troubled = (
        select(func.count())
        .select_from(ChannelAccount)
        .where(or_(ChannelAccount.state == "needs_reauth", ChannelAccount.failures > 0))
    )
    row = session.execute(
        select(
            _setting("business_name"),
            select(Counter.value).where(Counter.name == "status:open").scalar_subquery(),
            undelivered.scalar_subquery(),
            troubled.scalar_subquery(),
            select(func.max(Change.id)).scalar_subquery(),
        )
    ).one()
    return ShellFacts(
        business_name=row[0] or "Tidings",
        open_count=row[1] or 0,
        undelivered_count=row[2],
        troubled_accounts=row[3],
        change_id=row[4] or 0,
    )


def business_facts(session: Session | scoped_session) -> tuple[str, str]:
    """The business's name and language, for pages outside the shell; empty before set-up."""
    row = session.execute(select(_setting("business_name"), _setting("language"))).one()
    return row[0] or "", row[1] or ""


def _setting(key: str):
    return select(PluginValue.value).where(PluginValue.plugin == "core", PluginValue.key == key).scalar_subquery()
