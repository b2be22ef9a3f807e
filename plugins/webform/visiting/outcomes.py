"""Which way a form reached its visitor, and what became of a post."""

from enum import StrEnum

__all__ = ["Outcome", "Way"]


class Way(StrEnum):
    """How the form reached its visitor. PLAIN is a form in the pages of somebody else's site, written there by hand."""

    PAGE = "page"
    FRAME = "frame"
    SCRIPT = "script"
    PLAIN = "plain"


class Outcome(StrEnum):
    """What became of a post. Only ACCEPTED means that it is stored."""

    ACCEPTED = "accepted"
    INVALID = "invalid"
    STALE = "stale"
    UNPROVEN = "unproven"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    CLOSED = "closed"
