"""Which conversation a message belongs to, by the rules of `app.domain.exchanges`. Pure: the caller brings what the store knows of the
ids that the message names.

The message joins one conversation; others that the same rules name are told too, because it may be the link that was missing between
them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from app.domain.exchanges import Mail, answers, answers_nearest, are_answers_to_one, is_same_mail

__all__ = ["Joined", "KnownMail", "Learnt", "choose_conversation"]


@dataclass(frozen=True, slots=True)
class KnownMail:
    """A stored message that the new one names, that names the new one, or that names one of the same ancestors. `names` of its mail needs
    to hold only those."""

    id: int
    conversation_id: int
    mail: Mail


@dataclass(frozen=True, slots=True)
class Learnt:
    """What agents taught: the conversations to which answers to an id belong, and those that an id leads to no more."""

    homes: Mapping[str, int] = field(default_factory=dict)
    apart: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Joined:
    """The conversation, and why: in_reply_to, references, learnt, token, copy, late_parent, shared_ancestor, or what only the store knows
    (thread_key, same_person); and the message that led there. `also`: other conversations that the message belongs to as much."""

    conversation_id: int
    reason: str
    message_id: int | None = None
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Link:
    conversation_id: int
    reason: str
    message_id: int | None = None


def choose_conversation(
    mail: Mail,
    *,
    in_reply_to: str | None,
    known: Sequence[KnownMail],
    own_conversations: Collection[int],
    token_conversation: int | None = None,
    learnt: Learnt = Learnt(),
) -> Joined | None:
    """The conversation to join, or None for a new one.

    `own_conversations`: those among the known ones in which the sender is known to take part. `known` is in the order in which they came.
    """
    direct = list(_by_names(mail, in_reply_to, known, own_conversations, learnt))
    token = [_Link(token_conversation, "token")] if token_conversation is not None else []
    settled = {link.conversation_id for link in direct} | learnt.apart
    weak = list(_by_kinship(mail, known, settled))
    links = [*direct, *token, *weak]
    if not links:
        return None
    first = links[0]
    others = dict.fromkeys(link.conversation_id for link in (*direct, *weak))
    also = tuple(other for other in others if other != first.conversation_id and other not in learnt.apart)
    return Joined(first.conversation_id, first.reason, first.message_id, also)


def _by_names(
    mail: Mail,
    in_reply_to: str | None,
    known: Sequence[KnownMail],
    own_conversations: Collection[int],
    learnt: Learnt,
) -> Iterator[_Link]:
    """By the ids it names, the nearest first; its own id too when it is ours, because broken programs answer under the id they answer."""
    is_ours = any(one.mail.is_ours and one.mail.message_id == mail.message_id for one in known if mail.message_id)
    for name in (*mail.names, *([mail.message_id] if is_ours else [])):
        found = _answered(mail, [one for one in known if one.mail.message_id == name], own_conversations)
        home = learnt.homes.get(name)
        if found is not None:
            yield _Link(found.conversation_id, "in_reply_to" if name == in_reply_to else "references", found.id)
        elif home is not None and home in own_conversations and not mail.is_doubtful:
            yield _Link(home, "learnt")


def _answered(mail: Mail, parents: Sequence[KnownMail], own_conversations: Collection[int]) -> KnownMail | None:
    """The one of the messages with an id that the mail answers."""
    if len(list(_distinct(parents))) > 1:
        nearest = answers_nearest(mail, [one.mail for one in parents])
        return next((one for one in parents if one.mail is nearest), None)
    for one in parents:
        taking_part = mail.author if one.conversation_id in own_conversations else frozenset[str]()
        if answers(mail, one.mail, taking_part):
            return one
    return None


def _distinct(messages: Sequence[KnownMail]) -> Iterator[KnownMail]:
    """Each mail once, whichever copies of it there are."""
    for position, one in enumerate(messages):
        if not any(is_same_mail(one.mail, earlier.mail) for earlier in messages[:position]):
            yield one


def _by_kinship(mail: Mail, known: Sequence[KnownMail], settled: Collection[int]) -> Iterator[_Link]:
    """By a copy of it, by what answers it, and by what answers the same; conversations that are settled are left out. Nothing of this holds
    for a sender whom nobody vouches for."""
    open_ones = [one for one in known if one.conversation_id not in settled]
    if mail.is_doubtful or not open_ones:
        return
    namesakes = [one for one in known if mail.message_id and one.mail.message_id == mail.message_id]
    yield from _links("copy", (one for one in open_ones if mail.message_id and is_same_mail(mail, one.mail)))
    others = [one.mail for one in namesakes if not is_same_mail(mail, one.mail)]
    children = [one for one in open_ones if mail.message_id and mail.message_id in one.mail.names]
    yield from _links("late_parent", (one for one in children if _answers_it(one.mail, mail, others)))
    names = frozenset(mail.names)
    siblings = (one for one in open_ones if not names.isdisjoint(one.mail.names))
    yield from _links("shared_ancestor", (one for one in siblings if are_answers_to_one(mail, one.mail)))


def _answers_it(child: Mail, mail: Mail, namesakes: Sequence[Mail]) -> bool:
    """Whether a stored message answers the mail, and was meant for whoever wrote it. Else somebody who knows what it names, such as a
    newsletter that many got, could claim to have written that to its author."""
    if namesakes:
        return answers_nearest(child, [mail, *namesakes]) is mail
    was_meant = not mail.author.isdisjoint(child.everybody) or (mail.is_list and child.is_list)
    return was_meant and answers(child, mail)


def _links(reason: str, messages: Iterable[KnownMail]) -> Iterator[_Link]:
    """One link to each conversation, by its newest message."""
    ordered = sorted(messages, key=lambda one: (-one.conversation_id, -one.id))
    for conversation_id, found in groupby(ordered, key=lambda one: one.conversation_id):
        yield _Link(conversation_id, reason, next(found).id)
