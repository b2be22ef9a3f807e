"""Reading without webhooks: a look every few minutes at what they may have missed, and everything from a date on.

The cursor holds `until` (how far conversations were read), `since` (from when on comments count) and `comments` (how many each of the
newest posts had).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.meta_graph import GraphClient
from plugins.facebook.comment_history import changed_posts, comments_under, posts_since
from plugins.facebook.graph import page_client
from plugins.facebook.history import JUST_NOW, conversations_since, events_of
from tidings import Account, FetchBatch, Host, Temporary

__all__ = ["backfill", "fetch"]

FIRST_LOOK = timedelta(hours=24)
"""A page that is new reads the last day: what can still be answered."""
NEARLY_ALL = 80.0
"""From this percentage of Meta's limits on, reading makes room for answers."""
PAUSE = timedelta(minutes=15)


def fetch(host: Host, account: Account) -> Iterator[FetchBatch]:
    """What arrived since the cursor, whether a webhook brought it or not."""
    now = host.now()
    cursor = dict(account.cursor)
    until = _moment(cursor.get("until")) or now - FIRST_LOOK
    cursor.setdefault("since", until.isoformat())
    with page_client(host, account) as client:
        for batch in _conversations(host, client, account, until, cursor):
            cursor = dict(batch.cursor)
            yield batch
            if _is_nearly_all_used(client):
                return
        yield FetchBatch((), cursor := {**cursor, "until": max(until, now - JUST_NOW).isoformat()})
        if account.settings.get("comments", True):
            yield from _new_comments(host, client, account, cursor)


def backfill(host: Host, account: Account, since: datetime) -> Iterator[FetchBatch]:
    """Everything from a date on. Raises `Temporary` when Meta's limits are nearly used up."""
    cursor = dict(account.cursor)
    with page_client(host, account) as client:
        found = conversations_since(client, account, since)
        for number, conversation in enumerate(found, 1):
            events = events_of(host, client, account, conversation, since)
            yield FetchBatch(events, cursor, progress=f"{number} of {len(found)} conversations")
            if _is_nearly_all_used(client):
                raise Temporary("Meta's limits are nearly used up; reading goes on later.", host.now() + PAUSE)
        if account.settings.get("comments", True):
            for post in posts_since(client, account, since):
                events, _ = comments_under(host, client, account, post, since)
                yield FetchBatch(events, cursor, progress="comments")


def _conversations(
    host: Host, client: GraphClient, account: Account, until: datetime, cursor: dict[str, object]
) -> Iterator[FetchBatch]:
    """Each conversation is a batch. Reading begins a little before the cursor: what the page wrote then may have been left out."""
    start = until - JUST_NOW
    for conversation in conversations_since(client, account, start):
        events = events_of(host, client, account, conversation, start)
        reached = max(until, conversation.updated_at or until)
        cursor = {**cursor, "until": reached.isoformat()}
        yield FetchBatch(events, cursor)


def _new_comments(host: Host, client: GraphClient, account: Account, cursor: dict[str, object]) -> Iterator[FetchBatch]:
    known = cursor.get("comments")
    counts: dict[str, int] = dict(known) if isinstance(known, dict) else {}
    since = _moment(cursor.get("since")) or host.now() - FIRST_LOOK
    for post in changed_posts(client, account, counts):
        events, is_all = comments_under(host, client, account, post, since)
        if is_all:
            counts = dict([*counts.items(), (post.id, post.comments_count)][-100:])
        cursor = {**cursor, "comments": dict(counts)}
        yield FetchBatch(events, cursor)


def _is_nearly_all_used(client: GraphClient) -> bool:
    return client.usage is not None and client.usage.percent >= NEARLY_ALL


def _moment(value: object) -> datetime | None:
    """A time out of the cursor, in UTC."""
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC) if value else None
    except ValueError:
        return None
