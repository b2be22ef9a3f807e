"""An example of a text that matches a pattern, for the patterns that owners of forms write: order numbers, postcodes, plates. Pure.

It walks through the pattern once and takes the first of everything: the first branch, the first character of a class, the fewest
repetitions. What it does not know (backward references, lookarounds, properties) gives no example, nor does a walk that the pattern
itself refuses in the end.
"""

import string
from collections.abc import Callable

from forms.definitions.patterns import matches

__all__ = ["example_of"]

_CLASSES = {"d": "1", "w": "A", "s": " ", "D": "A", "W": "-", "S": "A"}
_NOTHING = frozenset("bBAZz")
"""Escapes that match between characters."""
_CONTROL = {"t": "\t", "n": "\n"}
_ORDER = string.ascii_uppercase + string.digits + string.ascii_lowercase + " -_./"
_MOST = 60


class _Unknown(ValueError):
    """Something in the pattern that no example is known for."""


def example_of(pattern: str, least: int = 0) -> str | None:
    """A text of at least so many characters that the whole pattern matches, or None when none is found.

    >>> example_of("[A-Z]{2}-\\\\d{4,6}")
    'AA-1111'
    """
    for repetitions in (0, 1, least):
        try:
            text = _Walk(pattern, repetitions).text()
        except ValueError:
            return None
        if len(text) >= least and matches(pattern, text):
            return text
    return None


class _Walk:
    """One walk. `more`: how often what may be left out, or repeated, is taken beyond the least."""

    def __init__(self, pattern: str, more: int) -> None:
        self._pattern, self._more, self._at = pattern, more, 0

    def text(self) -> str:
        text = self._branches()
        if self._at < len(self._pattern):
            raise _Unknown
        return text

    def _branches(self) -> str:
        """The first branch; the others are walked over."""
        first = self._sequence()
        while self._take("|"):
            self._sequence()
        return first

    def _sequence(self) -> str:
        parts = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            piece = self._piece()
            parts.append(piece * self._count())
        return "".join(parts)

    def _piece(self) -> str:
        sign = self._next()
        known: dict[str, Callable[[], str]] = {"(": self._group, "[": self._class, "\\": self._escape}
        if sign in known:
            return known[sign]()
        if sign in "^$":
            return ""
        return "A" if sign == "." else sign

    def _group(self) -> str:
        if self._take("?"):
            if self._take("P<") or (self._peek(1) == "<" and self._peek(2) not in ("<=", "<!") and self._take("<")):
                self._at = self._pattern.index(">", self._at) + 1
            elif not self._take(":"):
                raise _Unknown
        inside = self._branches()
        if not self._take(")"):
            raise _Unknown
        return inside

    def _class(self) -> str:
        is_other, members = self._take("^"), set[str]()
        is_first = True
        while is_first or not self._take("]"):
            is_first = False
            low = self._member()
            if self._peek(1) == "-" and self._peek(2) != "-]":
                self._at += 1
                high = self._member()
                members |= {chr(code) for code in range(ord(low), min(ord(high), ord(low) + 300) + 1)}
            else:
                members.add(low)
        chosen = [one for one in _ORDER if (one in members) is not is_other]
        if not chosen and (is_other or not members):
            raise _Unknown
        return chosen[0] if chosen else min(members)

    def _member(self) -> str:
        sign = self._next()
        return self._escape() if sign == "\\" else sign

    def _escape(self) -> str:
        sign = self._next()
        if sign in _NOTHING:
            return ""
        if sign in _CLASSES or sign in _CONTROL:
            return _CLASSES.get(sign) or _CONTROL[sign]
        if sign.isalnum():
            raise _Unknown
        return sign

    def _count(self) -> int:
        """How often the piece before is taken."""
        if self._take("*") or self._take("?"):
            least, most = 0, _MOST if self._pattern[self._at - 1] == "*" else 1
        elif self._take("+"):
            least, most = 1, _MOST
        elif self._peek(1) == "{" and "}" in self._pattern[self._at :]:
            low, comma, high = self._braces()
            least, most = low, (high if comma else low)
        else:
            return 1
        _ = self._take("?") or self._take("+")
        return min(least + self._more, most, max(_MOST, least))

    def _braces(self) -> tuple[int, bool, int]:
        end = self._pattern.index("}", self._at)
        low, comma, high = self._pattern[self._at + 1 : end].partition(",")
        if not (low or high) or not (low + high).isdecimal():
            raise _Unknown
        self._at = end + 1
        return int(low or 0), bool(comma), int(high) if high else _MOST

    def _peek(self, length: int) -> str:
        return self._pattern[self._at : self._at + length]

    def _take(self, text: str) -> bool:
        if not self._pattern.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _next(self) -> str:
        if self._at >= len(self._pattern):
            raise _Unknown
        self._at += 1
        return self._pattern[self._at - 1]
