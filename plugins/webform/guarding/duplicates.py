"""The same text, or nearly the same, from several people within hours, and sites that spam was sent for; over all forms.

A text is known by marks: the smallest digests of its words, so that two texts share about as many marks as they share words (a
bottom-k sketch after Broder, "On the resemblance and containment of documents", 1997). Links, numbers and short words leave none.
Short texts have no marks: many people ask "Where is my order?". Long texts of different people share a fifth of their words at most.
"""

import math
import re
import unicodedata
from collections.abc import Collection, Sequence
from hashlib import blake2b

from sqlalchemy import delete, func, insert, select

from plugins.webform.guarding.tables import KEEPS, PRINT
from tidings import Host

__all__ = ["MARKS", "count_alike", "count_site", "marks_of", "remember_sites"]

MARKS = 24
SHARES = ((24, 1 / 3), (16, 1 / 2), (0, 2 / 3))
"""(marks, part of them in common that says that two texts are nearly the same): the more there is to compare, the less chance does."""
ENOUGH = 10
"""Once so many others wrote a text, further copies are not remembered: those that are there do."""
_LEAST, _LEAST_OF_SUSPECTS = 18, 12
"""Fewer words are written alike by chance; less likely where something else speaks against them."""
_MOST_CHARACTERS = 20_000

_NO_WORDS = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)\S+@\S+|\d\S*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def count_alike(host: Host, external_id: str, sender: str, name: str, text: str, *, is_suspect: bool) -> int:
    """How many other people wrote nearly this text lately, up to `ENOUGH`. Remembers it for those that come later; asking again for the
    same message changes nothing. Who has the same address or the same name is the same person, who corrected an address perhaps."""
    marks = marks_of(text, is_suspect=is_suspect)
    if not marks:
        return 0
    message, address, called = _short(external_id), _short(sender.casefold()), _short(name.casefold())
    others = _others(host, marks, message, address, called)
    if others < ENOUGH:
        row = {"message": message, "sender": address, "name": called, "at": host.now()}
        with host.tables.begin(is_fleeting=True) as connection:
            connection.execute(delete(PRINT).where(PRINT.c.message == message))
            connection.execute(insert(PRINT), [{**row, "mark": mark} for mark in marks])
    return others


def count_site(host: Host, sender: str, name: str, sites: Collection[str]) -> int:
    """In how many messages of other people that lately went to Spam one of these sites was linked, up to `ENOUGH`."""
    if not sites:
        return 0
    statement = (
        select(PRINT.c.message)
        .where(PRINT.c.mark.in_([_site_mark(site) for site in sites]), PRINT.c.at >= host.now() - KEEPS)
        .where(PRINT.c.sender != _short(sender.casefold()), PRINT.c.name != _short(name.casefold()))
        .distinct()
        .limit(ENOUGH)
    )
    with host.tables.connect() as connection:
        return len(connection.scalars(statement).all())


def remember_sites(host: Host, external_id: str, sender: str, name: str, sites: Collection[str]) -> None:
    """Remember the sites of a message that goes to Spam. Asking again for the same message changes nothing."""
    message = _short(f"sites of {external_id}")
    row = {"message": message, "sender": _short(sender.casefold()), "name": _short(name.casefold()), "at": host.now()}
    with host.tables.begin(is_fleeting=True) as connection:
        connection.execute(delete(PRINT).where(PRINT.c.message == message))
        connection.execute(insert(PRINT), [{**row, "mark": _site_mark(site)} for site in sites])


def marks_of(text: str, *, is_suspect: bool = False) -> tuple[int, ...]:
    """Up to `MARKS` numbers that texts with mostly the same words share; none for a short text."""
    words = set(_words(_NO_WORDS.sub(" ", unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).casefold())))
    least = _LEAST_OF_SUSPECTS if is_suspect else _LEAST
    return tuple(sorted(map(_number, words))[:MARKS]) if len(words) >= least else ()


def _others(host: Host, marks: Sequence[int], message: str, address: str, called: str) -> int:
    share = next(share for least, share in SHARES if len(marks) >= least)
    statement = (
        select(PRINT.c.sender)
        .where(PRINT.c.mark.in_(marks), PRINT.c.at >= host.now() - KEEPS)
        .where(PRINT.c.message != message, PRINT.c.sender != address, PRINT.c.name != called)
        .group_by(PRINT.c.message, PRINT.c.sender)
        .having(func.count() >= math.ceil(share * len(marks)))
        .limit(10 * ENOUGH)
    )
    with host.tables.connect() as connection:
        return min(len(set(connection.scalars(statement))), ENOUGH)


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


def _site_mark(site: str) -> int:
    return _number(f"site {site}")


def _short(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
