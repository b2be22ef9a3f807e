"""What was used of the plan, counted by day in `host.store`, and which parts of X wait for their limits to start anew."""

from datetime import UTC, datetime, timedelta

from plugins.twitter.pace import Used
from tidings import Host

__all__ = [
    "ask_soon",
    "forget_old_days",
    "is_waiting",
    "last_poll_at",
    "note_call",
    "note_poll",
    "note_reads",
    "reads_by_day",
    "used_today",
    "wait_until",
]

KEPT_DAYS = 31
_COUNTS = ("calls", "reads")


def note_call(host: Host) -> None:
    """One more request that X answered."""
    host.store.increment(_key("calls", host.now()))


def note_reads(host: Host, count: int) -> None:
    """So many posts or messages that X handed out."""
    if count:
        host.store.increment(_key("reads", host.now()), count)


def note_poll(host: Host, account_id: int) -> None:
    """X is being asked for an account, now."""
    host.store.set(f"polled:{account_id}", host.now().isoformat())


def ask_soon(host: Host, account_id: int) -> None:
    """Forget when X was asked last for an account, so that it is asked as soon as it may be."""
    host.store.delete(f"polled:{account_id}")
    for part in ("mentions", "messages", "own"):
        host.store.delete(f"wait:{account_id}:{part}")


def last_poll_at(host: Host, account_id: int) -> datetime | None:
    """When X was asked last for an account."""
    return _moment(host.store.get(f"polled:{account_id}"))


def used_today(host: Host) -> Used:
    """What all accounts used since midnight, UTC."""
    return Used(**{name: int(host.store.get(_key(name, host.now()), 0)) for name in _COUNTS})


def reads_by_day(host: Host, days: int) -> list[tuple[datetime, int]]:
    """The reads of the last days, today first."""
    found = [host.now() - timedelta(days=back) for back in range(days)]
    return [(day, int(host.store.get(_key("reads", day), 0))) for day in found]


def forget_old_days(host: Host) -> None:
    """Drop what is older than a month."""
    for back in range(KEPT_DAYS, KEPT_DAYS + 10):
        for name in _COUNTS:
            host.store.delete(_key(name, host.now() - timedelta(days=back)))


def is_waiting(host: Host, account_id: int, part: str) -> bool:
    """Whether a part ("messages") of an account has to wait for its limit."""
    until = _moment(host.store.get(f"wait:{account_id}:{part}"))
    return until is not None and until > host.now()


def wait_until(host: Host, account_id: int, part: str, until: datetime) -> None:
    """Leave a part of an account alone until then."""
    host.store.set(f"wait:{account_id}:{part}", until.isoformat())


def _key(name: str, at: datetime) -> str:
    return f"{name}:{at.astimezone(UTC):%Y-%m-%d}"


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
