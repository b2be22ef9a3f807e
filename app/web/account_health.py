"""How an account is doing, in words a person can act on."""

from datetime import datetime

from flask_babel import gettext

from app.plugin_api.channel import Channel, ConnectionReport
from app.queries.accounts import AccountFacts
from app.web.contexts import Health, TestResult, TestStep

__all__ = ["account_health", "shown_test"]


def account_health(account: AccountFacts, channel: Channel | None) -> Health:
    """The state of an account; the worst that is known comes first."""
    if channel is None:
        return Health(
            "error", gettext("Its plugin is not active."), None, gettext("Switch the plugin on under Plugins.")
        )
    if account.state == "needs_reauth":
        return Health(
            "error",
            account.last_error or gettext("The provider no longer accepts the password."),
            account.failed_at,
            gettext("Open its settings, enter the password anew and save."),
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
        TestStep(label=check.name, state="ok" if check.is_ok else "failed", sentence=check.detail)
        for check in report.checks
    )
    return TestResult(is_ok=report.is_ok, steps=steps, at=at)


def _trouble(account: AccountFacts) -> Health:
    what_to_do = gettext("It is tried again by itself.")
    if account.failures >= 3:
        what_to_do = gettext("It is tried again by itself. Test the connection to see which part fails.")
    state = "error" if account.failures >= 3 else "warning"
    return Health(state, account.last_error or gettext("It failed the last time."), account.failed_at, what_to_do)
