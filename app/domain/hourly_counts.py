"""The names of counters that count by the hour and by account: "arrivals:2026-03-02T09:7"."""

from datetime import UTC, datetime

__all__ = ["ARRIVALS", "WATCHED", "hour_and_account", "hour_text", "hourly_counter"]

ARRIVALS = "arrivals"
"""Messages that came, written shortly before."""
WATCHED = "watched"
"""Looks at which the account worked."""
_HOUR = "%Y-%m-%dT%H"


def hourly_counter(what: str, at: datetime, account_id: int) -> str:
    """The name of the counter for the hour of a moment (aware UTC)."""
    return f"{what}:{hour_text(at)}:{account_id}"


def hour_text(at: datetime) -> str:
    """The hour of a moment (aware UTC) as it stands in names; later hours come later in the alphabet."""
    return at.strftime(_HOUR)


def hour_and_account(name: str) -> tuple[datetime, int]:
    """What a name says: the beginning of the hour, and the account."""
    _, hour, account_id = name.split(":")
    return datetime.strptime(hour, _HOUR).replace(tzinfo=UTC), int(account_id)
