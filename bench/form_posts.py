"""Spam and genuine posts for a form, made from the phrases in `form_words` with a fixed seed: the same ones each time."""

import itertools
import random
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

__all__ = ["SHOP", "Post", "genuine_posts", "spam_posts"]

SHOP = "https://www.shop.test"
_FOLDER = Path(__file__).parent / "form_words"
_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<(link|site|n|name|code|order|page|phone)>")
_LONG, _SHARED_BY = 9, 2
"""Up to so many words people may well write alike ("Where is my order?"). Longer texts are made of sentences, so that each is another, and
so many people at most write the same long sentence."""


@dataclass(frozen=True, slots=True)
class Post:
    """One visitor who fills in the form. `typing_s` is how long they take; `trap` is what they put where people see nothing."""

    style: str
    name: str
    email: str
    subject: str
    message: str
    address: str
    language: str = "en"
    typing_s: float = 40.0
    trap: str = ""


def spam_posts(count: int, words: str, seed: int) -> list[Post]:
    """`count` posts of all styles in equal shares; `words` is the set of phrases, a letter."""
    rng = random.Random(f"spam {words} {seed}")
    said = _read(f"spam_{words}.toml")
    makers = {style: partial(_told, said, style) for style in said["styles"] if style != "plain_talk"}
    makers |= {"gibberish": _gibberish, "same": _same, "trap": partial(_trapped, said), "fast": partial(_fast, said)}
    makers |= {"rotating": partial(_rotating, said)}
    styles = sorted(makers)
    return [makers[styles[number % len(styles)]](rng) for number in range(count)]


def genuine_posts(count: int, words: str, seed: int) -> list[Post]:
    """`count` posts of customers; every eighth one comes from the same office. No long sentence is written by more than two of them."""
    rng = random.Random(f"genuine {words} {seed}")
    said, told, posts = _read("genuine.toml"), Counter[str](), list[Post]()
    for number in itertools.count():
        if len(posts) == count:
            break
        post = _genuine(rng, said, said[words], number)
        sentences = {one for one in _sentences(post.message) if len(one.split()) > _LONG}
        if all(told[one] < _SHARED_BY for one in sentences):
            posts.append(post)
            told.update(sentences)
    return posts


def _genuine(rng: random.Random, said: Mapping[str, Any], texts: Sequence[str], number: int) -> Post:
    """A text as it is written; where they are used up, a sentence of it with one of another text of the same set."""
    text = texts[number % len(texts)]
    is_office = number % 8 == 0
    name = rng.choice(said["office"] if is_office else said["names"])
    address = f"203.0.113.{rng.randint(1, 6)}" if is_office else f"198.51.{number % 250}.{rng.randint(1, 254)}"
    if number >= len(texts) and len(text.split()) > _LONG:
        text = f"{rng.choice(_sentences(text))} {rng.choice(_sentences(_other(rng, texts, text)))}"
    message = _filled(rng, text, [])
    subject = " ".join(message.split()[:4])[:60] if number % 2 else ""
    email = f"{_plain(name)}{number}@{rng.choice(said['mail_domains'])}"
    return Post("genuine", name, email, subject, message, address, _language_of(message), typing_s=rng.uniform(8, 300))


def _other(rng: random.Random, texts: Sequence[str], text: str) -> str:
    """Another text in about the same language."""
    others = [one for one in texts if one != text and "```" not in one]
    return rng.choice([one for one in others if _language_of(one) == _language_of(text)] or others)


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?;；？。])\s+", text)


def _told(said: Mapping[str, Any], style: str, rng: random.Random) -> Post:
    text = _filled(rng, rng.choice(said["styles"][style]), said["domains"])
    name = rng.choice(said["names"])
    subject = rng.choice(["", "Offer", "Question", "Hello", " ".join(text.split()[:3])])
    language = rng.choice(["en-US", "en-US", "en-GB", "de-DE", "ru-RU"])
    return Post(
        style, name, _mail(rng, name, said), subject[:80], text, _address(rng), language, typing_s=rng.uniform(4, 90)
    )


def _rotating(said: Mapping[str, Any], rng: random.Random) -> Post:
    """Slow like a person, from another address each time, in full sentences."""
    made = _told(said, rng.choice(["seo", "money", "copied"]), rng)
    return Post(
        "rotating", made.name, made.email, made.subject, made.message, _address(rng), "en-US", rng.uniform(60, 400)
    )


def _trapped(said: Mapping[str, Any], rng: random.Random) -> Post:
    made = _told(said, "plain_talk", rng)
    return Post(
        "trap", made.name, made.email, "", made.message, made.address, trap=f"http://{rng.choice(said['domains'])}"
    )


def _fast(said: Mapping[str, Any], rng: random.Random) -> Post:
    made = _told(said, "plain_talk", rng)
    return Post("fast", made.name, made.email, "", made.message, made.address, typing_s=rng.uniform(0.1, 1.5))


def _gibberish(rng: random.Random) -> Post:
    letters = rng.choice([string.ascii_letters, string.ascii_lowercase])

    def word(least: int, most: int) -> str:
        return "".join(rng.choices(letters, k=rng.randint(least, most)))

    text = " ".join(word(5, 14) for _ in range(rng.randint(2, 9)))
    return Post("gibberish", word(6, 12), f"{word(5, 9).lower()}@gmail.com", word(5, 10), text, _address(rng), "en-US")


def _same(rng: random.Random) -> Post:
    value = rng.choice(["test", "1", "hello", "buy", "TestUser", "aaa", "qwerty"]) + rng.choice(["", "1", "12"])
    return Post("same", value, f"{value.lower()}@example.net", value, value, _address(rng), "en-US")


# ---- pieces
def _filled(rng: random.Random, text: str, domains: Sequence[str]) -> str:
    """One of each choice, and every slot filled."""
    while "```" not in text and '{"' not in text and _CHOICE.search(text):
        text = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), text, count=1)
    values = _values(rng, domains)
    return _SLOT.sub(lambda match: next(values[match[1]]), text)


def _values(rng: random.Random, domains: Sequence[str]) -> Mapping[str, Iterator[str]]:
    def each(make: Any) -> Iterator[str]:
        while True:
            yield make()

    def word(k: int) -> str:
        return "".join(rng.choices(string.ascii_lowercase + string.digits, k=k))

    return {
        "link": each(lambda: f"https://{rng.choice(['', 'www.', word(4) + '.'])}{rng.choice(domains)}/{word(6)}"),
        "site": each(lambda: "shop.test"),
        "n": each(lambda: str(rng.randint(3, 900))),
        "name": each(lambda: rng.choice(["Alex", "Priya", "Daniel"])),
        "code": each(lambda: word(7)),
        "order": each(lambda: f"{rng.choice(['', '#', 'A-'])}{rng.randint(10_000, 99_999)}"),
        "page": each(lambda: f"{SHOP}/{rng.choice(['boots', 'orders', 'chairs', 'cart'])}/{rng.randint(1, 999)}"),
        "phone": each(lambda: rng.choice(["+49 431 ", "0171 ", "+33 1 44 ", "(020) 7946 "]) + str(rng.randint(10_000, 999_999))),
    }  # fmt: skip


def _language_of(text: str) -> str:
    """What the browser of somebody who writes so asks for, roughly."""
    for language, letters in {"ru": "[а-я]", "el": "[α-ω]", "ar": "[ء-ي]", "zh": "[一-龥]"}.items():
        if re.search(letters, text):
            return language
    for language, words in {
        "de": "ich|bitte|der|ist",
        "fr": "je|votre|est",
        "es": "mi|su|el|la",
        "pl": "czy|proszę|nie",
    }.items():
        if re.search(rf"\b(?:{words})\b", text.lower()):
            return language
    return "en"


def _mail(rng: random.Random, name: str, said: Mapping[str, Any]) -> str:
    return f"{_plain(name)}{rng.randint(1, 9999)}@{rng.choice(said['mail_domains'])}"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower()) or "somebody"


def _address(rng: random.Random) -> str:
    return f"{rng.randint(11, 190)}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
