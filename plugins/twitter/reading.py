"""Reading X by asking: mentions, the account's own answers, direct messages; at the pace the plan allows, and everything from a date on.

The cursor holds a place for each part: `since` (how far all is read) and, while older pages are still missing, `top` (where reading
began) with `until` or `token` (where it goes on). What was read before a limit struck is stored, and the rest follows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.x_api import LARGEST_PAGE, SMALLEST_PAGE, Document, Page, Refusal, XClient, XRejected, read_post
from plugins.twitter import removals, restrictions
from plugins.twitter.events import event_of_message, event_of_post
from plugins.twitter.names import own_id
from plugins.twitter.pace import next_poll_at
from plugins.twitter.plans import budget_of
from plugins.twitter.subscription import is_told_at_once
from plugins.twitter.usage import is_waiting, last_poll_at, note_poll, note_reads, used_today, wait_until
from plugins.twitter.x import asked
from tidings import Account, ChannelError, FetchBatch, Host, Permanent, RawEvent, Temporary

__all__ = ["backfill", "due_at", "fetch", "note_connected"]

MOST_PAGES = 8
"""X gives the newest 800 posts at most."""
FIRST_MESSAGES = 10
"""So few direct messages are asked for at first: X charges for each it hands out, read before or not."""
SAFETY_PAUSE = timedelta(minutes=15)
"""While webhooks bring everything at once, looking this often is enough."""

Place = Mapping[str, Any]
Cursor = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of X that is read by itself."""

    name: str
    read: Callable[["_Reader", Place], Iterator[tuple[Sequence[RawEvent], Place]]]
    setting: str = ""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Asks for one account. `start`: nothing older is taken the first time. `is_bounded`: not more than the day's budget is read."""

    host: Host
    account: Account
    start: datetime | None
    is_bounded: bool = True

    def page(self, ask: Callable[[XClient], Page]) -> Page:
        """A page, with what it cost counted."""
        page = asked(self.host, self.account, ask)
        note_reads(self.host, page.count)
        return page

    @property
    def size(self) -> int:
        """How many posts may be asked for at once."""
        return max(SMALLEST_PAGE, min(LARGEST_PAGE, self._reads_left)) if self.is_bounded else LARGEST_PAGE

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be read today."""
        return self.is_bounded and self._reads_left <= 0

    @property
    def _reads_left(self) -> int:
        return budget_of(self.host.settings).reads - used_today(self.host).reads


def note_connected(host: Host, account_id: int) -> None:
    """The account is new: what came before now is left to backfill."""
    host.store.set(f"connected:{account_id}", (host.now() - timedelta(hours=1)).isoformat())


def due_at(host: Host, account: Account) -> datetime:
    """When X is asked next for an account; now or earlier while the plan has enough for asking each minute."""
    accounts = max(1, len(host.accounts()))
    is_told = is_told_at_once(host, account.id)
    return next_poll_at(
        host.now(),
        last_poll_at(host, account.id),
        used_today(host),
        budget_of(host.settings),
        calls_a_poll=accounts * sum(1 for _ in _parts(account)),
        shortest=SAFETY_PAUSE if is_told else timedelta(0),
    )


def fetch(host: Host, account: Account) -> Iterator[FetchBatch]:
    """What is new in each part. One that X refuses or limits does not keep the others from being read; when none can be, it raises."""
    if due_at(host, account) > host.now():
        return
    note_poll(host, account.id)
    reader, cursor, problems, is_any_read = (
        _Reader(host, account, _start(host, account)),
        dict(account.cursor),
        [],
        False,
    )
    for part in _parts(account):
        if is_waiting(host, account.id, part.name):
            continue
        try:
            for batch in _read_part(reader, part, cursor):
                cursor = dict(batch.cursor)
                yield batch
            restrictions.allow_again(host, account.id, part.name)
            is_any_read = True
        except ChannelError as error:
            problems.append(_kept_for_later(host, account, part, error))
    if problems and not is_any_read:
        raise problems[0]
    yield from removals.look_for(host, account, cursor)


def backfill(host: Host, account: Account, since: datetime) -> Iterator[FetchBatch]:
    """Everything from a date on that X still hands out: the newest 800 mentions and own posts, messages of 30 days. Whoever asks for it
    wants all of it, so the day's budget is no bound."""
    reader, number = _Reader(host, account, since, is_bounded=False), 0
    for part in _parts(account):
        for events, _ in part.read(reader, {}):
            number += len(events)
            yield FetchBatch(tuple(events), dict(account.cursor), progress=f"{number}")


def _read_part(reader: _Reader, part: _Part, cursor: Cursor) -> Iterator[FetchBatch]:
    place = cursor.get(part.name)
    for events, reached in part.read(reader, place if isinstance(place, Mapping) else {}):
        cursor = removals.remembered({**cursor, part.name: dict(reached)}, events, reader.host.now())
        yield FetchBatch(tuple(events), cursor)


def _kept_for_later(host: Host, account: Account, part: _Part, error: ChannelError) -> ChannelError:
    """Leave a part alone while its limit lasts, and remember what the plan does not include. Raises what concerns all parts."""
    if isinstance(error, Temporary) and error.retry_at is not None:
        wait_until(host, account.id, part.name, error.retry_at)
        return error
    cause = error.__cause__
    if isinstance(error, Permanent) and isinstance(cause, XRejected):
        restrictions.note_refusal(host, account.id, part.name, cause)
        return error
    raise error


def _parts(account: Account) -> Iterator[_Part]:
    for part in (
        _Part("mentions", _mentions),
        _Part("messages", _messages, "reads_messages"),
        _Part("own", _own_posts, "reads_own_posts"),
    ):
        if not part.setting or account.settings.get(part.setting, True):
            yield part


def _mentions(reader: _Reader, place: Place) -> Iterator[tuple[Sequence[RawEvent], Place]]:
    user_id = own_id(reader.account)
    for documents, reached in _timeline(reader, place, lambda client, bounds: client.mentions(user_id, **bounds)):
        yield [event_of_post(one) for one in documents], reached


def _own_posts(reader: _Reader, place: Place) -> Iterator[tuple[Sequence[RawEvent], Place]]:
    """Only answers to somebody: what the account posts to everybody is no conversation."""
    user_id = own_id(reader.account)
    for documents, reached in _timeline(reader, place, lambda client, bounds: client.own_posts(user_id, **bounds)):
        yield [event_of_post(one) for one in documents if _answers_somebody(one, user_id)], reached


def _answers_somebody(document: Document, user_id: str) -> bool:
    answered = read_post(document).in_reply_to_user
    return answered is not None and answered.id != user_id


def _timeline(
    reader: _Reader, place: Place, ask: Callable[[XClient, Mapping[str, Any]], Page]
) -> Iterator[tuple[Sequence[Document], Place]]:
    """Pages of posts, each page oldest first; the newest page comes first, since X gives them so."""
    since, top, until = place.get("since"), place.get("top"), place.get("until")
    for _ in range(MOST_PAGES):
        start = reader.start if since is None else None
        bounds = {"since_id": since, "until_id": until, "start_time": start, "max_results": reader.size}
        page = reader.page(lambda client, bounds=bounds: ask(client, bounds))  # type: ignore[misc]
        ids = [str(one["data"]["id"]) for one in page.documents]
        top = top or (ids[0] if ids else None)
        if not page.next_token or not ids:
            yield page.documents[::-1], _without_none({"since": top or since})
            return
        until = ids[-1]
        yield page.documents[::-1], _without_none({"since": since, "top": top, "until": until})
        if reader.is_spent:
            return


def _messages(reader: _Reader, place: Place) -> Iterator[tuple[Sequence[RawEvent], Place]]:
    """X has no `since` for direct messages: pages are read until a known one appears, or one that is too old."""
    since, top, token = place.get("since"), place.get("top"), place.get("token")
    for number in range(MOST_PAGES):
        size = FIRST_MESSAGES if since is not None and not token and number == 0 else LARGEST_PAGE
        try:
            page = reader.page(
                lambda client, token=token, size=size: client.direct_messages(pagination_token=token, max_results=size)  # type: ignore[misc]
            )
        except Permanent as error:
            if not (token and _is_invalid(error)):
                raise
            since, top, token = place.get("since"), None, None  # the token has ended: begin at the top again
            continue
        fresh = [one for one in page.documents if _is_fresh(one, since, reader.start)]
        top = top or (str(page.documents[0]["data"]["id"]) if page.documents else None)
        events = [event_of_message(one) for one in fresh[::-1]]
        if len(fresh) < len(page.documents) or not page.next_token:
            yield events, _without_none({"since": top or since})
            return
        token = page.next_token
        yield events, _without_none({"since": since, "top": top, "token": token})
        if reader.is_spent:
            return


def _is_fresh(document: Document, since: object, start: datetime | None) -> bool:
    data = document["data"]
    if since is not None:
        return int(data["id"]) > int(str(since))
    return start is None or str(data.get("created_at", "")) >= start.strftime("%Y-%m-%dT%H:%M:%S")


def _is_invalid(error: Permanent) -> bool:
    return isinstance(error.__cause__, XRejected) and error.__cause__.refusal is Refusal.INVALID


def _start(host: Host, account: Account) -> datetime | None:
    kept = host.store.get(f"connected:{account.id}")
    return datetime.fromisoformat(kept) if kept else None


def _without_none(place: Mapping[str, Any]) -> Place:
    return {key: value for key, value in place.items() if value is not None}
