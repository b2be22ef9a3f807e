"""Comparing what a provider lists with the journal: what is here, what is here under another number, and what never came."""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from app.domain.text import clean_line
from app.errors import Conflict
from app.models import EventState, InboundEvent, Message, MessageDelivery
from app.plugin_api.channel import Account, Channel
from app.plugin_api.inventory import Listed, ListedMail
from app.plugin_api.texts import translatable
from app.services.core import Core, writing
from app.services.counting import insert_for
from app.services.journal import journal_key
from app.services.value_check import as_id

__all__ = ["MOST_GAPS", "MOST_LISTED", "Comparison", "Inventory", "compare", "gone_count", "list_inventory"]

log = logging.getLogger(__name__)

MOST_GAPS = 200
"""So many messages that are missing are named; the others are counted."""
MOST_LISTED = 500_000
"""So many messages of an account are compared: their keys take about 200 MB meanwhile."""
_TOO_MANY = translatable("The provider lists more than 500,000 messages. So many are not compared.")
YOUNG = timedelta(minutes=10)
"""What came so shortly ago is on its way in, and counts from the next time on."""
_AT_ONCE = 500

Inventory = Mapping[str, Listed]
"""What the provider holds, by the key that the journal knows it by."""
Step = Callable[[int], None]
"""Told how many messages were looked at since the last time; may raise to end it all."""


@dataclass
class Comparison:
    """What came of comparing an inventory. `missing` holds all that is not here, `gaps` says what the first of them are. `message_ids`:
    which messages of ours the provider has. `counts`: by place how many it has that count, how many are here, and how many are missing."""

    counts: dict[str, list[int]] = field(default_factory=dict)
    undelivered: int = 0
    missing: dict[str, Listed] = field(default_factory=dict)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    message_ids: set[int] = field(default_factory=set)

    @property
    def on_server(self) -> int:
        return sum(on_server for on_server, _, _ in self.counts.values())

    @property
    def here(self) -> int:
        return sum(here for _, here, _ in self.counts.values())

    def places(self) -> list[dict[str, Any]]:
        """The counts as rows, in the order in which the provider named the places."""
        return [
            {"place": place, "on_server": on_server, "here": here, "missing": missing}
            for place, (on_server, here, missing) in self.counts.items()
        ]

    def note_here(self, place: str, state: str, message_id: int | None) -> None:
        self._count(place, is_here=True)
        self.undelivered += state == EventState.UNDELIVERED
        if message_id is not None:
            self.message_ids.add(message_id)

    def note_missing(self, key: str, listed: Listed, mail: ListedMail) -> None:
        self._count(listed.place, is_here=False)
        self.missing[key] = listed
        if len(self.gaps) < MOST_GAPS:
            self.gaps.append(_gap(key, listed, mail))

    def take_over(self, later: "Comparison") -> None:
        """What was missing was looked at once more: put that in the place of what was said of it."""
        for listed in self.missing.values():
            self.counts[listed.place][0] -= 1
            self.counts[listed.place][2] -= 1
        for place, counts in later.counts.items():
            own = self.counts.setdefault(place, [0, 0, 0])
            self.counts[place] = [one + other for one, other in zip(own, counts, strict=True)]
        self.missing, self.gaps = later.missing, later.gaps
        self.undelivered += later.undelivered
        self.message_ids |= later.message_ids

    def _count(self, place: str, *, is_here: bool) -> None:
        counts = self.counts.setdefault(place, [0, 0, 0])
        counts[0] += 1
        counts[1 if is_here else 2] += 1


_KNOWN = select(InboundEvent.source_key, InboundEvent.state, InboundEvent.message_id).where(
    InboundEvent.account_id == bindparam("account_id"),
    InboundEvent.source_key.in_(bindparam("keys", expanding=True)),
)
_STORED = (
    select(
        Message.external_id,
        MessageDelivery.message_id,
        InboundEvent.size,
        InboundEvent.meta,
        InboundEvent.content_type,
        InboundEvent.payload_sha256,
        InboundEvent.files,
    )
    .join_from(Message, MessageDelivery, MessageDelivery.message_id == Message.id)
    .join(InboundEvent, InboundEvent.id == MessageDelivery.event_id)
    .where(
        MessageDelivery.account_id == bindparam("account_id"),
        Message.external_id.in_(bindparam("external_ids", expanding=True)),
    )
)


def list_inventory(core: Core, channel: Channel, account: Account, step: Step) -> Inventory:
    """Everything the provider holds that counts. Raises what the channel raises, `Conflict` when that is more than `MOST_LISTED`."""
    found: dict[str, Listed] = {}
    for page in _guarded(core, account, "inventory", channel.inventory(account)):
        found.update((journal_key(one.source_key), one) for one in page)
        if len(found) > MOST_LISTED:
            raise Conflict(_TOO_MANY)
        step(len(page))
    return found


def compare(core: Core, channel: Channel, account: Account, inventory: Inventory, step: Step) -> Comparison:
    """Look up an inventory in the journal. What is here under another number is written into the journal under this one, so that the
    next time costs nothing. Raises what the channel raises."""
    result, unknown = Comparison(), {}
    for listed in inventory.values():
        result.counts.setdefault(listed.place, [0, 0, 0])
    for keys in _chunks(inventory, _AT_ONCE):
        known = {row.source_key: row for row in _read(core, _KNOWN, account_id=account.id, keys=keys)}
        for key in keys:
            if row := known.get(key):
                result.note_here(inventory[key].place, row.state, row.message_id)
            else:
                unknown[key] = inventory[key]
    _compare_unknown(core, channel, account, unknown, result, step)
    return result


def gone_count(core: Core, account_id: int, result: Comparison) -> int:
    """How many messages came from the provider and are not among what it lists: moved, deleted, or in places that no longer count."""
    statement = select(func.count(InboundEvent.message_id.distinct())).where(
        InboundEvent.account_id == account_id, InboundEvent.source_key.is_not(None)
    )
    count = core.session.scalar(statement) or 0
    core.session.rollback()
    return max(count - len(result.message_ids), 0)


def _compare_unknown(
    core: Core, channel: Channel, account: Account, unknown: Inventory, result: Comparison, step: Step
) -> None:
    """Ask what the messages are that the journal does not know. Those that are gone meanwhile, or came just now, do not count."""
    asked = {listed.source_key: key for key, listed in unknown.items()}
    described = _guarded(core, account, "describe", channel.describe(account, list(asked))) if asked else iter(())
    not_young = core.clock.now() - YOUNG
    while some := list(islice(described, _AT_ONCE)):
        step(0)
        counting = [mail for mail in some if mail.source_key in asked and not _is_after(mail.received_at, not_young)]
        copies = _copies_among(core, account.id, counting)
        _note_copies(core, account.id, {asked[source_key]: original for source_key, original in copies.items()})
        for mail in counting:
            key = asked[mail.source_key]
            if original := copies.get(mail.source_key):
                result.note_here(unknown[key].place, EventState.DUPLICATE, original.message_id)
            else:
                result.note_missing(key, unknown[key], mail)


def _copies_among(core: Core, account_id: int, mails: Sequence[ListedMail]) -> dict[str, Row]:
    """By source key: the stored message that this is a copy of. Senders reuse ids, so size and moment have to be the same, too; what
    differs is fetched, and its content tells."""
    ids = {mail.source_key: as_id(mail.external_id, "external_id") for mail in mails if mail.external_id}
    stored: dict[str, list[Row]] = {}
    if ids:
        for row in _read(core, _STORED, account_id=account_id, external_ids=list(set(ids.values()))):
            stored.setdefault(row.external_id, []).append(row)
    found = {}
    for mail in mails:
        same = (row for row in stored.get(ids.get(mail.source_key, ""), ()) if _is_same(row, mail))
        if original := next(same, None):
            found[mail.source_key] = original
    return found


def _is_same(stored: Row, mail: ListedMail) -> bool:
    if stored.size != mail.size:
        return False
    at = (stored.meta or {}).get("received_at")
    if not isinstance(at, str) or mail.received_at is None:
        return True
    try:
        return datetime.fromisoformat(at) == mail.received_at
    except (ValueError, TypeError):
        return True


def _note_copies(core: Core, account_id: int, copies: Mapping[str, Row]) -> None:
    """Write into the journal that messages which are here lie under these keys, too."""
    if not copies:
        return
    with writing(core) as unit:
        alike = {
            "account_id": account_id,
            "received_at": unit.now,
            "processed_at": unit.now,
            "state": EventState.DUPLICATE,
            "is_complete": True,
            "attempts": 0,
            "reason": "",
        }
        rows = [
            {
                **alike,
                "source_key": key,
                "message_id": original.message_id,
                "content_type": original.content_type,
                "payload_sha256": original.payload_sha256,
                "size": original.size,
                "meta": original.meta,
                "files": original.files,
            }
            for key, original in copies.items()
        ]
        insertion = insert_for(unit.connection.dialect.name)(InboundEvent.__table__)
        unit.connection.execute(insertion.on_conflict_do_nothing(index_elements=["account_id", "source_key"]), rows)


def _gap(key: str, listed: Listed, mail: ListedMail) -> dict[str, Any]:
    return {
        "key": key,
        "place": clean_line(listed.place, 200),
        "at": mail.received_at.isoformat() if mail.received_at else None,
        "size": mail.size,
        "sender": clean_line(mail.sender, 320),
        "subject": clean_line(mail.subject, 200),
    }


def _guarded(core: Core, account: Account, what: str, items: Iterator[Any]) -> Iterator[Any]:
    """What a method of the channel yields, watched as its plugin's code; it may take as long as the provider does."""
    guard = core.plugins.dispatcher.guarded(account.plugin, what, limit_s=math.inf)
    while (item := guard(next, items, None)) is not None:
        yield item


def _read(core: Core, statement: Any, **values: Any) -> Sequence[Row]:
    rows = core.session.connection().execute(statement, values).all()
    core.session.rollback()
    return rows


def _chunks(keys: Iterable[str], size: int) -> Iterator[list[str]]:
    waiting = iter(keys)
    while chunk := list(islice(waiting, size)):
        yield chunk


def _is_after(at: datetime | None, moment: datetime) -> bool:
    return at is not None and at > moment
