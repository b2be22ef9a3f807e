"""How long a post counts at X, which is not how many characters it has: links count 23, most scripts of the East and emoji 2.

The rule is that of twitter-text, configuration 3: https://docs.x.com/fundamentals/counting-characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from linkify_it import LinkifyIt

__all__ = ["LONG_POST", "SHORT_POST", "URL_LENGTH", "weighted_length"]

SHORT_POST = 280
LONG_POST = 25_000
"""What subscribers may write: https://help.x.com/en/using-x/x-premium."""
URL_LENGTH = 23

_LIGHT_RANGES = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2"
    "\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297"
    "\u3299\U0001f000-\U0001faff]"
)
_TONE = "[\U0001f3fb-\U0001f3ff]"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # flags of countries
    "|[0-9#*]\ufe0f?\u20e3"  # keycaps
    f"|{_PICTURE}(?:\ufe0f|{_TONE})?(?:[\U000e0020-\U000e007f]+)?(?:\u200d{_PICTURE}(?:\ufe0f|{_TONE})?)*"
)
_NEWER_DOMAINS = [
    "agency", "app", "blog", "cloud", "dev", "email", "jobs", "live", "news", "online", "site", "store", "support", "tech", "tokyo",
    "wiki", "world", "xyz",
]  # fmt: skip


def weighted_length(text: str) -> int:
    """Return what X counts for a text, after normalising it (NFC). A bare domain counts as a link where its ending is well known."""
    normal = unicodedata.normalize("NFC", text)
    rest, links = _without_links(normal)
    rest, emoji = _EMOJI.subn("", rest)
    return links * URL_LENGTH + emoji * 2 + sum(map(_weight, rest))


def _weight(character: str) -> int:
    code = ord(character)
    return 1 if any(first <= code <= last for first, last in _LIGHT_RANGES) else 2


def _without_links(text: str) -> tuple[str, int]:
    kept, at, count = [], 0, 0
    for match in _finder().match(text) or ():
        if match.schema not in ("", "http:", "https:"):
            continue
        kept.append(text[at : match.index])
        at, count = match.last_index, count + 1
    return "".join([*kept, text[at:]]), count


@cache
def _finder() -> LinkifyIt:
    finder = LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False})
    return finder.tlds(_NEWER_DOMAINS, True)
