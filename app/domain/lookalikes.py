"""Names that are made to be mistaken for others: domains one letter away, letters borrowed from other alphabets, names of colleagues.

Pure: the caller brings whom the installation knows.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Acquaintances", "Familiar", "address_in_name", "folded_name", "lookalike_of", "organisation_of"]

LEAST_SEEN = 3
"""Days on which a domain must have proven itself before others are measured by it."""
_FAR_BETTER_KNOWN = 3
_SHORTEST = 5
"""Letters of a name that another may differ from by one; between shorter ones a single letter is no likeness."""
_MOST = 5_000

_BORROWED = str.maketrans(
    "асԁеһіјӏорԛгѕտсухԝꞵαβενικορτυχωζаɡıłøđħŧᴏꜱ0135",
    "acdehijlopqrstcyxwbabevikoptuxwzagilodhtosoles",
)
"""Letters of Cyrillic, Greek and Armenian, strange Latin ones and digits, and the Latin letters they look like."""
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SHARED_SECOND = frozenset({
    "ac", "asn", "asso", "biz", "co", "com", "ed", "edu", "firm", "gen", "go", "gob", "gouv", "gov", "gv", "id", "in", "ind", "info",
    "law", "ltd", "me", "mil", "ne", "net", "nhs", "nic", "nom", "or", "org", "plc", "pro", "res", "sch", "school", "tm", "web",
})  # fmt: skip
"""Labels below which countries register names: "co" of "shop.co.uk"."""
_ADDRESS = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")


@dataclass(frozen=True, slots=True)
class Acquaintances:
    """Whom the installation knows. `own`: domains of its accounts and agents. `domains`: to on how many days they proved themselves.
    `names`: folded names of agents and of the business."""

    own: frozenset[str]
    domains: Mapping[str, int]
    names: frozenset[str]
    read_at: datetime


@dataclass
class Familiar:
    """The acquaintances as they were last read, what was found out by them, and the domains that were noted on a day."""

    known: Acquaintances | None = None
    found: dict[str, str | None] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)
    noted_on: str = ""

    def was_noted(self, domain: str, day: str) -> bool:
        return self.noted_on == day and domain in self.noted

    def note(self, domain: str, day: str) -> None:
        """Remember that a domain was noted on a day. Earlier days are forgotten, and everything where it is much: then some are noted once
        more."""
        if self.noted_on != day or len(self.noted) >= _MOST:
            self.noted, self.noted_on = set(), day
        self.noted.add(domain)

    def renew(self, known: Acquaintances) -> None:
        self.known = known
        self.found.clear()

    def lookalike_of(self, domain: str) -> str | None:
        """As the function of this name, each answer remembered until the acquaintances are renewed."""
        if self.known is None:
            return None
        if len(self.found) >= _MOST:
            self.found.clear()
        if domain not in self.found:
            self.found[domain] = lookalike_of(domain, self.known.own, self.known.domains)
        return self.found[domain]


def lookalike_of(domain: str, own: Collection[str], known: Mapping[str, int]) -> str | None:
    """The domain that this one could be mistaken for, None when there is none.

    `known`: domains to on how many days they proved themselves. Somebody who copies a name soon has proven the copy, so the other must be
    far better known. Those are organisations (`organisation_of`), and so is whoever is measured by them.
    """
    if any(domain == one or domain.endswith(f".{one}") for one in own):
        return None
    copied = next((one for one in own if _is_inside(domain, one) or _is_alike(domain, one)), None)
    if copied is not None:
        return copied
    least = max(LEAST_SEEN, _FAR_BETTER_KNOWN * known.get(organisation_of(domain), 0))
    return next(
        (one for one, days in known.items() if days >= least and one != domain and _is_alike(domain, one)), None
    )


def organisation_of(domain: str) -> str:
    """The part of a domain that somebody had to register: its last two labels, three where the second belongs to a country
    ("mail.shop.co.uk" → "shop.co.uk"). Whoever has that can invent as many names below it as they like.

    Without a list of all public suffixes it is a guess: all who got a name below that of the same host are taken for one.
    """
    labels = domain.split(".")
    has_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_SECOND
    return ".".join(labels[-3 if has_country else -2 :])


def folded_name(name: str) -> str:
    """A person's name without what makes it only look different: capitals, accents, borrowed letters, signs."""
    return " ".join(re.sub(r"[^\w\s]", " ", _plain(name)).split())


def address_in_name(name: str) -> str | None:
    """The mail address that somebody uses as a name, in lower case."""
    found = _ADDRESS.search(name[:500])
    return found[0].lower() if found else None


def _is_inside(domain: str, own: str) -> bool:
    """ "example.com.elsewhere.net" """
    return f".{domain}.".find(f".{own}.") >= 0


def _is_alike(domain: str, known: str) -> bool:
    """Whether both end alike and the name before that looks alike."""
    ours, theirs = known.split("."), domain.split(".")
    while len(ours) > 1 and len(theirs) > 1 and ours[-1] == theirs[-1]:
        ours.pop()
        theirs.pop()
    if len(ours) > 1 or (ours[-1] == known.rpartition(".")[2]):
        return False
    name, other = _shown(theirs[-1]), _shown(ours[-1])
    if name == other:
        return False
    return _skeleton(name) == _skeleton(other) or (
        min(len(name), len(other)) >= _SHORTEST and _is_one_away(name, other)
    )


def _shown(label: str) -> str:
    """A label of a domain as people read it."""
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _skeleton(text: str) -> str:
    plain = _plain(text)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one)).translate(_BORROWED)


def _is_one_away(a: str, b: str) -> bool:
    """Whether one letter was added, left out, replaced, or changed places with the next. Counted things differ by a digit."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    at = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return a[at:] == b[at + 1 :] and not b[at].isdigit()
    if a[at + 1 :] == b[at + 1 :]:
        return not (a[at].isdigit() and b[at].isdigit())
    return a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :]
