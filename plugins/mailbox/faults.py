"""From what the mail clients raise (`connectors.errors`) to what the host reacts to (`tidings`)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from tidings import ChannelError, NeedsReauth, Permanent, Temporary

__all__ = ["channel_error", "translated"]

Now = Callable[[], datetime]


@contextmanager
def translated(now: Now) -> Iterator[None]:
    """Raise `NeedsReauth`, `Temporary` or `Permanent` for whatever a connector raises inside."""
    try:
        yield
    except ConnectorError as error:
        raise channel_error(error, now()) from error


def channel_error(error: ConnectorError, now: datetime) -> ChannelError:
    """The host's error for a connector's. A server that offers no sign-in we know needs its owner as much as a wrong password."""
    if isinstance(error, AuthExpired) or (isinstance(error, Rejected) and error.step == "login"):
        return NeedsReauth(error.reason)
    if isinstance(error, Rejected):
        return Permanent(error.reason)
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        return Temporary(error.reason, now + timedelta(seconds=error.retry_after_s))
    return Temporary(error.reason, outcome_unknown=isinstance(error, Unavailable) and error.outcome_unknown)
