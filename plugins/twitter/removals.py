"""Posts that their authors deleted: X does not tell, so those of the last days are asked for once a day, and what is gone goes here too."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.x_api import LARGEST_PAGE, read_post
from plugins.twitter.events import content_of, gone_event
from plugins.twitter.plans import budget_of
from plugins.twitter.usage import note_reads, used_today
from plugins.twitter.x import asked
from tidings import Account, ChannelError, FetchBatch, Host, RawEvent

__all__ = ["look_for", "remembered"]

WATCHED_FOR = timedelta(days=7)
EVERY = timedelta(hours=24)

Cursor = Mapping[str, object]


def remembered(cursor: Cursor, events: Sequence[RawEvent], now: datetime) -> dict[str, object]:
    """The cursor with the posts that just came: number, number of the first version, when. The newest hundred are kept."""
    known = {str(one[0]): one for one in _watched(cursor)}
    for event in events:
        content = content_of(event)
        if "author_id" in content.get("data", {}):
            post = read_post(content)
            known = {key: one for key, one in known.items() if one[1] != post.first_id}
            known[post.id] = [post.id, post.first_id, post.created_at.isoformat()]
    newest = sorted(known.values(), key=lambda one: int(one[0]))[-LARGEST_PAGE:]
    return {**cursor, "watched": newest} if newest else dict(cursor)


def look_for(host: Host, account: Account, cursor: Cursor) -> Iterator[FetchBatch]:
    """Once a day, if it fits into what may be read. What cannot be asked now is asked tomorrow: it is no trouble of the account."""
    if not account.settings.get("finds_removals", True) or not _is_due(host, cursor):
        return
    since = (host.now() - WATCHED_FOR).isoformat()
    watched = [one for one in _watched(cursor) if one[2] >= since]
    is_affordable = budget_of(host.settings).reads - used_today(host).reads > 2 * len(watched)
    gone: list[list[str]] = []
    if watched and is_affordable:
        try:
            found = asked(host, account, lambda client: client.posts([one[0] for one in watched]))
        except ChannelError as error:
            host.log.info("deleted posts of account %s could not be looked for: %s", account.id, error)
        else:
            note_reads(host, len(found.documents))
            gone = [one for one in watched if one[0] in found.gone]
    at = host.now().isoformat()
    kept = [one for one in watched if one not in gone]
    yield FetchBatch(
        tuple(gone_event(one[0], one[1], at) for one in gone), {**cursor, "watched": kept, "looked_at": at}
    )


def _is_due(host: Host, cursor: Cursor) -> bool:
    """A day after the last look; the first one a day after the first post came."""
    watched = _watched(cursor)
    last = str(cursor.get("looked_at") or (watched[0][2] if watched else ""))
    return bool(watched and last) and datetime.fromisoformat(last) + EVERY <= host.now()


def _watched(cursor: Cursor) -> list[list[str]]:
    found = cursor.get("watched")
    return [list(map(str, one)) for one in found if len(one) == 3] if isinstance(found, list) else []
