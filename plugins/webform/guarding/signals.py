"""What speaks against a post besides its words, or for it: names that stand in the journal, their weights, and what agents read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tidings import translatable

__all__ = ["SIGNALS", "SIGNALS_FIELD", "THRESHOLD", "Signal", "is_injection", "is_spam_by", "reasons_of", "weight_of"]

THRESHOLD = 1.0
"""From this weight on a message is kept in Spam."""

SIGNALS_FIELD = "webform.signals"
"""The field in which signals travel from the journal to the filter, which takes it away; agents never see it."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What speaks for a post has a weight below zero and no sentence: nobody is told of it."""

    weight: float
    sentence: str = ""


SIGNALS = {
    "honeypot": Signal(1.0, translatable("a field that people do not see was filled in")),
    "too_fast": Signal(1.0, translatable("sent sooner than a person can type")),
    "no_proof": Signal(0.6, translatable("sent without proof of work during an attack")),
    "shirked": Signal(1.0, translatable("sent by a program that does no proof of work")),
    "hidden_filled": Signal(0.3, translatable("fields were filled in that were not shown")),
    "bad_context": Signal(0.3, translatable("the signature of what came along is wrong")),
    "plain_post": Signal(0.2, translatable("sent by another page's own form")),
    "proven": Signal(-0.25),
}
_UNKNOWN = 0.5

_HEADERS = re.compile(
    r"(?:\r|\n|%0[ad]|\\r|\\n)[^\S\r\n]*+(?:b?cc|to|from|subject|reply-to|content-type|mime-version)\s*+(?::|%3a)",
    re.IGNORECASE,
)


def weight_of(signals: Iterable[str]) -> float:
    """The weights added up; a signal of a later version counts half."""
    return sum(SIGNALS[name].weight if name in SIGNALS else _UNKNOWN for name in signals)


def is_spam_by(signals: Iterable[str]) -> bool:
    """Whether the signals alone are enough."""
    return weight_of(signals) >= THRESHOLD


def reasons_of(signals: Iterable[str]) -> tuple[str, ...]:
    """What agents read, heaviest first."""
    against = [name for name in signals if weight_of([name]) > 0]
    ordered = sorted(against, key=lambda name: -weight_of([name]))
    return tuple(SIGNALS[name].sentence if name in SIGNALS else name for name in ordered)


def is_injection(values: Iterable[str]) -> bool:
    """Whether values of one-line fields try to smuggle headers into a mail ("Ada\\r\\nBcc: …", also percent-encoded)."""
    return any(_HEADERS.search(value) for value in values)
