"""Channel accounts: how they are doing and how much came through them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, scoped_session

from app.domain.addresses import OwnAddresses
from app.domain.backoff import LASTING_FAILURES
from app.models import AccountAddress, AuditEntry, ChannelAccount, Conversation, InboundEvent, MessageDelivery
from app.plugin_api.messages import ONLY_A_COPY, OPENS_NONE

__all__ = [
    "AccountFacts",
    "AccountMoment",
    "account_facts",
    "account_log",
    "accounts_by_id",
    "addresses_of",
    "conversation_count",
    "received_last_day",
]

_NEWEST_DELIVERIES = 5000
_LOG_LINES = 12


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account without its secrets. `state` is active, paused or needs_reauth."""

    id: int
    plugin: str
    name: str
    address: str
    state: str
    failures: int
    last_error: str
    failed_at: datetime | None
    next_attempt_at: datetime | None
    checked_at: datetime | None
    received_at: datetime | None
    progress: str
    backfill_since: datetime | None
    created_at: datetime
    team_id: int | None
    warns_of_silence: bool
    settings: Mapping[str, Any] = field(repr=False)
    claims: str | None
    """All it is written to, one a line."""

    @property
    def is_paused(self) -> bool:
        return self.state == "paused"

    @property
    def is_troubled(self) -> bool:
        return self.state == "needs_reauth" or self.failures > 0 or bool(self.last_error)

    @property
    def needs_somebody(self) -> bool:
        """Not for trouble that may pass by itself, nor while it is paused."""
        return self.state == "needs_reauth" or (self.state == "active" and self.failures >= LASTING_FAILURES)


@dataclass(frozen=True, slots=True)
class AccountMoment:
    """A line of an account's log: `kind` is an action of the audit log, "event" with the reason of one that was not delivered, or
    "left_alone" with that of a message."""

    at: datetime
    kind: str
    text: str = ""


_OWN_COLUMNS = [getattr(ChannelAccount, name) for name in AccountFacts.__dataclass_fields__ if name != "claims"]
_CLAIMS = select(func.aggregate_strings(AccountAddress.address, "\n")).where(
    AccountAddress.account_id == ChannelAccount.id
)
_COLUMNS = (*_OWN_COLUMNS, _CLAIMS.scalar_subquery())
_ALL = select(*_COLUMNS).order_by(ChannelAccount.id)


def accounts_by_id(session: Session | scoped_session) -> Mapping[int, AccountFacts]:
    """All accounts by id, in the order in which they were connected."""
    return {row.id: AccountFacts(*row) for row in session.connection().execute(_ALL)}


def addresses_of(accounts: Iterable[AccountFacts]) -> OwnAddresses:
    """What these accounts are written to."""
    return OwnAddresses(
        tuple((one.id, address) for one in accounts for address in sorted((one.claims or "").splitlines()))
    )


def account_facts(session: Session | scoped_session, account_id: int) -> AccountFacts | None:
    """One account, or None."""
    row = session.execute(select(*_COLUMNS).where(ChannelAccount.id == account_id)).first()
    return AccountFacts(*row) if row else None


def received_last_day(session: Session | scoped_session, now: datetime) -> Mapping[int, int]:
    """Messages of the last 24 hours by account, among the newest five thousand."""
    newest = (
        select(MessageDelivery.account_id, MessageDelivery.received_at)
        .order_by(MessageDelivery.id.desc())
        .limit(_NEWEST_DELIVERIES)
        .subquery()
    )
    statement = (
        select(newest.c.account_id, func.count())
        .where(newest.c.received_at > now - timedelta(days=1))
        .group_by(newest.c.account_id)
    )
    return {account_id: count for account_id, count in session.execute(statement)}


def conversation_count(session: Session | scoped_session, account_id: int) -> int:
    """How many conversations came in through an account."""
    statement = select(func.count()).select_from(Conversation).where(Conversation.account_id == account_id)
    return session.scalar(statement) or 0


def account_log(session: Session | scoped_session, account: AccountFacts) -> tuple[AccountMoment, ...]:
    """What happened to an account, newest first: what admins did, events that could not be delivered, and messages that
    were left alone as the settings ask."""
    done = (
        select(AuditEntry.created_at, AuditEntry.action)
        .where(AuditEntry.action.startswith("account."), AuditEntry.subject == account.name[:200])
        .order_by(AuditEntry.id.desc())
        .limit(_LOG_LINES)
    )
    moments = [AccountMoment(at, action) for at, action in session.execute(done)]
    stuck = InboundEvent.state == "undelivered"
    moments += [AccountMoment(at, "event", reason) for at, reason in _events(session, account, stuck)]
    ignored = (InboundEvent.state == "ignored") & InboundEvent.reason.in_((ONLY_A_COPY, OPENS_NONE))
    moments += [AccountMoment(at, "left_alone", reason) for at, reason in _events(session, account, ignored)]
    return tuple(sorted(moments, key=lambda moment: moment.at, reverse=True)[:_LOG_LINES])


def _events(
    session: Session | scoped_session, account: AccountFacts, chosen: ColumnElement[bool]
) -> Iterable[tuple[datetime, str]]:
    statement = select(InboundEvent.received_at, InboundEvent.reason).where(
        InboundEvent.account_id == account.id, chosen
    )
    for row in session.execute(statement.order_by(InboundEvent.id.desc()).limit(_LOG_LINES)):
        yield row.received_at, row.reason
