"""What a message is known by: its words, the sites it links to, who sent it, what came with it; each a mark with a number of 63 bits.

Pure, and in any language: no list of words, no grammar. Scripts that put no spaces between words give pairs of characters. How the HTML of
a mail is made is left out: newsletters that people want are made like spam.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from urllib.parse import urlsplit

from tidings import InboundMessage

__all__ = ["HIDDEN", "MOST", "domain_mark", "marks_of", "number_of", "sender_mark"]

MOST = 250
"""Marks of one message. What comes first says most: who sent it, then the subject, the links, and the text from its beginning."""

_MOST_CHARACTERS, _MOST_HTML, _MOST_SITES = 8_000, 100_000, 40
_SHORTEST, _LONGEST = 3, 24

HIDDEN = re.compile("[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]")
"""Characters that nobody sees; put into words so that no filter knows them."""
_WORD = re.compile(r"[$€£]?\w[\w'’-]*[%!]?")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"'\])]+", re.IGNORECASE)


def marks_of(message: InboundMessage) -> Mapping[int, str]:
    """The marks of a message, at most `MOST`: the number of each and what it stands for, a kind and a value such as
    "site shop.example.com"."""
    return {number_of(mark): mark for mark in islice(dict.fromkeys(_all_marks(message)), MOST)}


def number_of(mark: str) -> int:
    """A digest that fits a signed column of 64 bits, the same on every machine."""
    return int.from_bytes(blake2b(mark.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def sender_mark(address: str) -> str:
    """The mark of who sent it."""
    return f"from {address.casefold()[:120]}"


def domain_mark(address: str) -> str:
    """The mark of the domain, or the network, that it was sent from."""
    return f"domain {_domain(address)}"


def _all_marks(message: InboundMessage) -> Iterator[str]:
    text = _folded(message.text)
    yield from _sender(message)
    yield from _beside(message)
    yield from (f"subject {word}" for word in _words(_folded(message.subject)))
    yield from _sites(text, (message.html or "")[:_MOST_HTML].casefold())
    yield from (f"word {word}" for word in _words(_ADDRESS.sub(" ", text)))


def _folded(text: str) -> str:
    return HIDDEN.sub("", unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS])).casefold()


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if _UNSPACED.search(word):
            yield from (word[at : at + 2] for at in range(max(1, len(word) - 1)))
        elif _SHORTEST <= len(word) <= _LONGEST:
            yield word


def _sender(message: InboundMessage) -> Iterator[str]:
    address = message.sender.value
    yield sender_mark(address)
    yield domain_mark(address)
    yield from (f"domain {name}" for name in _parents(_domain(address)))
    yield from (f"name {word}" for word in _words(_folded(message.sender.name)))
    yield from (f"reply {_domain(person.value)}" for person in message.reply_to[:5])


def _domain(address: str) -> str:
    return address.casefold().rpartition("@")[2][:200]


def _parents(host: str) -> Iterator[str]:
    """ "mail.shop.example.com" and what it stands below, but for the last label."""
    labels = host[:200].split(".")[-4:]
    yield from (".".join(labels[at:]) for at in range(max(1, len(labels) - 1)))


def _beside(message: InboundMessage) -> Iterator[str]:
    yield from (f"warning {one.kind[:40]}" for one in message.warnings[:10])
    for file in message.attachments[:10]:
        yield f"file {file.content_type.casefold()[:60]}"
        yield f"file {file.filename.rpartition('.')[2].casefold()[:12]}"


def _sites(text: str, html: str) -> Iterator[str]:
    addresses = dict.fromkeys([*_ADDRESS.findall(text), *_ADDRESS.findall(html)])
    for address in islice(addresses, _MOST_SITES):
        try:
            parts = urlsplit(address if "://" in address else f"http://{address}")
            host = parts.hostname or ""
        except ValueError:
            continue
        yield from (f"site {name}" for name in _parents(host))
        yield from (f"path {word}" for word in islice(_words(parts.path), 6))
