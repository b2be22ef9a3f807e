"""Sentences as customers and agents write them, made from a word list of our own; the same number gives the same text."""

import random
import tomllib
from bisect import bisect
from itertools import accumulate
from pathlib import Path

__all__ = ["COMMON_WORD", "COMPANIES", "FIRST_NAMES", "LAST_NAMES", "RARE_WORD", "paragraphs", "subject"]

COMMON_WORD = "order"
"""Stands in about half of all messages."""
RARE_WORD = "marzipan"
"""Stands in one message of five thousand."""
_RARE_EVERY = 5000

_LISTS = {
    name: words.split()
    for name, words in tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8")).items()
}
FIRST_NAMES, LAST_NAMES, COMPANIES, _WORDS = (
    _LISTS[name] for name in ("first_names", "last_names", "companies", "words")
)
_WEIGHTS = list(accumulate(1 / (rank + 6) for rank in range(len(_WORDS))))


def paragraphs(number: int, count: int = 2) -> list[str]:
    """`count` paragraphs of two to four sentences; about every third message names a number of its own."""
    rng = random.Random(number)
    found = [" ".join(_sentence(rng) for _ in range(rng.randint(2, 4))) for _ in range(count)]
    if number % 3 == 0:
        found.append(f"The reference is K{rng.randint(100_000, 999_999)}-{number % 97}.")
    if number % _RARE_EVERY == 7:
        found.append(f"It is about the {RARE_WORD} again.")
    return found


def subject(number: int) -> str:
    """A subject of three to seven words."""
    rng = random.Random(-number - 1)
    return _capital(" ".join(_words(rng, rng.randint(3, 7))))


def _sentence(rng: random.Random) -> str:
    return _capital(" ".join(_words(rng, rng.randint(6, 16)))) + rng.choice("...?!")


def _words(rng: random.Random, count: int) -> list[str]:
    top = _WEIGHTS[-1]
    return [_WORDS[bisect(_WEIGHTS, rng.random() * top)] for _ in range(count)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
