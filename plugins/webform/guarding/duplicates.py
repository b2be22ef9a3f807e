"""The same text, or nearly the same, from several addresses within hours, whichever forms it came through.

A text is known by marks: the smallest digests of its words, so that two texts share about as many marks as they share words (a
bottom-k sketch after Broder, "On the resemblance and containment of documents", 1997). Links, numbers and short words leave none.
Short texts have no marks: many people ask "Where is my order?".
"""

import re
import unicodedata
from collections import Counter
from hashlib import blake2b

from sqlalchemy import delete, insert, select

from plugins.webform.guarding.tables import KEEPS, PRINT
from tidings import Host

__all__ = ["MARKS", "SHARED", "count_alike", "marks_of"]

MARKS = 12
SHARED = 8
"""So many marks in common of `MARKS` say that two texts are nearly the same."""
_LEAST = 10
_MOST_CHARACTERS = 20_000

_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|\d\S*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def count_alike(host: Host, external_id: str, sender: str, text: str) -> int:
    """How many other senders wrote nearly this text lately. Remembers it for those that come later; asking again for the same message
    changes nothing."""
    marks, message, who = marks_of(text), _short(external_id), _short(sender.casefold())
    if not marks:
        return 0
    since = host.now() - KEEPS
    statement = select(PRINT.c.message, PRINT.c.sender).where(
        PRINT.c.mark.in_(marks), PRINT.c.at >= since, PRINT.c.message != message, PRINT.c.sender != who
    )
    rows = [{"message": message, "sender": who, "mark": mark, "at": host.now()} for mark in marks]
    with host.tables.begin() as connection:
        shared = Counter((row.message, row.sender) for row in connection.execute(statement))
        connection.execute(delete(PRINT).where(PRINT.c.message == message))
        connection.execute(insert(PRINT), rows)
    least = SHARED * len(marks) / MARKS
    return len({other for (_, other), count in shared.items() if count >= least})


def marks_of(text: str) -> tuple[int, ...]:
    """Up to `MARKS` numbers that texts with mostly the same words share; none for a short text."""
    words = set(_words(_LINK.sub(" ", unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).casefold())))
    if len(words) < _LEAST:
        return ()
    return tuple(sorted(map(_number, words))[:MARKS])


def _words(text: str) -> list[str]:
    """Words of four letters and more; of scripts that put no spaces between words, groups of three characters."""
    found = []
    for word in _WORD.findall(text):
        if _UNSPACED.search(word):
            found += [word[at : at + 3] for at in range(max(1, len(word) - 2))]
        elif len(word) > 3:
            found.append(word)
    return found


def _number(word: str) -> int:
    """A digest of 63 bits, which fits a signed column."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest()) >> 1


def _short(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
