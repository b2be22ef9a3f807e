"""Grouping a batch of mails into exchanges, the same for any order. The rules are those of `app.domain.threading`, over a closed set.

Two mails belong together when one names the other, or both name the same missing ancestor, and one's sender takes part in the other.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["MailNode", "group"]


@dataclass(frozen=True, slots=True)
class MailNode:
    """What threading needs of a mail: a key of ours, its Message-ID, the ids it names, and the addresses on it (lower case)."""

    key: str
    message_id: str
    names: frozenset[str]
    sender: str
    recipients: frozenset[str]

    def knows(self, other: "MailNode") -> bool:
        """True when one of the two senders takes part in the other mail, so that neither is a stranger to the exchange."""
        return self.sender == other.sender or self.sender in other.recipients or other.sender in self.recipients


def group(nodes: Sequence[MailNode]) -> dict[str, str]:
    """Key of each mail to the id of its exchange: a digest of the smallest Message-ID (or key) in it."""
    parents = {node.key: node.key for node in nodes}

    def root(key: str) -> str:
        while parents[key] != key:
            parents[key] = parents[parents[key]]
            key = parents[key]
        return key

    for first, second in _pairs(nodes):
        if first.knows(second):
            parents[root(first.key)] = root(second.key)
    members: dict[str, list[str]] = defaultdict(list)
    for node in nodes:
        members[root(node.key)].append(node.message_id or node.key)
    names = {top: hashlib.sha256(min(ids).encode()).hexdigest()[:16] for top, ids in members.items()}
    return {node.key: names[root(node.key)] for node in nodes}


def _pairs(nodes: Sequence[MailNode]) -> Iterable[tuple[MailNode, MailNode]]:
    """Candidates: (child, known parent), (copy, copy), and neighbours among those that name one missing ancestor."""
    by_id: dict[str, list[MailNode]] = defaultdict(list)
    naming: dict[str, list[MailNode]] = defaultdict(list)
    for node in nodes:
        if node.message_id:
            by_id[node.message_id].append(node)
        for name in node.names:
            naming[name].append(node)
    for copies in by_id.values():
        for copy in copies[1:]:
            yield copies[0], copy
    for name, children in naming.items():
        for parent in by_id.get(name, ()):
            for child in children:
                yield child, parent
        if name not in by_id:
            yield from _neighbours(children)


def _neighbours(nodes: list[MailNode]) -> Iterable[tuple[MailNode, MailNode]]:
    """Pairs that link everybody who shares an address, without comparing each with each."""
    first_with: dict[str, MailNode] = {}
    for node in nodes:
        for address in (node.sender, *node.recipients):
            other = first_with.setdefault(address, node)
            if other is not node:
                yield other, node
