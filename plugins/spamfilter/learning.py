"""Learning from what agents do. A message teaches one thing at a time, and what it taught can be taken back: what is known depends on what
each message teaches now, not on the order in which that was found out."""

import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import delete, insert, select, update

from plugins.spamfilter.judging import Judgement
from plugins.spamfilter.tables import ALL, MARK, SEEN
from tidings import Host, MessageSummary, TableConnection

__all__ = ["KEEPS", "Lesson", "forget_old", "remember", "teach"]

Lesson = Literal["spam", "ham"]

KEEPS = timedelta(days=60)
"""How long a message can teach, or take back what it taught."""

_AT_ONCE = 500


def remember(host: Host, message: MessageSummary, judgement: Judgement) -> None:
    """Keep the marks of a stored message, for lessons to come, and what was thought of it, for agents who ask."""
    row = {
        "message_id": message.id,
        "conversation_id": message.conversation.id,
        "marks": _packed(judgement.marks),
        "lesson": "",
        "verdict": judgement.verdict,
        "score": judgement.score.percent,
        "reasons": {
            "found": [[one.weight, one.reason] for one in judgement.score.findings],
            "marks": list(map(list, judgement.score.strongest())),
        },
        "at": host.now(),
    }
    host.tables.write(insert(SEEN).values(row), is_fleeting=True)


def teach(host: Host, conversation_id: int, lesson: Lesson, *, is_hint: bool = False) -> int:
    """What the messages of a conversation teach from now on. Teaching the same again changes nothing; a hint teaches only what nobody has
    said anything of. Returns how many messages taught something new."""
    own = select(SEEN.c.message_id, SEEN.c.marks, SEEN.c.lesson).where(SEEN.c.conversation_id == conversation_id)
    with host.tables.connect() as connection:  # most answers are no news, and nobody is to wait for them
        if not any(_is_news(row.lesson, lesson, is_hint) for row in connection.execute(own)):
            return 0
    with host.tables.begin() as connection:
        connection.execute(select(MARK.c.mark).where(MARK.c.mark == ALL).with_for_update())
        rows = [row for row in connection.execute(own).all() if _is_news(row.lesson, lesson, is_hint)]
        sums: Counter[tuple[int, str]] = Counter()
        for row in rows:
            marks = (ALL, *_unpacked(row.marks))
            sums.update({(mark, lesson): 1 for mark in marks})
            if row.lesson:
                sums.subtract({(mark, row.lesson): 1 for mark in marks})
        ids = [row.message_id for row in rows]
        connection.execute(update(SEEN).where(SEEN.c.message_id.in_(ids)).values(lesson=lesson))
        _add(connection, sums, _day(host.now()))
    return len(rows)


def forget_old(host: Host) -> None:
    """Forget messages whose time to teach is over, and marks that were seen once, long ago."""
    oldest = host.now() - KEEPS
    with host.tables.begin() as connection:
        connection.execute(select(MARK.c.mark).where(MARK.c.mark == ALL).with_for_update())
        connection.execute(delete(SEEN).where(SEEN.c.at < oldest))
        rare = (MARK.c.spam + MARK.c.ham <= 1) & (MARK.c.mark != ALL)
        connection.execute(delete(MARK).where(rare, MARK.c.day < _day(oldest)))


def _is_news(known: str, lesson: Lesson, is_hint: bool) -> bool:
    return known != lesson and not (is_hint and known)


def _add(connection: TableConnection, sums: Mapping[tuple[int, str], int], today: int) -> None:
    """Add to what is known of each mark; the lessons of others wait meanwhile. Marks to which the same is added, mostly all of a message,
    are one statement."""
    alike: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for mark in sorted({mark for mark, _ in sums}):
        alike[sums.get((mark, "spam"), 0), sums.get((mark, "ham"), 0)].append(mark)
    for (spam, ham), all_marks in alike.items():
        for at in range(0, len(all_marks), _AT_ONCE):
            marks = all_marks[at : at + _AT_ONCE]
            known = set(connection.scalars(select(MARK.c.mark).where(MARK.c.mark.in_(marks))))
            values = {"spam": MARK.c.spam + spam, "ham": MARK.c.ham + ham, "day": today}
            connection.execute(update(MARK).where(MARK.c.mark.in_(known)).values(values))
            fresh = [{"mark": mark, "spam": spam, "ham": ham, "day": today} for mark in marks if mark not in known]
            if fresh:
                connection.execute(insert(MARK), fresh)


def _packed(marks: Iterable[int]) -> bytes:
    numbers = list(marks)
    return struct.pack(f">{len(numbers)}q", *numbers)


def _unpacked(marks: bytes) -> Sequence[int]:
    return struct.unpack(f">{len(marks) // 8}q", marks)


def _day(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).days
