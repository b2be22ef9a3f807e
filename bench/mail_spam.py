"""Spam by mail: ten-fold over a public set of six thousand mails, with the code that judges them in an installation.

Each mail is judged after the other nine tenths were taught, each as what it is. The numbers in `plugins.spamfilter` were chosen by one half
of the mails; the other half was looked at once they stood. Copies of one mail are kept in one part: none is judged by its twin.
"""

import gc
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from statistics import median, quantiles
from time import thread_time

from sqlalchemy import insert, update

from app.testing.public_mails import public_mails
from app.testing.servers.missing import MissingComponent
from plugins.spamfilter.bayes import Counts
from plugins.spamfilter.judging import filter_message
from plugins.spamfilter.marks import marks_of
from plugins.spamfilter.rules import Finding, findings_in
from plugins.spamfilter.scoring import score_of
from plugins.spamfilter.tables import ALL, MARK
from tidings import Account, InboundMessage, UnrecognisedPayload, inbound_from_mail
from tidings.testing import FakeHost

__all__ = ["run"]

FOLDS = 10
SURE, UNSURE = 95, 60
"""Per cent, as the settings begin."""
LITTLE = (20, 50, 200, 800)
"""Of how many mails of each sort the filter is taught where little was."""
TIMED = 400
SEED = 1
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail of the set: whether it is spam, and whether it belongs to the half by which the numbers were chosen."""

    name: str
    message: InboundMessage
    is_spam: bool
    is_tuned: bool
    marks: Mapping[int, str]
    findings: Sequence[Finding]


@dataclass(slots=True)
class Taught:
    """What a filter knows."""

    spam: Counter[int]
    ham: Counter[int]

    def counts(self, mark: int) -> Counts:
        return Counts(self.spam[mark], self.ham[mark])


def run() -> None:
    """Judge all mails, print the shares, the mails that were wronged, and what a mail takes."""
    try:
        samples = list(_samples())
    except MissingComponent as error:
        raise SystemExit(str(error)) from error
    parts = _parts(samples)
    scores = dict(_ten_fold(parts))
    print(f"{len(samples):,} mails, {FOLDS}-fold; spam from {SURE} %, unsure from {UNSURE} %\n")
    _print_share("all of them", samples, scores)
    _print_share("the half the numbers were chosen by", [one for one in samples if one.is_tuned], scores)
    _print_share("the other half", [one for one in samples if not one.is_tuned], scores)
    alone = {one.name: _score(one, Taught(Counter(), Counter())) for one in samples}
    _print_share("by rules alone, nothing taught", samples, alone)
    for count in LITTLE:
        _print_little(samples, count)
    wronged = [one for one in samples if not one.is_spam and scores[one.name] >= SURE]
    print("\nGenuine mail in Spam:")
    for one in wronged:
        print(f"  {scores[one.name]:3} %  {one.name}  {one.message.subject[:70]}")
    _time(parts)


def _samples() -> Iterator[Sample]:
    """Delivery reports and what names no sender are not judged in an installation, so not here."""
    for name, raw in public_mails():
        try:
            message = inbound_from_mail(raw, _NOW)
        except UnrecognisedPayload:
            continue
        if message.kind == "bounce":
            continue
        yield Sample(
            name,
            message,
            is_spam=name.startswith("spam"),
            is_tuned=_digest(message) % 2 == 0,
            marks=marks_of(message),
            findings=findings_in(message),
        )


def _digest(message: InboundMessage) -> int:
    """Of the text, so that copies of one mail have the same."""
    return int.from_bytes(sha256(" ".join(message.text.split()).encode("utf-8", "replace")).digest()[:8])


def _parts(samples: Sequence[Sample]) -> Sequence[Sequence[Sample]]:
    """Ten parts at random, copies of one mail together."""
    digests = sorted({_digest(one.message) for one in samples})
    random.Random(SEED).shuffle(digests)
    place = {digest: at % FOLDS for at, digest in enumerate(digests)}
    parts: list[list[Sample]] = [[] for _ in range(FOLDS)]
    for one in samples:
        parts[place[_digest(one.message)]].append(one)
    return parts


def _ten_fold(parts: Sequence[Sequence[Sample]]) -> Iterator[tuple[str, int]]:
    for part in parts:
        taught = _taught(one for other in parts if other is not part for one in other)
        for one in part:
            yield one.name, _score(one, taught)


def _taught(samples: Iterator[Sample]) -> Taught:
    taught = Taught(Counter(), Counter())
    for one in samples:
        (taught.spam if one.is_spam else taught.ham).update([ALL, *one.marks])
    return taught


def _score(one: Sample, taught: Taught) -> int:
    known = {mark: taught.counts(mark) for mark in one.marks if taught.counts(mark) != Counts()}
    return score_of(one.marks, one.findings, known, taught.counts(ALL), address=one.message.sender.value).percent


def _print_share(title: str, samples: Sequence[Sample], scores: Mapping[str, int]) -> None:
    spam = [scores[one.name] for one in samples if one.is_spam]
    genuine = [scores[one.name] for one in samples if not one.is_spam]
    caught, wronged = sum(one >= SURE for one in spam), sum(one >= SURE for one in genuine)
    unsure = [sum(UNSURE <= one < SURE for one in part) for part in (spam, genuine)]
    print(
        f"{title:36} {100 * caught / len(spam):6.2f} % of {len(spam):,} spam caught, {100 * wronged / len(genuine):5.2f} % of "
        f"{len(genuine):,} genuine in Spam ({wronged}); unsure {unsure[0]} spam, {unsure[1]} genuine"
    )


def _print_little(samples: Sequence[Sample], count: int) -> None:
    """How it does after few lessons."""
    shuffled = list(samples)
    random.Random(SEED).shuffle(shuffled)
    lessons = [[one for one in shuffled if one.is_spam is is_spam][:count] for is_spam in (True, False)]
    known = {_digest(one.message) for sort in lessons for one in sort}
    taught = _taught(iter([*lessons[0], *lessons[1]]))
    rest = [one for one in samples if _digest(one.message) not in known]
    _print_share(f"after {count} of each sort", rest, {one.name: _score(one, taught) for one in rest})


def _time(parts: Sequence[Sequence[Sample]]) -> None:
    """What the filter takes of a processor for a mail: its marks, one query of the lessons in SQLite, the sum."""
    taught = _taught(one for part in parts[1:] for one in part)
    host = FakeHost("spamfilter", package="plugins.spamfilter")
    marks = taught.spam.keys() | taught.ham.keys()
    rows = [
        {"mark": mark, "spam": taught.spam[mark], "ham": taught.ham[mark], "day": 0} for mark in marks if mark != ALL
    ]
    with host.tables.begin() as connection:
        connection.execute(insert(MARK), rows)
        connection.execute(update(MARK).where(MARK.c.mark == ALL).values(spam=taught.spam[ALL], ham=taught.ham[ALL]))
    account = Account(1, "mailbox", "Support", "help@example.com", {})
    filter_message(host, parts[0][0].message, account)  # the query is compiled once in the life of a process
    gc.freeze()  # the set itself is no part of an installation
    took = []
    for one in parts[0][:TIMED]:
        message = replace(one.message, external_id=one.name)
        started = thread_time()
        filter_message(host, message, account)
        took.append(1000 * (thread_time() - started))
    print(
        f"\nOne mail: {median(took):.2f} ms of a processor, 95th percentile {quantiles(took, n=20)[-1]:.2f} ms, "
        f"slowest {max(took):.1f} ms; {len(rows):,} marks known"
    )
