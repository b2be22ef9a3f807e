"""From what Meta's client raises (`connectors.errors`) to what the host reacts to (`tidings`), in one table."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.meta_graph import GraphRejected, Refusal, TokenRefused
from tidings import ChannelError, NeedsReauth, Permanent, Temporary

__all__ = ["channel_error", "translated", "why_code"]

Now = Callable[[], datetime]
USUAL_WAIT = timedelta(minutes=5)

_WHY_NO_TOKEN: Mapping[str, str] = {
    "logged_out": "The person who connected the number has signed out everywhere",
    "app_removed": "The person who connected the number has removed the app",
    "checkpoint": "Facebook wants the person who connected the number to confirm who they are",
    "password_changed": "The person who connected the number has changed their password",
    "expired": "The sign-in has expired",
    "unconfirmed": "The Facebook account that signed in is not confirmed",
    "role_lost": "The person who connected the number no longer manages it",
}
_WHY_REFUSED: Mapping[Refusal, str] = {
    Refusal.OUTSIDE_WINDOW: "More than 24 hours ago: only a template reaches them until they write again.",
    Refusal.NO_PERMISSION: "The sign-in does not allow this. Sign in again and agree to everything that is asked.",
    Refusal.PERSON_UNREACHABLE: "This number cannot be reached: it has no WhatsApp, or blocked you.",
    Refusal.NOT_FOUND: "It is gone at WhatsApp.",
    Refusal.TOO_BIG: "A file is too big for WhatsApp.",
    Refusal.BAD_TEMPLATE: "WhatsApp does not take this template as it is.",
    Refusal.BLOCKED: "Meta has stopped the app or the number.",
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


def why_code(code: int) -> str:
    """What people can do about one of Meta's numbers; empty where that is nothing."""
    return _WHY_REFUSED.get(GraphRejected("", code=code, subcode=None).refusal, "")
