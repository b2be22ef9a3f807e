"""What was found a moment ago. Visitors of one form come many at a time, and what they get is looked up once a second for all of them.

Whoever changes something that is kept here forgets it, so that it shows at once in this process and within a second in others.
"""

import time
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from tidings import Host

__all__ = ["KEPT_S", "forget_recent", "recent"]

Found = TypeVar("Found")

KEPT_S = 1.0
_MOST = 256
_KEPT: WeakKeyDictionary[Host, dict[str, tuple[float, object]]] = WeakKeyDictionary()
"""By a name: when it was asked for, on the monotonic clock, and what was found."""


def recent(host: Host, name: str, find: Callable[[], Found | None]) -> Found | None:
    """What `find` gives, or gave within the last second. That there is nothing is never kept."""
    kept, now = _KEPT.setdefault(host, {}), time.monotonic()
    asked_at, known = kept.get(name, (now - KEPT_S, None))
    if now - asked_at < KEPT_S:
        return known  # type: ignore[return-value]  # the same name is always found the same way
    found = find()
    if found is not None and _KEPT.get(host) is kept:  # else it was forgotten meanwhile, and may be what was
        if len(kept) >= _MOST:
            kept.clear()
        kept[name] = (now, found)
    return found


def forget_recent(host: Host) -> None:
    """Something was changed: look everything up again."""
    _KEPT.pop(host, None)
