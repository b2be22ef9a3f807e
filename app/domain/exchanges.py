"""When two mails belong to one exchange. Pure; the only place that says so: `app.domain.thread_batch` groups a closed set by it,
`app.domain.threading` chooses a stored conversation by it.

Each rule looks at two mails and at who takes part, never at the order in which they came. A subject joins nothing, and an id alone
joins nothing either: senders reuse ids, and whoever got a mail forwarded can name it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.mail_providers import SHARED_DOMAINS

__all__ = [
    "Mail",
    "Pair",
    "answers",
    "answers_nearest",
    "are_answers_to_one",
    "in_time",
    "is_same_mail",
    "moment_of",
    "pairs_of",
]

Pair = tuple[str, ...]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mail:
    """What threading needs of a mail. `names` are the ids of those it answers, the nearest first, without its own.

    `author` holds the addresses (or other names) by which whoever wrote it is known, `reply_to` where they want answers, `people` whom it
    was sent to openly; all in lower case. `content`: the same for the same content, empty where nobody looked. `is_ours`: we sent it,
    with an id that nobody can guess. `is_list`: it went over a mailing list. `is_doubtful`: nothing says
    that its author wrote it.
    """

    message_id: str
    names: tuple[str, ...] = ()
    author: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    reply_to: frozenset[str] = frozenset()
    sent_at: datetime | None = None
    content: str = ""
    is_ours: bool = False
    is_list: bool = False
    is_doubtful: bool = False

    @property
    def everybody(self) -> frozenset[str]:
        """All who take part by this mail alone."""
        return self.author | self.people | self.reply_to


def pairs_of(mail: Mail) -> frozenset[Pair]:
    """Between whom the mail passed: each two of an author and a recipient, whichever of them wrote. Whom Reply-To names did not write: it
    would let anybody stand in for them. What passed over a list passed between all who read it."""
    pairs = {tuple(sorted((author, person))) for author in mail.author for person in mail.people}
    if mail.is_list:
        pairs |= {("list", person, "") for person in mail.people}
    return frozenset(pairs) or frozenset((author,) for author in mail.author)


def is_same_mail(one: Mail, other: Mail) -> bool:
    """Whether two mails with one id are one mail that came twice, perhaps with a line that a list added. The id alone proves nothing."""
    if one.message_id != other.message_id:
        return False
    if one.content and one.content == other.content:
        return True
    return bool(one.message_id and one.sent_at and one.sent_at == other.sent_at and one.author & other.author)


def answers(answer: Mail, parent: Mail, taking_part: Collection[str] = ()) -> bool:
    """Whether a mail that names `parent` belongs to its exchange: the parent is ours, or whoever wrote the answer takes part in it, reads
    the same list, or is a colleague of whoever the parent was sent to. `taking_part`: those known to take part in the parent's exchange."""
    if parent.is_ours:
        return True
    if answer.is_doubtful:
        return False
    return (
        not answer.author.isdisjoint(parent.everybody)
        or not answer.author.isdisjoint(taking_part)
        or (answer.is_list and parent.is_list and not answer.people.isdisjoint(parent.people))
        or _is_from_a_colleague(answer, parent)
    )


def answers_nearest(answer: Mail, parents: Sequence[Mail]) -> Mail | None:
    """Of several mails that share the id which `answer` names, the one it answers: ours, or the last one before it that passed between the
    same two. None when there is no such: an id that is shared says nothing of a third person."""
    ours = [parent for parent in parents if parent.is_ours]
    if ours or answer.is_doubtful:
        return ours[0] if ours else None
    pairs = pairs_of(answer)
    between_them = sorted((one for one in parents if not pairs.isdisjoint(pairs_of(one))), key=in_time)
    earlier = [one for one in between_them if moment_of(one) <= moment_of(answer)]
    return earlier[-1] if earlier else next(iter(between_them), None)


def moment_of(mail: Mail) -> datetime:
    """When it was sent; long ago where nobody knows."""
    return mail.sent_at or _LONG_AGO


def in_time(mail: Mail) -> tuple[datetime, str, list[str], list[str]]:
    """What mails are sorted by, so that no two different ones stand at the same place."""
    return (moment_of(mail), mail.content, sorted(mail.author), sorted(mail.people))


def are_answers_to_one(one: Mail, other: Mail) -> bool:
    """Whether two mails that name one id, which may be missing, belong together: both passed between the same two people."""
    if one.is_doubtful or other.is_doubtful:
        return False
    return not pairs_of(one).isdisjoint(pairs_of(other))


def _is_from_a_colleague(answer: Mail, parent: Mail) -> bool:
    """Whether it was sent to whoever wrote the parent, from an address of the house the parent was sent to. Inside of one house this says
    nothing: all who got a circular could answer it."""
    if answer.people.isdisjoint(parent.author | parent.reply_to):
        return False
    houses = _houses(answer.author)
    return not houses.isdisjoint(_houses(parent.people)) and houses.isdisjoint(_houses(parent.author))


def _houses(addresses: Collection[str]) -> set[str]:
    """The domains of addresses, but for those where everybody has one."""
    houses = {house for address in addresses if (house := address.rpartition("@")[2]) and house != address}
    return houses - SHARED_DOMAINS
