"""From what X's client raises (`connectors.errors`) to what the host reacts to (`tidings`), in one table."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.x_api import Refusal, UsageCapped, XRejected
from tidings import ChannelError, NeedsReauth, Permanent, Temporary

__all__ = ["channel_error", "translated"]

USUAL_WAIT = timedelta(minutes=15)
"""The window of most of X's limits."""

_WHY_REFUSED: Mapping[Refusal, str] = {
    Refusal.PLAN: "The plan of your app at X does not include this.",
    Refusal.PERMISSIONS: "Your app at X lacks a permission. Give it “Read and write and Direct message”, then sign in again.",
    Refusal.NOT_ALLOWED: "X does not let this account do that here.",
    Refusal.NOT_FOUND: "It is gone at X.",
}
_WHY_CAPPED: Mapping[str, str] = {
    "credits": "The credits of your app at X are used up. Buy more in the Developer Console.",
    "monthly": "The plan's amount for this month is used up.",
    "daily": "The plan's amount for today is used up.",
}


@contextmanager
def translated(now: Callable[[], datetime]) -> Iterator[None]:
    """Raise `NeedsReauth`, `Temporary` or `Permanent` for whatever a connector raises inside."""
    try:
        yield
    except ConnectorError as error:
        raise channel_error(error, now()) from error


def channel_error(error: ConnectorError, now: datetime) -> ChannelError:
    """The host's error for a connector's."""
    if isinstance(error, AuthExpired):
        return NeedsReauth("X no longer takes the sign-in. Sign in again.")
    if isinstance(error, RateLimited):
        why = _WHY_CAPPED.get(error.period, "") if isinstance(error, UsageCapped) else ""
        wait = timedelta(seconds=error.retry_after_s) if error.retry_after_s is not None else USUAL_WAIT
        return Temporary(f"{why} {error.reason}".strip(), now + wait)
    if isinstance(error, XRejected):
        return Permanent(f"{_WHY_REFUSED.get(error.refusal, '')} {error.reason}".strip())
    if isinstance(error, Rejected):
        return Permanent(error.reason)
    return Temporary(error.reason, outcome_unknown=isinstance(error, Unavailable) and error.outcome_unknown)
