"""Patterns that owners write for answers: measured before they are compiled, compiled once, and stopped when they take too long."""

from functools import lru_cache

import regex

__all__ = ["MAX_PATTERN", "PatternError", "check_pattern", "is_for_browsers", "matches"]

MAX_PATTERN = 300
MAX_SIZE = 2_000
"""Parts of a pattern with everything counted written out, as compiling it does: three times "{50}" inside one another need a second,
four times half a minute."""
TIMEOUT_S = 0.1
PROBES = ("", "a" * 60 + "!", "1" * 60 + "!", " " * 60 + "!", "ab1 -" * 12 + "!", "a.b-" * 15 + "@", "x" * 2_000 + "!")
"""Texts that make patterns slow which can match one thing in many ways."""

_PART = regex.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\()|(?P<close>\))|\{(?P<least>\d*),?(?P<most>\d*)\}|.", regex.DOTALL
)
_OTHERWISE = regex.compile(r"\\[^dDsSnrt\W]|\[[^\]]*(?:\[|--|&&|~~|\|\|)|\(\?[^:=!]")
"""Escapes such as \\w, set operations and groups that a browser would read otherwise, or not at all."""


class PatternError(ValueError):
    """A pattern cannot be used. `is_slow`: it is well written, but takes too long on some texts."""

    def __init__(self, reason: str, is_slow: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_slow = is_slow


def check_pattern(pattern: str) -> None:
    """Raises `PatternError` when a pattern is too long, not well written, or slow on texts that slow patterns stumble over."""
    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"longer than {MAX_PATTERN} characters")
    if _size(pattern) > MAX_SIZE:
        raise PatternError("too many counted groups in one another", is_slow=True)
    try:
        compiled = _compiled(pattern)
    except (regex.error, OverflowError, RecursionError) as error:
        raise PatternError(str(error)) from error
    try:
        for probe in PROBES:
            compiled.fullmatch(probe, timeout=TIMEOUT_S)
    except TimeoutError as error:
        raise PatternError("too slow", is_slow=True) from error


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches. A pattern that takes longer than `TIMEOUT_S` matches: its slowness is not the visitor's mistake.
    It must have passed `check_pattern`."""
    try:
        return _compiled(pattern).fullmatch(text, timeout=TIMEOUT_S) is not None
    except TimeoutError:
        return True


def is_for_browsers(pattern: str) -> bool:
    """Whether a browser reads a pattern as we do. `\\w`, for one, is any letter here and an English one there."""
    return bool(pattern) and not _OTHERWISE.search(pattern)


def _size(pattern: str) -> int:
    """How many parts a pattern has when all that is counted stands there as often as it may match."""
    open_groups, last = [0], 0
    for part in _PART.finditer(pattern):
        if part["open"]:
            open_groups.append(0)
            last = 0
        elif part["close"] and len(open_groups) > 1:
            last = open_groups.pop()
            open_groups[-1] += last
        elif part["least"] or part["most"]:
            times = max(int(part["least"] or 1), int(part["most"] or 1))
            open_groups[-1] += last * (times - 1)
            last *= times
        elif part[0] not in "*+?":
            open_groups[-1] += 1
            last = 1
    return sum(open_groups)


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern)
