"""A clock that moves only when told."""

from datetime import UTC, datetime, timedelta

__all__ = ["FakeClock"]


class FakeClock:
    """Stands at `moment` (aware) until `tick`."""

    def __init__(self, moment: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) -> None:
        if moment.tzinfo is None:
            raise ValueError("a moment must carry its time zone")
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def tick(self, seconds: float = 1.0) -> datetime:
        """Let time pass; gives the new moment."""
        self.moment += timedelta(seconds=seconds)
        return self.moment
