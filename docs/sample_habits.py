"""What the sample installation has learnt of its mailbox: how much usually comes, and how it compares with its server."""

from datetime import datetime, timedelta

from app.domain.hourly_counts import ARRIVALS, WATCHED, hourly_counter
from app.models import ChannelAccount, Reconciliation
from app.services.core import Core, writing

__all__ = ["add_gaps", "add_habits"]

_BY_HOUR = (0, 0, 0, 0, 0, 0, 1, 2, 5, 8, 9, 7, 4, 6, 8, 7, 5, 3, 2, 1, 1, 1, 0, 0)


def add_habits(core: Core, account_id: int, now: datetime) -> None:
    """Four weeks of a shop's days, and a comparison in which all is well."""
    with writing(core) as unit:
        for back in range(28 * 24):
            at = now - timedelta(hours=back)
            unit.counts[hourly_counter(WATCHED, at, account_id)] += 6
            unit.counts[hourly_counter(ARRIVALS, at, account_id)] += _BY_HOUR[at.hour] // (1 if at.weekday() < 5 else 4)
        row = unit.session.get_one(ChannelAccount, account_id)
        row.cursor = {"INBOX": {"uidvalidity": 1, "uid": 0, "began_at": now.isoformat(), "newest_at": now.isoformat()}}
        places = [{"place": "INBOX", "on_server": 1150, "here": 1150, "missing": 0}]
        places.append({"place": "Orders", "on_server": 54, "here": 54, "missing": 0})
        unit.session.add(
            Reconciliation(
                account_id=account_id,
                started_at=now,
                finished_at=now,
                on_server=1204,
                here=1204,
                gone=31,
                places=places,
            )
        )


def add_gaps(core: Core, account_id: int, now: datetime) -> None:
    """A comparison that found much missing, with names that do not fit, and another one that failed."""
    with writing(core) as unit:
        row = unit.session.get_one(Reconciliation, account_id)
        place = "Archive/" + "a folder of long ago " * 6
        row.here, row.missing, row.undelivered, row.repaired = 601, 603, 2, 4
        row.places = [
            {"place": "INBOX", "on_server": 1150, "here": 600, "missing": 550},
            {"place": place, "on_server": 54, "here": 1, "missing": 53},
        ]
        row.gaps = [
            {
                "key": f"INBOX:1:{number}",
                "place": place if number % 3 else "INBOX",
                "at": (now - timedelta(days=number)).isoformat() if number % 4 else None,
                "size": 1_800 * number,
                "sender": "unbreakable" * 12 + "@example.com" if number == 2 else f"customer{number}@example.com",
                "subject": "" if number == 3 else "Where is my order? " * number,
            }
            for number in range(1, 8)
        ]
        row.problem = "mail.example.com did not answer in time; the connection was given up after 30 seconds."
