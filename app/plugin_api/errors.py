"""What a channel may raise, in the host's words. Each class exists because the host reacts to it differently."""

from datetime import datetime

__all__ = [
    "BadSignature",
    "ChannelError",
    "ManifestError",
    "NeedsReauth",
    "PayloadError",
    "Permanent",
    "Temporary",
    "UnrecognisedPayload",
    "UnsupportedEvent",
]


class ChannelError(Exception):
    """Base of what goes wrong between a channel and its provider. The text is shown to the owner; it holds no secret."""


class NeedsReauth(ChannelError):
    """The provider no longer accepts our credential: the account stops and asks its owner to sign in again."""


class Temporary(ChannelError):
    """Try again later. `retry_at` (aware UTC) is the provider's own wish; without it the host backs off by itself.

    `outcome_unknown`: the request was complete when the connection broke, so the provider may have carried it out. The host asks
    `Channel.was_sent` before it hands such a message over again.
    """

    def __init__(self, message: str, retry_at: datetime | None = None, *, outcome_unknown: bool = False) -> None:
        super().__init__(message)
        self.retry_at = retry_at
        self.outcome_unknown = outcome_unknown


class Permanent(ChannelError):
    """Trying again will not help. `reason` goes into the conversation as the host's explanation."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PayloadError(Exception):
    """Base of what is wrong with something that arrived."""


class UnsupportedEvent(PayloadError):
    """A known kind of event that this channel does not turn into messages: counted, then left alone."""


class UnrecognisedPayload(PayloadError):
    """Bytes that the channel cannot read: they stay in the journal and show in the Undelivered tray."""


class BadSignature(PayloadError):
    """A webhook whose signature does not fit: refused before it is parsed or stored."""


class ManifestError(Exception):
    """A `manifest.toml` that cannot be accepted; the sentence says which field and why."""
