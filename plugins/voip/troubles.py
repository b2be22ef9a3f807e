"""What goes wrong at a carrier, in the host's words. One table; nothing compares sentences."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Unavailable
from connectors.twilio_voice.faults import Refusal, TwilioRejected
from tidings import ChannelError, NeedsReauth, Permanent, Temporary, translatable

__all__ = ["trouble_of"]

_SIGN_IN = translatable("Twilio no longer accepts the auth token. Enter the one that stands in Twilio's console now.")
_REFUSALS: Mapping[Refusal, str] = {
    Refusal.BAD_NUMBER: translatable("This is no telephone number that can be reached."),
    Refusal.UNREACHABLE: translatable("This number takes no text messages."),
    Refusal.STOPPED: translatable("The contact answered STOP. Nothing can be sent until they write START."),
    Refusal.NOT_OURS: translatable("The number of this account cannot send this. Look at it in Twilio's console."),
    Refusal.NO_PERMISSION: translatable(
        "The Twilio account may not reach this number. Look at its permissions in Twilio's console."
    ),
    Refusal.NOT_FOUND: translatable("Twilio no longer has this."),
    Refusal.TOO_LONG: translatable("The text is too long for a text message."),
}


def trouble_of(error: ConnectorError, now: datetime) -> ChannelError:
    """The error to raise for one of a connector's."""
    if isinstance(error, AuthExpired):
        return NeedsReauth(_SIGN_IN)
    if isinstance(error, RateLimited):
        wait_s = error.retry_after_s
        return Temporary(error.reason, retry_at=None if wait_s is None else now + timedelta(seconds=wait_s))
    if isinstance(error, Unavailable):
        return Temporary(error.reason, outcome_unknown=error.outcome_unknown)
    if isinstance(error, TwilioRejected):
        return Permanent(_REFUSALS.get(error.refusal, error.reason))
    return Permanent(error.reason)
