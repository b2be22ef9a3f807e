"""Reading without webhooks: a look every few minutes at direct messages they may have missed, and everything from a date on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.meta_graph import GraphClient
from plugins.instagram.graph import page_client
from plugins.instagram.history import JUST_NOW, conversations_since, events_of
from tidings import Account, FetchBatch, Host, Temporary

__all__ = ["backfill", "fetch"]

FIRST_LOOK = timedelta(hours=24)
"""An account that is new reads the last day: what can still be answered."""
NEARLY_ALL = 80.0
"""From this percentage of Meta's limits on, reading makes room for answers."""
PAUSE = timedelta(minutes=15)


def fetch(host: Host, account: Account) -> Iterator[FetchBatch]:
    """What arrived since the cursor, whether a webhook brought it or not. Each conversation is a batch."""
    now = host.now()
    until = _moment(account.cursor.get("until")) or now - FIRST_LOOK
    start = until - JUST_NOW
    with page_client(host, account) as client:
        for conversation in conversations_since(client, account, start):
            reached = max(until, conversation.updated_at or until)
            yield FetchBatch(events_of(host, client, account, conversation, start), {"until": reached.isoformat()})
            if _is_nearly_all_used(client):
                return
        yield FetchBatch((), {"until": max(until, now - JUST_NOW).isoformat()})


def backfill(host: Host, account: Account, since: datetime) -> Iterator[FetchBatch]:
    """Everything from a date on. Raises `Temporary` when Meta's limits are nearly used up."""
    with page_client(host, account) as client:
        found = conversations_since(client, account, since)
        for number, conversation in enumerate(found, 1):
            events = events_of(host, client, account, conversation, since)
            yield FetchBatch(events, account.cursor, progress=f"{number} of {len(found)} conversations")
            if _is_nearly_all_used(client):
                raise Temporary("Meta's limits are nearly used up; reading goes on later.", host.now() + PAUSE)


def _is_nearly_all_used(client: GraphClient) -> bool:
    return client.usage is not None and client.usage.percent >= NEARLY_ALL


def _moment(value: object) -> datetime | None:
    """A time out of the cursor, in UTC."""
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC) if value else None
    except ValueError:
        return None
