"""Whom nobody has answered yet in a conversation that was answered before: a colleague whom the contact brings in, or a stranger who
slipped in. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Letter", "newcomers"]


@dataclass(frozen=True, slots=True)
class Letter:
    """Between whom a message passed, each by `mailbox_of`. `is_ours`: we wrote it. `people`: all it was sent to, and who is to get the
    answer."""

    is_ours: bool
    sender: str
    people: frozenset[str]


def newcomers(mailboxes: Iterable[str], letters: Sequence[Letter], familiar: Collection[str]) -> tuple[str, ...]:
    """Those of the mailboxes that no answer went to and that nobody known named before the last answer; none where nothing was answered.

    `letters`: oldest first. `familiar`: known from the start, as the contact's own addresses. What came since the last answer makes nobody
    known, nor does a message of somebody unknown.
    """
    answered = [place for place, letter in enumerate(letters) if letter.is_ours]
    if not answered:
        return ()
    known = set(familiar)
    for letter in letters[: answered[-1] + 1]:
        if letter.is_ours or letter.sender in known:
            known |= letter.people
    return tuple(one for one in dict.fromkeys(mailboxes) if one not in known)
