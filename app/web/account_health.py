"""How an account is doing, in words a person can act on."""

from datetime import UTC, datetime, timedelta

from flask_babel import format_datetime, format_time, gettext

from app.domain.backoff import LASTING_FAILURES
from app.plugin_api.channel import Channel, ConnectionReport
from app.queries.accounts import AccountFacts
from app.web.contexts import Health, TestResult, TestStep
from app.web.texts import translated

__all__ = ["account_health", "clock_time", "shown_test"]


def account_health(account: AccountFacts, channel: Channel | None, *, signs_in_elsewhere: bool = False) -> Health:
    """The state of an account; the worst that is known comes first. `signs_in_elsewhere`: its credentials come from a page of the plugin,
    not from the account's settings."""
    if channel is None:
        return Health(
            "error", gettext("Its plugin is not active."), None, gettext("Switch the plugin on under Plugins.")
        )
    if account.state == "needs_reauth":
        return Health(
            "error",
            translated(account.last_error) or gettext("The provider no longer accepts the password."),
            account.failed_at,
            gettext("Sign in to the provider again.")
            if signs_in_elsewhere
            else gettext("Open its settings, enter the password anew and save."),
        )
    if account.is_paused:
        return Health("paused", gettext("Paused: nothing is fetched or sent."))
    if account.is_troubled:
        return _trouble(account)
    if account.progress and account.backfill_since:
        return Health("ok", account.progress, account.checked_at)
    if account.received_at is not None:
        return Health("ok", gettext("Works; the last message came"), account.received_at)
    if account.checked_at is not None:
        return Health("ok", gettext("Works; nothing has come yet. Last look"), account.checked_at)
    return Health("waiting", gettext("Connected; nothing has come yet."), account.created_at)


def shown_test(report: ConnectionReport, at: datetime | None = None) -> TestResult:
    """The steps of a connection test as the page shows them."""
    steps = tuple(
        TestStep(
            label=translated(check.name), state="ok" if check.is_ok else "failed", sentence=translated(check.detail)
        )
        for check in report.checks
    )
    return TestResult(is_ok=report.is_ok, steps=steps, at=at)


def _trouble(account: AccountFacts) -> Health:
    reason = account.last_error or gettext("It failed the last time.")
    if account.failures >= LASTING_FAILURES:
        what_to_do = gettext("It is tried again by itself. Test the connection to see which part fails.")
        return Health("error", reason, account.failed_at, what_to_do)
    if account.next_attempt_at is None:
        return Health("warning", reason, account.failed_at, gettext("Test the connection to see which part fails."))
    sentence = gettext("Waiting until %(time)s: %(reason)s", time=clock_time(account.next_attempt_at), reason=reason)
    return Health("warning", sentence, None, gettext("It is tried again by itself."))


def clock_time(at: datetime) -> str:
    """The time of day, with the day unless it is within twelve hours."""
    is_near = abs(at - datetime.now(UTC)) < timedelta(hours=12)
    return format_time(at, "short") if is_near else format_datetime(at, "short")
