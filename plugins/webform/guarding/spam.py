"""What an owner decided about spam, and the weighing: from 1.0 on a message is kept in Spam, never dropped. The rules are in `content`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from plugins.webform.guarding.content import RULES, Reading, Rule
from plugins.webform.guarding.links import foreign_links
from plugins.webform.guarding.signals import THRESHOLD
from tidings import InboundMessage, translatable

__all__ = [
    "FREE_LINKS",
    "THRESHOLD",
    "Finding",
    "SpamRules",
    "findings_in",
    "is_enough",
    "is_sender_rule",
    "lines_of",
    "reasons_for_spam",
]

_SENDER = re.compile(r"[^\s@]*@?[^\s@.]+(?:\.[^\s@.]+)+")
FREE_LINKS = 3


@dataclass(frozen=True, slots=True)
class SpamRules:
    """What the owner decided beyond the rules of `content`, all in lower case: words and phrases, mail addresses and domains, how many
    links are fine, and words that are held against nobody because they belong to the owner's business."""

    words: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    free_links: int = FREE_LINKS
    fine_words: tuple[str, ...] = ()

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "SpamRules":
        """From the plugin-wide settings, whatever is missing in them."""
        free = settings.get("free_links")
        return cls(
            words=lines_of(settings.get("blocked_words")),
            senders=tuple(line.removeprefix("@") for line in lines_of(settings.get("blocked_senders"))),
            free_links=FREE_LINKS if free is None else int(free),
            fine_words=lines_of(settings.get("fine_words")),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that speaks against a message, and how much."""

    weight: float
    reason: str


def lines_of(text: str | None) -> tuple[str, ...]:
    """The lines that say something, folded to lower case, each once."""
    return tuple(dict.fromkeys(" ".join(line.split()).casefold() for line in (text or "").splitlines() if line.strip()))


def is_sender_rule(line: str) -> bool:
    """Whether a line is a mail address, or a domain with or without "@" before it."""
    return bool(_SENDER.fullmatch(line))


def findings_in(message: InboundMessage, rules: SpamRules = SpamRules()) -> tuple[Finding, ...]:
    """Everything that speaks against a message."""
    read = Reading(message, rules.fine_words)
    counted = ((rule, min(rule.finds(read), rule.most)) for rule in (*_own_rules(rules), *RULES))
    return tuple(Finding(rule.weight * count, rule.reason) for rule, count in counted if count)


def is_enough(findings: Sequence[Finding]) -> bool:
    """Whether it is enough for Spam."""
    return round(sum(one.weight for one in findings), 6) >= THRESHOLD


def reasons_for_spam(message: InboundMessage, rules: SpamRules = SpamRules()) -> tuple[str, ...]:
    """Why this message belongs in Spam, heaviest reason first; empty when it does not."""
    found = findings_in(message, rules)
    return tuple(one.reason for one in sorted(found, key=lambda one: -one.weight)) if is_enough(found) else ()


def _own_rules(rules: SpamRules) -> tuple[Rule, ...]:
    return (
        Rule(translatable("a blocked sender"), THRESHOLD, partial(_blocked_sender, rules.senders)),
        Rule(translatable("a blocked word"), THRESHOLD, partial(_blocked_word, rules.words)),
        Rule(translatable("many links"), 0.5, partial(_links_beyond_custom, rules.free_links), most=4),
    )


def _blocked_sender(senders: tuple[str, ...], read: Reading) -> int:
    address = read.message.sender.value.casefold()
    domain = address.rpartition("@")[2]
    return int(any(address == one or domain == one or domain.endswith(f".{one}") for one in senders))


def _blocked_word(words: tuple[str, ...], read: Reading) -> int:
    return int(bool(words and _any_of(words).search(" ".join(read.all.split()).casefold())))


@lru_cache(maxsize=8)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words only; in scripts without capitals, such as Chinese, no spaces tell where words end, so any place counts."""
    return re.compile(
        "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" if one.upper() != one else re.escape(one) for one in words)
    )


def _links_beyond_custom(free_links: int, read: Reading) -> int:
    return max(0, len(foreign_links(read.message, read.message.text)) - free_links)
