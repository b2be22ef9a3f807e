"""How far each folder has been read. Pure: UIDs count, flags never do, and a changed UIDVALIDITY starts a scan from a date.

The cursor of an account is {folder: {"uidvalidity", "uid", "began_at", "newest_at"[, "since"][, "era"]}}, times in ISO 8601.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.imap_smtp import MailboxState

__all__ = ["CLOCKS_DIFFER", "FolderPlace", "next_place", "place_in", "with_place"]

RESCAN_MARGIN = timedelta(days=7)
"""A scan after a renumbering begins this much before the newest message we know: mail can be moved in with an older date."""

CLOCKS_DIFFER = timedelta(minutes=2)
"""Dates of mail come from the server's clock, the beginning from ours."""


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """Everything up to `uid` was read. `began_at` is when reading began (older mail is nobody's wish), `newest_at` the newest date
    read. With `since` a scan by date is under way: of what is above `uid`, only mail from then on counts. `era` counts how often the
    server went back to lower UIDs under the same UIDVALIDITY, as after a restore: the same UID then names another message."""

    uidvalidity: int
    uid: int
    began_at: datetime
    newest_at: datetime
    since: datetime | None = None
    era: int = 0

    def read_to(self, uid: int, date: datetime | None) -> "FolderPlace":
        """The place after one more message."""
        newest_at = max(self.newest_at, date) if date else self.newest_at
        return replace(self, uid=max(uid, self.uid), newest_at=newest_at)

    def finished(self, state: MailboxState) -> "FolderPlace":
        """The place once everything that was found is read."""
        return replace(self, uid=max(self.uid, state.uidnext - 1), since=None)


def place_in(cursor: Mapping[str, object], folder: str) -> FolderPlace | None:
    """The stored place of a folder, None when it was never read or its place cannot be understood."""
    value = cursor.get(folder)
    if not isinstance(value, Mapping):
        return None
    try:
        return FolderPlace(
            uidvalidity=int(value["uidvalidity"]),
            uid=int(value["uid"]),
            began_at=datetime.fromisoformat(value["began_at"]),
            newest_at=datetime.fromisoformat(value["newest_at"]),
            since=datetime.fromisoformat(value["since"]) if value.get("since") else None,
            era=int(value.get("era", 0)),
        )
    except (KeyError, TypeError, ValueError):
        return None


def with_place(cursor: Mapping[str, object], folder: str, place: FolderPlace) -> dict[str, object]:
    """The cursor with a folder's new place."""
    value: dict[str, object] = {
        "uidvalidity": place.uidvalidity,
        "uid": place.uid,
        "began_at": place.began_at.isoformat(),
        "newest_at": place.newest_at.isoformat(),
    }
    if place.since:
        value["since"] = place.since.isoformat()
    if place.era:
        value["era"] = place.era
    return {**cursor, folder: value}


def next_place(place: FolderPlace | None, state: MailboxState, start: datetime | None, now: datetime) -> FolderPlace:
    """Where to read on in a folder that is open. A folder never read before begins at `start`, without one at its end."""
    if place is None:
        uid = 0 if start else state.uidnext - 1
        return FolderPlace(state.uidvalidity, uid, began_at=start or now, newest_at=start or now, since=start)
    went_back = 1 < state.uidnext <= place.uid  # a server that does not tell UIDNEXT counts as 1
    if place.uidvalidity == state.uidvalidity and not went_back:
        return place
    since = max(place.newest_at - RESCAN_MARGIN, place.began_at - CLOCKS_DIFFER)
    era = place.era + 1 if place.uidvalidity == state.uidvalidity else 0
    return replace(place, uidvalidity=state.uidvalidity, uid=0, since=since, era=era)
