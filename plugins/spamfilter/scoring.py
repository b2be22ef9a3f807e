"""One number for a message, out of what the rules find and what was learnt. Pure.

Odds: what the lessons say (or `_UNTAUGHT`, while there are too few) times what each finding is worth. The fewer lessons there were, the
less sure they may be: a filter that has learnt little keeps little back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from plugins.spamfilter.bayes import Counts, Telling, likelihood, telling
from plugins.spamfilter.marks import domain_mark, number_of, sender_mark
from plugins.spamfilter.rules import Finding
from tidings import Verdict, translatable

__all__ = ["LEARNT", "LEAST_LESSONS", "Score", "is_taught", "score_of"]

LEAST_LESSONS = 20
"""Messages of each sort that must have been taught before what was learnt counts."""

LEARNT = translatable("it reads like mail that was marked as spam here")
_KNOWN_SENDER = translatable("its sender was answered here")
_KNOWN_DOMAIN = translatable("others of its sender's domain were answered here")
_KNOWN = ((sender_mark, Finding(-7.0, _KNOWN_SENDER)), (domain_mark, Finding(-4.0, _KNOWN_DOMAIN)))

_UNTAUGHT = 0.05
_HALF_SURE = 40
"""At so many messages of each sort what was learnt counts half."""
_SURE = 0.9999
"""Lessons alone are never surer than this, so that what else speaks for a message still counts."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Score:
    """How likely a message is spam, between 0 and 1, and why: `findings` of the rules and of what is known of the sender, `learnt` as the
    lessons alone say it (None before there are enough), `telling` the marks they go by."""

    value: float
    findings: tuple[Finding, ...]
    learnt: float | None = None
    telling: tuple[Telling, ...] = ()

    @property
    def percent(self) -> int:
        """Rounded down: what is nearly enough is not enough."""
        return int(100 * self.value)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks for spam, the heaviest first; translatable."""
        found = [one.reason for one in self.findings if one.weight > 0]
        return (LEARNT, *found) if self.learnt is not None and self.learnt > 0.5 else tuple(found)

    def strongest(self) -> Iterator[tuple[bool, str]]:
        """The marks that count most, in the direction of what the lessons say: whether each speaks for spam, and the mark."""
        is_spam = self.learnt is not None and self.learnt >= 0.5
        for one in [one for one in self.telling if (one.probability > 0.5) is is_spam][:_SHOWN]:
            yield is_spam, one.mark


def is_taught(taught: Counts) -> bool:
    """Whether there are lessons enough to go by."""
    return min(taught.spam, taught.ham) >= LEAST_LESSONS


def score_of(
    marks: Mapping[int, str],
    findings: Sequence[Finding],
    known: Mapping[int, Counts],
    taught: Counts,
    *,
    address: str,
    dmarc: Verdict = Verdict.NONE,
) -> Score:
    """Put together what is known. `known`: what was learnt of the marks; `address`: of the sender, for whom nothing speaks when their own
    domain disowns the message (`dmarc`)."""
    found = [*findings, *([] if dmarc is Verdict.FAIL else _acquaintance(known, address))]
    told = telling(marks, known, taught) if is_taught(taught) else ()
    learnt = likelihood(told) if is_taught(taught) else None
    odds = _log_odds(_UNTAUGHT) if learnt is None else _certainty(taught) * _log_odds(learnt)
    odds += sum(one.weight for one in found)
    return Score(1 / (1 + exp(-odds)), tuple(found), learnt, tuple(told))


def _log_odds(probability: float) -> float:
    probability = min(max(probability, 1 - _SURE), _SURE)
    return log(probability / (1 - probability))


def _certainty(taught: Counts) -> float:
    count = min(taught.spam, taught.ham)
    return count / (count + _HALF_SURE)


def _acquaintance(known: Mapping[int, Counts], address: str) -> Iterator[Finding]:
    """What speaks for somebody who was answered here and never marked as spam; else for their domain."""
    for mark_of, finding in _KNOWN:
        seen = known.get(number_of(mark_of(address)), Counts())
        if seen.ham and not seen.spam:
            yield finding
            return
