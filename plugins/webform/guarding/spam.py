"""Content rules for what visitors write. Each rule that fits adds its weight; from 1.0 on a message is kept in Spam, never dropped.

The weights are set so that one careless habit (a link, a capital word) is not enough, and no language is held against anyone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from tidings import InboundMessage

__all__ = ["FREE_LINKS", "THRESHOLD", "SpamRules", "is_sender_rule", "lines_of", "reasons_for_spam"]

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
_SENDER = re.compile(r"[^\s@]*@?[^\s@.]+(?:\.[^\s@.]+)+")
FREE_LINKS = 3


@dataclass(frozen=True, slots=True)
class SpamRules:
    """What the owner decided beyond the rules below, all in lower case: words and phrases, mail addresses and domains, and how many links
    are fine."""

    words: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    free_links: int = FREE_LINKS

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "SpamRules":
        """From the plugin-wide settings, whatever is missing in them."""
        free = settings.get("free_links")
        return cls(
            words=lines_of(settings.get("blocked_words")),
            senders=tuple(line.removeprefix("@") for line in lines_of(settings.get("blocked_senders"))),
            free_links=FREE_LINKS if free is None else int(free),
        )


def lines_of(text: str | None) -> tuple[str, ...]:
    """The lines that say something, folded to lower case, each once."""
    return tuple(dict.fromkeys(" ".join(line.split()).casefold() for line in (text or "").splitlines() if line.strip()))


def is_sender_rule(line: str) -> bool:
    """Whether a line is a mail address, or a domain with or without "@" before it."""
    return bool(_SENDER.fullmatch(line))


@dataclass(frozen=True, slots=True)
class Rule:
    """`finds` gets a message and says how often the rule fits; `weight` counts for each time, at most `most` times."""

    reason: str
    weight: float
    finds: Callable[[InboundMessage], int]
    most: int = 1


def reasons_for_spam(message: InboundMessage, rules: SpamRules = SpamRules()) -> tuple[str, ...]:
    """Why this message belongs in Spam, heaviest rule first; empty when it does not."""
    found = [(rule.weight * min(rule.finds(message), rule.most), rule.reason) for rule in _all_rules(rules)]
    if sum(weight for weight, _ in found) < THRESHOLD:
        return ()
    return tuple(reason for weight, reason in sorted(found, key=lambda pair: -pair[0]) if weight)


def _all_rules(rules: SpamRules) -> "tuple[Rule, ...]":
    return (
        Rule("a blocked sender", THRESHOLD, partial(_blocked_sender, rules.senders)),
        Rule("a blocked word", THRESHOLD, partial(_blocked_word, rules.words)),
        Rule("many links", 0.5, partial(_links_beyond_custom, rules.free_links), most=4),
        *_RULES,
    )


def _blocked_sender(senders: tuple[str, ...], message: InboundMessage) -> int:
    address = message.sender.value.casefold()
    domain = address.rpartition("@")[2]
    return int(any(address == one or domain == one or domain.endswith(f".{one}") for one in senders))


def _blocked_word(words: tuple[str, ...], message: InboundMessage) -> int:
    text = " ".join(f"{message.sender.name}\n{message.subject}\n{message.text}".split()).casefold()
    return int(bool(words and _any_of(words).search(text)))


@lru_cache(maxsize=8)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words only; in scripts without capitals, such as Chinese, no spaces tell where words end, so any place counts."""
    return re.compile(
        "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" if one.upper() != one else re.escape(one) for one in words)
    )


def _links_beyond_custom(free_links: int, message: InboundMessage) -> int:
    return max(0, len(_LINK.findall(message.text)) - free_links)


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
    Rule("nothing but links", 0.7, _nothing_but_links),
    Rule("words of mass advertising", 0.4, _pitches, most=4),
    Rule("random letters", 1.0, _random_letters),
    Rule("a link", 0.3, _has_link),
)
