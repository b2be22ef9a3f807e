"""From what Meta's client raises (`connectors.errors`) to what the host reacts to (`tidings`), in one table."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.meta_graph import GraphRejected, Refusal, TokenRefused
from tidings import ChannelError, NeedsReauth, Permanent, Temporary

__all__ = ["channel_error", "translated"]

Now = Callable[[], datetime]
USUAL_WAIT = timedelta(minutes=5)

_WHY_NO_TOKEN: Mapping[str, str] = {
    "logged_out": "The person who connected the account has signed out everywhere",
    "app_removed": "The person who connected the account has removed the app",
    "checkpoint": "Facebook wants the person who connected the account to confirm who they are",
    "password_changed": "The person who connected the account has changed their password",
    "expired": "The sign-in has expired",
    "unconfirmed": "The Facebook account that signed in is not confirmed",
    "role_lost": "The person who connected the account no longer manages it",
}
_WHY_REFUSED: Mapping[Refusal, str] = {
    Refusal.OUTSIDE_WINDOW: "Too long ago: Instagram takes no answer any more until they write again.",
    Refusal.THREAD_ELSEWHERE: "Another app has this conversation. Press “Take over” and send again.",
    Refusal.NO_PERMISSION: "The sign-in does not allow this. Sign in again and agree to everything that is asked.",
    Refusal.PERSON_UNREACHABLE: "This person cannot be reached: they blocked the account or left Instagram.",
    Refusal.NOT_FOUND: "It is gone on Instagram.",
    Refusal.TOO_BIG: "A file is too big for Instagram.",
    Refusal.ALREADY_ANSWERED: "This comment had its private answer already; there can be only one.",
    Refusal.BLOCKED: "Meta has stopped the app or the account.",
}


@contextmanager
def translated(now: Now) -> Iterator[None]:
    """Raise `NeedsReauth`, `Temporary` or `Permanent` for whatever a connector raises inside."""
    try:
        yield
    except ConnectorError as error:
        raise channel_error(error, now()) from error


def channel_error(error: ConnectorError, now: datetime) -> ChannelError:
    """The host's error for a connector's."""
    if isinstance(error, AuthExpired):
        cause = _WHY_NO_TOKEN.get(
            error.cause if isinstance(error, TokenRefused) else "", "Facebook refuses the sign-in"
        )
        return NeedsReauth(f"{cause}.")
    if isinstance(error, RateLimited):
        wait = timedelta(seconds=error.retry_after_s) if error.retry_after_s is not None else USUAL_WAIT
        return Temporary(error.reason, now + wait)
    if isinstance(error, GraphRejected):
        why = _WHY_REFUSED.get(error.refusal, "")
        return Permanent(f"{why} {error.reason}".strip())
    if isinstance(error, Rejected):
        return Permanent(error.reason)
    return Temporary(error.reason, outcome_unknown=isinstance(error, Unavailable) and error.outcome_unknown)
