"""From what the Gmail connector raises (`connectors.errors`) to what the host reacts to (`tidings`)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from tidings import ChannelError, NeedsReauth, Permanent, Temporary

__all__ = ["channel_error", "translated"]

Now = Callable[[], datetime]


@contextmanager
def translated(now: Now) -> Iterator[None]:
    """Raise `NeedsReauth`, `Temporary` or `Permanent` for whatever the connector raises inside."""
    try:
        yield
    except ConnectorError as error:
        raise channel_error(error, now()) from error


def channel_error(error: ConnectorError, now: datetime) -> ChannelError:
    """The host's error for a connector's."""
    return next(make(error, now) for kind, make in _ERRORS if isinstance(error, kind))


def _limited(error: ConnectorError, now: datetime) -> ChannelError:
    """Where Google gives no time, the host's growing pauses are what it wants
    (https://developers.google.com/workspace/gmail/api/guides/handle-errors)."""
    wait_s = getattr(error, "retry_after_s", None)
    return Temporary(error.reason, None if wait_s is None else now + timedelta(seconds=wait_s))


def _unavailable(error: ConnectorError, now: datetime) -> ChannelError:
    return Temporary(error.reason, outcome_unknown=bool(getattr(error, "outcome_unknown", False)))


_ERRORS: tuple[tuple[type[ConnectorError], Callable[[ConnectorError, datetime], ChannelError]], ...] = (
    (AuthExpired, lambda error, now: NeedsReauth(error.reason)),
    (RateLimited, _limited),
    (Rejected, lambda error, now: Permanent(error.reason)),
    (Unavailable, _unavailable),
    (ConnectorError, _unavailable),
)
