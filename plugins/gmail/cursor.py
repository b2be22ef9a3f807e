"""How far a mailbox has been read. Pure. The cursor of an account is {"history_id", "began_at", "read_at"}, times in ISO 8601."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

__all__ = ["CLOCKS_DIFFER", "Place"]

MARGIN = timedelta(days=1)
"""A search for what was missed begins this much before the last look: mail can be moved in with an older date."""
CLOCKS_DIFFER = timedelta(minutes=2)
"""Dates of mail come from Google's clock, the beginning from ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """Every change up to `history_id` was read, at `read_at`. Mail from before `began_at` is nobody's wish."""

    history_id: str
    began_at: datetime
    read_at: datetime

    @classmethod
    def of(cls, cursor: Mapping[str, object]) -> "Place | None":
        """The stored place; None when the mailbox was never read or its place cannot be understood."""
        try:
            return cls(
                history_id=str(int(str(cursor["history_id"]))),
                began_at=datetime.fromisoformat(str(cursor["began_at"])),
                read_at=datetime.fromisoformat(str(cursor["read_at"])),
            )
        except (KeyError, ValueError):
            return None

    def moved(self, history_id: str, read_at: datetime) -> "Place":
        """The place after everything up to another history id was read."""
        return replace(self, history_id=history_id, read_at=read_at)

    @property
    def missed_since(self) -> datetime:
        """From when on mail may have been missed once the history is forgotten."""
        return max(self.read_at - MARGIN, self.began_at - CLOCKS_DIFFER)

    def cursor(self) -> dict[str, object]:
        return {
            "history_id": self.history_id,
            "began_at": self.began_at.isoformat(),
            "read_at": self.read_at.isoformat(),
        }
