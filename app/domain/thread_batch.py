"""Grouping a batch of mails into exchanges by the rules of `app.domain.exchanges`.

The groups are the smallest that keep the rules. A rule that holds goes on to hold as groups grow, so that the order of the mails changes
nothing.
"""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from app.domain.exchanges import Mail, Pair, answers, answers_nearest, in_time, moment_of, pairs_of

__all__ = ["group"]


def group(mails: Sequence[Mail]) -> list[str]:
    """The id of the exchange of each mail, in the order of `mails`. No two exchanges have the same one."""
    copies = _Groups(mails)
    for one, other in _copies(mails):
        copies.join(one, other)
    exchanges = _Groups(mails)
    for one, other in (*_copies(mails), *_answers_to_one(mails)):
        exchanges.join(one, other)
    _join_answers(mails, copies, exchanges)
    names: dict[int, str] = {}
    for number, mail in enumerate(mails):
        top = exchanges.top(number)
        names[top] = min(names.get(top, "\U0010ffff"), _identity(mail))
    ids = {top: hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16] for top, name in names.items()}
    return [ids[exchanges.top(number)] for number in range(len(mails))]


class _Groups:
    """Groups that grow: who takes part in each, and which mails join it as soon as their author does."""

    def __init__(self, mails: Sequence[Mail]) -> None:
        self._mails = mails
        self._above = list(range(len(mails)))
        self._people: list[set[str]] = [set(mail.everybody) for mail in mails]
        self._waiting: list[dict[str, list[int]]] = [{} for _ in mails]

    def top(self, number: int) -> int:
        """The mail that stands for the group."""
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number

    def join(self, one: int, other: int) -> None:
        """Make two groups one, and take in those who waited for somebody that takes part now."""
        todo = [(one, other)]
        while todo:
            large, small = map(self.top, todo.pop())
            if large == small:
                continue
            if self._size(large) < self._size(small):
                large, small = small, large
            self._above[small] = large
            for address in self._people[small] - self._people[large]:
                todo += [(large, child) for child in self._waiting[large].pop(address, ())]
            self._people[large] |= self._people[small]
            for address, children in self._waiting[small].items():
                if address in self._people[large]:
                    todo += [(large, child) for child in children]
                else:
                    self._waiting[large].setdefault(address, []).extend(children)
            self._people[small], self._waiting[small] = set(), {}

    def join_once_known(self, child: int, parent: int) -> None:
        """Let a mail join a group as soon as its author takes part there."""
        top = self.top(parent)
        for address in self._mails[child].author:
            self._waiting[top].setdefault(address, []).append(child)

    def takes_part(self, number: int) -> set[str]:
        """Who takes part in the group of a mail."""
        return self._people[self.top(number)]

    def _size(self, top: int) -> int:
        return len(self._people[top]) + len(self._waiting[top])


def _copies(mails: Sequence[Mail]) -> Iterable[tuple[int, int]]:
    """Neighbours among those that are one mail, as `is_same_mail` says."""
    same: dict[tuple, list[int]] = defaultdict(list)
    for number, mail in enumerate(mails):
        if mail.content:
            same[mail.message_id, mail.content].append(number)
        if mail.message_id and mail.sent_at:
            for author in mail.author:
                same[mail.message_id, mail.sent_at, author].append(number)
    return (neighbours for numbers in same.values() for neighbours in pairwise(numbers))


def _answers_to_one(mails: Sequence[Mail]) -> Iterable[tuple[int, int]]:
    """Neighbours among those that name one id and passed between the same two, as `are_answers_to_one` says."""
    naming: dict[tuple[str, Pair], list[int]] = defaultdict(list)
    for number, mail in enumerate(mails):
        pairs = pairs_of(mail) if mail.names and not mail.is_doubtful else ()
        for name in set(mail.names):
            for pair in pairs:
                naming[name, pair].append(number)
    return (neighbours for numbers in naming.values() for neighbours in pairwise(numbers))


def _join_answers(mails: Sequence[Mail], copies: _Groups, exchanges: _Groups) -> None:
    """Join each mail with those it names, now or once its author takes part there."""
    by_id: dict[str, list[int]] = defaultdict(list)
    for number, mail in enumerate(mails):
        if mail.message_id:
            by_id[mail.message_id].append(number)
    shared = {
        name: _Namesakes(mails, numbers)
        for name, numbers in by_id.items()
        if len({copies.top(number) for number in numbers}) > 1
    }
    for number, mail in enumerate(mails):
        for name in dict.fromkeys(mail.names):
            if name in shared:
                nearest = shared[name].answered_by(mail)
                if nearest is not None:
                    exchanges.join(number, nearest)
                continue
            for parent in by_id.get(name, ()):
                if answers(mail, mails[parent], exchanges.takes_part(parent)):
                    exchanges.join(number, parent)
                elif not mail.is_doubtful:
                    exchanges.join_once_known(number, parent)


class _Namesakes:
    """Different mails with one id, in the order of time for each two people between whom they passed."""

    def __init__(self, mails: Sequence[Mail], numbers: Sequence[int]) -> None:
        self._mails = mails
        self._between: dict[Pair, list[int]] = defaultdict(list)
        for number in sorted(numbers, key=lambda number: in_time(mails[number])):
            for pair in pairs_of(mails[number]):
                self._between[pair].append(number)

    def answered_by(self, answer: Mail) -> int | None:
        """The one that a mail answers, as `answers_nearest` says, which needs to look at few of them."""
        found: set[int] = set()
        for pair in pairs_of(answer):
            between = self._between.get(pair, [])
            behind = bisect_right(between, moment_of(answer), key=lambda number: moment_of(self._mails[number]))
            found.update(between[max(0, behind - 1) : max(1, behind)])
        nearest = answers_nearest(answer, [self._mails[number] for number in found])
        return next((number for number in found if self._mails[number] is nearest), None)


def _identity(mail: Mail) -> str:
    """What tells the mail from every other that is not its copy."""
    return "\0".join((mail.message_id, *sorted(mail.author), mail.content))
