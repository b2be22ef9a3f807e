"""The lists of `phrases.toml`, read once: which phrases of mass advertising a text holds."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from plugins.webform.guarding.letters import folded

__all__ = ["found_in", "lists_in", "shared_domains", "shortener_domains"]

_FILE = Path(__file__).with_name("phrases.toml")
_LONGEST = 6_000
"""Characters of a text that are looked at: who sells something says so early."""
_SPACED = re.compile(r"[^\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0600-\u06ff]+\Z")


def found_in(text: str, section: str, *, without: Sequence[str] = ()) -> frozenset[str]:
    """The different phrases of a section ("topics", "threats", "calls", "targets", "praise", "customers") in a text, as they stand there,
    folded. Those that hold a word of `without` are left out."""
    looked_at = folded(text[:_LONGEST])
    hits = {hit.group() for pattern in _patterns()[section].values() for hit in pattern.finditer(looked_at)}
    return frozenset(hit for hit in hits if not any(word in hit for word in without))


def lists_in(text: str, section: str) -> frozenset[str]:
    """The names of the lists of a section ("pitch") of which a text holds a phrase."""
    looked_at = folded(text[:_LONGEST])
    return frozenset(name for name, pattern in _patterns()[section].items() if pattern.search(looked_at))


@cache
def shortener_domains() -> frozenset[str]:
    return frozenset(_read()["shorteners"]["domains"])


@cache
def shared_domains() -> frozenset[str]:
    """Sites on which everybody may leave pictures and files."""
    return frozenset(_read()["shared"]["domains"])


@cache
def _read() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _patterns() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    """Section to the name of a list to one large pattern, folded as texts are."""
    return {
        section: {name: _joined(phrases) for name, phrases in lists.items()}
        for section, lists in _read().items()
        if section not in ("shared", "shorteners")
    }


def _joined(phrases: Sequence[str]) -> re.Pattern[str]:
    """Whole words only, but anywhere in scripts that put no spaces between words or join other words to them."""
    plain = [folded(one) for one in phrases]
    spaced = "|".join(one for one in plain if _SPACED.match(one))
    joined = "|".join(one for one in plain if not _SPACED.match(one))
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)" + (f"|{joined}" if joined else ""))
