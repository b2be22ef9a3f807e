"""The search itself: who is asked in which order, what is asked at the same time, and whose answer wins."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong

import idna

from connectors.imap_smtp import preset_for_address
from connectors.mail_discovery.reach import Reach
from connectors.mail_discovery.search import (
    Search,
    by_autoconfig,
    by_guess,
    by_ispdb,
    by_mail_exchanger,
    by_service_records,
)
from connectors.mail_discovery.types import SOURCES, Discovery, Source, Step

__all__ = ["ISPDB", "find_servers"]

ISPDB = "https://autoconfig.thunderbird.net/v1.1/"
"""Thunderbird's list of providers. It learns the domains it is asked for, so it is asked only when the domain itself says nothing."""
DEADLINE_S = 10.0

_Way = tuple[Source, Callable[[Search], Discovery]]
_OF_THE_DOMAIN: tuple[_Way, ...] = (
    ("mx", by_mail_exchanger),
    ("srv", by_service_records),
    ("autoconfig", by_autoconfig),
)
_OF_OTHERS: tuple[_Way, ...] = (("ispdb", by_ispdb), ("guess", by_guess))


def find_servers(
    address: str,
    *,
    reach: Reach | None = None,
    ispdb: str = ISPDB,
    sources: Collection[Source] = SOURCES,
    deadline_s: float = DEADLINE_S,
) -> Discovery:
    """Look for the servers of a mail address. A whole answer of who stands first in `SOURCES` wins, a half one is completed by the next.

    `ispdb` is asked with the domain at its end; empty asks nobody. Answers within `deadline_s`, whatever others do; threads that still wait
    for an answer end a few seconds later by themselves. Raises ValueError for what is no mail address.
    """
    local, _, domain = address.strip().rpartition("@")
    name = _ascii(domain)
    if not local or not name:
        raise ValueError(f"{address!r} is not a mail address.")
    if "provider" in sources and (preset := preset_for_address(f"{local}@{name}")):
        step = Step(f"Known providers: {name}", preset.title)
        return Discovery("provider", name, preset.imap, preset.smtp, preset=preset, steps=(step,))
    search = Search(f"{local}@{name}", name, reach or Reach(), ispdb if "ispdb" in sources else "")
    ends_at = time.monotonic() + deadline_s
    found = Discovery()
    for ways in (_OF_THE_DOMAIN, _OF_OTHERS):
        found = _asked(found, [way for way in ways if way[0] in sources], search, ends_at)
        if found.is_whole:
            break
    return found


def _asked(found: Discovery, ways: Sequence[_Way], search: Search, ends_at: float) -> Discovery:
    """Ask all at the same time and take their answers in order, until both servers are known."""
    if not ways:
        return found
    pool = ThreadPoolExecutor(len(ways), thread_name_prefix="mail-discovery")
    try:
        waited = [(source, pool.submit(look, search)) for source, look in ways]
        for source, answer in waited:
            try:
                found = found.completed_by(answer.result(max(0.0, ends_at - time.monotonic())))
            except TookTooLong:
                found = found.completed_by(Discovery(steps=(Step(source, "no answer in time"),)))
            if found.is_whole:
                break
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return found


def _ascii(domain: str) -> str:
    try:
        return idna.encode(domain.strip().rstrip("."), uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return ""
