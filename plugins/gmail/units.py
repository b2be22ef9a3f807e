"""What Gmail counts: every method costs units, and a mailbox may use so many a minute.

Source: https://developers.google.com/workspace/gmail/api/reference/quota
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.gmail import GmailClient
from tidings import Host, Quota

__all__ = ["COSTS", "UNITS_A_MINUTE", "UnitCounter", "forget_units", "quota_of", "units_today"]

UNITS_A_MINUTE = 15_000
COSTS: dict[str, int] = {
    GmailClient.profile.__name__: 1,
    GmailClient.labels.__name__: 1,
    GmailClient.create_label.__name__: 5,
    GmailClient.send_as.__name__: 1,
    GmailClient.history.__name__: 2,
    GmailClient.messages.__name__: 5,
    GmailClient.summary.__name__: 5,
    GmailClient.message.__name__: 5,
    GmailClient.headers.__name__: 5,
    GmailClient.thread.__name__: 10,
    GmailClient.send.__name__: 100,
    GmailClient.insert.__name__: 25,
    GmailClient.modify_message.__name__: 5,
    GmailClient.modify_thread.__name__: 10,
    GmailClient.watch.__name__: 100,
    GmailClient.stop.__name__: 50,
}


class UnitCounter:
    """Counts while a mailbox is used, and writes down what came together when it is told to: a write for each request would be too many."""

    def __init__(self, host: Host, account_id: int) -> None:
        self._host = host
        self._account_id = account_id
        self._used = 0

    def count(self, method: str) -> None:
        self._used += COSTS[method]

    def write_down(self) -> None:
        """Add what was counted to the minute and to the day. Nothing is written for an account that is not stored yet."""
        if not self._used or not self._account_id:
            return
        now = self._host.now()
        known = self._host.store.get(_key(self._account_id), {})
        minute, day = _minute(now), _day(now)
        self._host.store.set(
            _key(self._account_id),
            {
                "minute": minute,
                "in_minute": self._used + (known.get("in_minute", 0) if known.get("minute") == minute else 0),
                "day": day,
                "in_day": self._used + (known.get("in_day", 0) if known.get("day") == day else 0),
            },
        )
        self._used = 0


def quota_of(host: Host, account_id: int) -> Quota:
    """What a mailbox has used of this minute."""
    known, now = _known(host, account_id), host.now()
    minute = now.replace(second=0, microsecond=0)
    used = known.get("in_minute", 0) if known.get("minute") == _minute(now) else 0
    return Quota(used, UNITS_A_MINUTE, "units", minute + timedelta(minutes=1))


def units_today(host: Host, account_id: int) -> int:
    """What a mailbox has used since midnight, UTC."""
    known = _known(host, account_id)
    return int(known.get("in_day", 0)) if known.get("day") == _day(host.now()) else 0


def forget_units(host: Host, account_id: int) -> None:
    """Drop what is kept of an account that is gone."""
    host.store.delete(_key(account_id))


def _known(host: Host, account_id: int) -> dict[str, Any]:
    return dict(host.store.get(_key(account_id), {}))


def _key(account_id: int) -> str:
    return f"units_{account_id}"


def _minute(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()
