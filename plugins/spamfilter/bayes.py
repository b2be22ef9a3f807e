"""How likely a message is spam by what its marks were seen in. Pure.

Each mark that was taught has a probability (after Gary Robinson, "A Statistical Approach to the Spam Problem", 2003, whose `s` and `x` are
`_DOUBT` and a half); the telling ones are put together by R. A. Fisher's method (Statistical Methods for Research Workers, § 21.1): one sum
asks whether they are too spam-like for chance, another whether they are too innocent, and what both say is the answer.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

__all__ = ["Counts", "Telling", "likelihood", "telling"]

_DOUBT = 0.2
"""How many messages a mark must be seen in before they outweigh that nothing is known of it."""
_INNOCENT = 0.8
"""What a message that is no spam counts. With 1.0 spam that is written like a newsletter gets through."""
_LEAST = 0.1
"""Marks less far than this from one half say too little."""
_MOST = 150
_MOST_OF_A_KIND = {"path": 4}
"""Of marks that come together: the links of one page would outvote its words."""


@dataclass(frozen=True, slots=True)
class Counts:
    """In how many messages of each sort something was."""

    spam: int = 0
    ham: int = 0


@dataclass(frozen=True, slots=True)
class Telling:
    """A mark and how likely a message with it is spam, between 0 and 1."""

    mark: str
    probability: float


def telling(marks: Mapping[int, str], known: Mapping[int, Counts], taught: Counts) -> Sequence[Telling]:
    """The marks that say something, the most telling first. `taught`: how many messages were taught altogether."""
    if not taught.spam or not taught.ham:
        return ()
    found = [
        Telling(text, _probability(known[mark], taught))
        for mark, text in marks.items()
        if mark in known and known[mark] != Counts()
    ]
    strong = [one for one in found if abs(one.probability - 0.5) >= _LEAST]
    strong.sort(key=lambda one: (-abs(one.probability - 0.5), one.mark))
    return tuple(_few_of_a_kind(strong))[:_MOST]


def likelihood(marks: Sequence[Telling]) -> float:
    """Between 0 (no spam) and 1 (spam); 0.5 where the marks say nothing or contradict one another."""
    if not marks:
        return 0.5
    is_innocent = _chance(sum(log(one.probability) for one in marks), len(marks))
    is_spam = _chance(sum(log(1 - one.probability) for one in marks), len(marks))
    return (1 + is_innocent - is_spam) / 2


def _probability(seen: Counts, taught: Counts) -> float:
    spam, ham = seen.spam / taught.spam, _INNOCENT * seen.ham / taught.ham
    count = seen.spam + seen.ham
    return (_DOUBT * 0.5 + count * spam / (spam + ham)) / (_DOUBT + count)


def _few_of_a_kind(marks: Iterable[Telling]) -> Iterable[Telling]:
    taken: Counter[str] = Counter()
    for one in marks:
        kind = one.mark.partition(" ")[0]
        taken[kind] += 1
        if taken[kind] <= _MOST_OF_A_KIND.get(kind, _MOST):
            yield one


def _chance(log_product: float, count: int) -> float:
    """How likely `count` even chances have so small a product: the upper tail of chi-square at -2 ln(product), 2 × count degrees."""
    half = -log_product
    if half <= 0:
        return 1.0
    return min(1.0, sum(exp(-half + at * log(half) - lgamma(at + 1)) for at in range(count)))
