"""How tests went, in a table of the plugin's own; the newest of each form are kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, delete, func, insert, select, update

from plugins.webform.checking.steps import (
    NIGHTLY_STEPS,
    PRESSED_STEPS,
    CheckState,
    Kind,
    Step,
    StepResult,
    StepState,
    state_of,
)
from tidings import Host
from tidings.tables import BigId, UTCDateTime

__all__ = [
    "CHECK",
    "CheckResult",
    "arrivals",
    "begin",
    "by_message",
    "by_nonce",
    "forget_form",
    "forget_old",
    "latest",
    "latest_nightly",
    "latest_of",
    "note",
    "overdue",
    "week_of_tests",
]

UNNEEDED = frozenset({"mail_off", "mail_nowhere"})
"""Sentences of steps that were left out because the form does without."""
KEPT = 30
"""So many of a form; counts of a week need no more than a test each night and some by hand."""

CHECK = Table(
    "plugin_webform_check",
    MetaData(),
    Column("id", BigId, primary_key=True),
    Column("account_id", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("nonce", String(60), nullable=False, unique=True),
    Column("state", String(10), nullable=False),
    Column("steps", Text, nullable=False),
    Column("address", String(320), nullable=False),
    Column("began_by", String(200), nullable=False),
    Column("began_at", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime),
    Column("conversation", Integer),
    Column("message_id", BigId),
)
"""One test. `steps` is JSON: step to [state, sentence, data]. `conversation` is the number of the conversation it came to, `message_id` the
confirmation."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One test as far as it came. `address` is where its confirmation goes, `began_by` the name of who pressed, empty at night."""

    id: int
    account_id: int
    kind: Kind
    nonce: str
    state: CheckState
    steps: Mapping[Step, StepResult]
    address: str
    began_by: str
    began_at: datetime
    conversation: int | None = None
    message_id: int | None = None

    @property
    def trouble(self) -> StepResult | None:
        """The step that went wrong first, or could not be done."""
        for wanted in (StepState.FAILED, StepState.SKIPPED):
            for result in self.steps.values():
                if result.state is wanted and result.sentence not in UNNEEDED:
                    return result
        return None


# ------------------------------------------------------------------------------------------ writing ----
def begin(host: Host, account_id: int, kind: Kind, nonce: str, *, address: str, began_by: str) -> CheckResult:
    """A test that has not done anything yet."""
    steps = dict.fromkeys(PRESSED_STEPS if kind is Kind.PRESSED else NIGHTLY_STEPS, StepResult())
    values = {
        "account_id": account_id,
        "kind": kind.value,
        "nonce": nonce,
        "state": CheckState.RUNNING.value,
        "steps": _written(steps),
        "address": address,
        "began_by": began_by,
        "began_at": host.now(),
    }
    with host.tables.begin() as connection:
        connection.execute(insert(CHECK).values(values))
    made = by_nonce(host, nonce)
    assert made is not None  # it was put there just now
    return made


def note(host: Host, check: CheckResult, steps: Mapping[Step, StepResult], **columns: Any) -> tuple[CheckResult, bool]:
    """Write down how steps ended; what is said of one that is settled already changes nothing. Gives the test as it stands now, and
    whether this was what ended it."""
    with host.tables.begin() as connection:
        row = connection.execute(select(CHECK).where(CHECK.c.id == check.id).with_for_update()).one()
        known = _read(row.steps)
        news = {name: result for name, result in steps.items() if name in known and not _is_settled(known[name])}
        merged = {**known, **news}
        state = state_of(merged)
        is_end = row.state == CheckState.RUNNING and state is not CheckState.RUNNING
        ended = {"ended_at": host.now()} if is_end else {}
        values = {"steps": _written(merged), "state": state.value, **ended, **columns}
        connection.execute(update(CHECK).where(CHECK.c.id == check.id).values(values))
        row = connection.execute(select(CHECK).where(CHECK.c.id == check.id)).one()
    return _result(row), is_end


def forget_old(host: Host, account_ids: set[int]) -> None:
    """Keep the newest tests of each form, and none of forms that are gone."""
    with host.tables.begin() as connection:
        tests = func.count().label("tests")
        counted = connection.execute(select(CHECK.c.account_id, tests).group_by(CHECK.c.account_id))
        for row in counted.all():
            account_id, count = row.account_id, row.tests
            if account_id not in account_ids:
                connection.execute(delete(CHECK).where(CHECK.c.account_id == account_id))
            elif count > KEPT:
                newest = select(CHECK.c.id).where(CHECK.c.account_id == account_id).order_by(CHECK.c.id.desc())
                oldest_kept = connection.scalars(newest.offset(KEPT - 1).limit(1)).one()
                connection.execute(delete(CHECK).where(CHECK.c.account_id == account_id, CHECK.c.id < oldest_kept))


# ------------------------------------------------------------------------------------------ reading ----
def by_nonce(host: Host, nonce: str) -> CheckResult | None:
    """The test whose token this is, or None."""
    return _first(host, CHECK.c.nonce == nonce)


def by_message(host: Host, message_id: int) -> CheckResult | None:
    """The test whose confirmation this is, or None."""
    return _first(host, CHECK.c.message_id == message_id)


def latest_of(host: Host, account_id: int, limit: int = 10) -> tuple[CheckResult, ...]:
    """The newest tests of a form, the newest first."""
    statement = select(CHECK).where(CHECK.c.account_id == account_id).order_by(CHECK.c.id.desc()).limit(limit)
    with host.tables.connect() as connection:
        return tuple(_result(row) for row in connection.execute(statement))


def latest(host: Host) -> Mapping[int, CheckResult]:
    """The newest test of each form that came to an end, in one query."""
    newest = select(func.max(CHECK.c.id)).where(CHECK.c.state != CheckState.RUNNING.value).group_by(CHECK.c.account_id)
    return _by_account(host, newest)


def latest_nightly(host: Host) -> Mapping[int, CheckResult]:
    """The newest test of each form that began by itself."""
    return _by_account(
        host, select(func.max(CHECK.c.id)).where(CHECK.c.kind == Kind.NIGHTLY.value).group_by(CHECK.c.account_id)
    )


def overdue(host: Host, after: timedelta) -> tuple[CheckResult, ...]:
    """Tests that began longer ago and have not ended."""
    statement = select(CHECK).where(CHECK.c.state == CheckState.RUNNING.value, CHECK.c.began_at < host.now() - after)
    with host.tables.connect() as connection:
        return tuple(_result(row) for row in connection.execute(statement))


def week_of_tests(host: Host) -> Mapping[int, int]:
    """How many tests reached the inbox within seven days, by form, in one query. Of the host's counts only that of a week has them."""
    tests = func.count().label("tests")
    since = host.now() - timedelta(days=7)
    came = select(CHECK.c.account_id, tests).where(CHECK.c.conversation.is_not(None), CHECK.c.began_at >= since)
    with host.tables.connect() as connection:
        return {row.account_id: row.tests for row in connection.execute(came.group_by(CHECK.c.account_id))}


def arrivals(host: Host, account_id: int) -> tuple[int, int]:
    """How many messages of visitors a form brought, ever and within seven days."""
    stats, tests = host.account_stats(account_id), week_of_tests(host).get(account_id, 0)
    return stats.received, max(stats.received_last_week - tests, 0)


def forget_form(host: Host, account_id: int) -> None:
    """Nothing is left of a form that had this id before."""
    with host.tables.begin() as connection:
        connection.execute(delete(CHECK).where(CHECK.c.account_id == account_id))


def _by_account(host: Host, ids: Any) -> Mapping[int, CheckResult]:
    with host.tables.connect() as connection:
        rows = connection.execute(select(CHECK).where(CHECK.c.id.in_(ids)))
        return {row.account_id: _result(row) for row in rows}


def _first(host: Host, condition: Any) -> CheckResult | None:
    with host.tables.connect() as connection:
        row = connection.execute(select(CHECK).where(condition)).one_or_none()
    return _result(row) if row is not None else None


# -------------------------------------------------------------------------------------------- a row ----
def _result(row: Any) -> CheckResult:
    return CheckResult(
        id=row.id,
        account_id=row.account_id,
        kind=Kind(row.kind),
        nonce=row.nonce,
        state=CheckState(row.state),
        steps=_read(row.steps),
        address=row.address,
        began_by=row.began_by,
        began_at=row.began_at,
        conversation=row.conversation,
        message_id=row.message_id,
    )


def _is_settled(result: StepResult) -> bool:
    return result.state is not StepState.WAITING


def _written(steps: Mapping[Step, StepResult]) -> str:
    return json.dumps(
        {name.value: [one.state.value, one.sentence, dict(one.data)] for name, one in steps.items()}, ensure_ascii=False
    )


def _read(text: str) -> dict[Step, StepResult]:
    return {
        Step(name): StepResult(StepState(state), sentence, data)
        for name, (state, sentence, data) in json.loads(text).items()
    }
