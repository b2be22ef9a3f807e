"""Content rules for what visitors write. Each rule that fits adds its weight; from 1.0 on a message is kept in Spam, never dropped.

The weights are set so that one careless habit (a link, a capital word) is not enough, and no language is held against anyone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tidings import InboundMessage

__all__ = ["THRESHOLD", "reasons_for_spam"]

THRESHOLD = 1.0

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\[\]\"']+", re.IGNORECASE)
_MARKUP = re.compile(r"<a\s[^>]*href|\[url[=\]]|\[link[=\]]", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]")
_ONE_WORD = re.compile(r"[A-Za-z]{8,40}")
_PITCHES = re.compile(
    r"\b(?:back-?links?|guest post|link (?:building|insertion)|domain authority|first page of google|rank(?:ing)? (?:higher|#?1)"
    r"|seo (?:services?|audit|packages?|experts?)|web ?site traffic|contact form (?:blast|marketing|submission)s?"
    r"|online casino|payday loans?|viagra|cialis|forex signals?|crypto (?:investment|trading|signals?)|passive income"
    r"|adult dating|make money online|double your (?:money|bitcoin)|replica watches|unsubscribe from (?:this|our) list)\b",
    re.IGNORECASE,
)
FREE_LINKS = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """`finds` gets a message and says how often the rule fits; `weight` counts for each time, at most `most` times."""

    reason: str
    weight: float
    finds: Callable[[InboundMessage], int]
    most: int = 1


def reasons_for_spam(message: InboundMessage) -> tuple[str, ...]:
    """Why this message belongs in Spam, heaviest rule first; empty when it does not."""
    found = [(rule.weight * min(rule.finds(message), rule.most), rule.reason) for rule in _RULES]
    if sum(weight for weight, _ in found) < THRESHOLD:
        return ()
    return tuple(reason for weight, reason in sorted(found, key=lambda pair: -pair[0]) if weight)


def _links_beyond_custom(message: InboundMessage) -> int:
    return max(0, len(_LINK.findall(message.text)) - FREE_LINKS)


def _link_in_name(message: InboundMessage) -> int:
    return len(_LINK.findall(message.sender.name))


def _link_in_subject(message: InboundMessage) -> int:
    return len(_LINK.findall(message.subject)) if message.subject not in message.text else 0


def _link_markup(message: InboundMessage) -> int:
    return len(_MARKUP.findall(message.text))


def _nothing_but_links(message: InboundMessage) -> int:
    rest = _LINK.sub("", message.text)
    return int(rest != message.text and len(rest.split()) <= 2)


def _pitches(message: InboundMessage) -> int:
    return len({hit.lower() for hit in _PITCHES.findall(f"{message.subject}\n{message.text}")})


def _has_link(message: InboundMessage) -> int:
    return int(bool(_LINK.search(message.text)))


def _random_letters(message: InboundMessage) -> int:
    """Name and message are each one word with capitals strewn through it ("hRtQvLmKs"): the mark of programs that probe forms."""
    return int(_is_random(message.sender.name) and _is_random(message.text))


def _is_random(text: str) -> bool:
    return bool(_ONE_WORD.fullmatch(text.strip())) and len(_INNER_CAPITAL.findall(text)) >= 2


_RULES = (
    Rule("a link in the name", 1.0, _link_in_name),
    Rule("a link in the subject", 1.0, _link_in_subject),
    Rule("links written as code", 1.0, _link_markup),
    Rule("many links", 0.5, _links_beyond_custom, most=4),
    Rule("nothing but links", 0.7, _nothing_but_links),
    Rule("words of mass advertising", 0.4, _pitches, most=4),
    Rule("random letters", 1.0, _random_letters),
    Rule("a link", 0.3, _has_link),
)
