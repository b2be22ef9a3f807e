"""What speaks for and against a message before anything was learnt, in natural logarithms of odds: 2.5 makes spam twelve times as likely.

Words of the text have no place here: what is spam to one business is the trade of another. The filter learns them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from plugins.spamfilter.marks import HIDDEN
from tidings import MAIL, InboundMessage, Verdict, danger_of_file, translatable

__all__ = ["Finding", "findings_in"]

_MOST_HEADER, _MOST_HTML, _MOST_TEXT, _MOST_FILE = 64_000, 100_000, 20_000, 500_000

_LINK = re.compile(
    r"<a\b[^>]{0,2000}?\bhref\s*=\s*[\"']?(https?://[^\"'\s>]{4,500})[^>]{0,500}>(.{1,300}?)</a>",
    re.IGNORECASE | re.DOTALL,
)
_NAMED = re.compile(r"\s*(?:https?://)?((?:[a-z0-9-]{1,60}\.){1,5}[a-z]{2,12})(?:[/?#]\S*)?\s*", re.IGNORECASE)
_FLAG = re.compile(rb"^X-Spam(?:-Flag|-Status)?:[ \t]*yes\b", re.IGNORECASE | re.MULTILINE)
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_TAGS = re.compile(r"<[^>]{0,2000}>")
_NUMBER = re.compile(r"https?://(?:\d{1,3}\.){3}\d{1,3}\b", re.IGNORECASE)
_TWO_ALPHABETS = re.compile(
    r"[a-z][\u0430-\u0451\u03b1-\u03c9][a-z]|[\u0430-\u0451][a-z][\u0430-\u0451]", re.IGNORECASE
)
_PICTURE = re.compile(r"<img\b", re.IGNORECASE)
_FEW_WORDS = 12
_HARMFUL = frozenset({"program", "disguised", "macros", "packed", "reversed"})
"""What `danger_of_file` says of files that honest people seldom send; web pages and locked archives they do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that speaks for spam, or against it where `weight` is negative. `reason` is translatable."""

    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as the rules look at it."""

    message: InboundMessage
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    weight: float
    reason: str
    finds: Callable[[Reading], bool]


def findings_in(message: InboundMessage) -> Sequence[Finding]:
    """What the rules find, the heaviest first."""
    read = Reading(message, (message.html or "")[:_MOST_HTML], message.text[:_MOST_TEXT])
    found = [Finding(rule.weight, rule.reason) for rule in RULES if rule.finds(read)]
    found += [Finding(*_WARNINGS[one.kind]) for one in message.warnings if one.kind in _WARNINGS]
    return sorted(dict.fromkeys(found), key=lambda one: -one.weight)


def _is_marked(read: Reading) -> bool:
    """Whether a filter on the way said that it is spam. That one found nothing can be forged, and counts nothing."""
    mail = read.message.mail
    return mail is not None and bool(_FLAG.search(_END_OF_HEADER.split(mail.raw[:_MOST_HEADER], 1)[0]))


def _leads_elsewhere(read: Reading) -> bool:
    """Whether the words of a link are another site's address than it leads to."""
    for address, words in _LINK.findall(read.html):
        named = _NAMED.fullmatch(_TAGS.sub("", words))
        if named and _site(named[1]) != _site(_host(address)):
            return True
    return False


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _site(host: str) -> str:
    """The last two labels of its name, three below two short ones ("shop.co.uk")."""
    labels = host.casefold().split(".")
    return ".".join(labels[-3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else -2 :])


def _is_only_a_picture(read: Reading) -> bool:
    return bool(_PICTURE.search(read.html)) and len(read.text.split()) < _FEW_WORDS


def _has_no_id(read: Reading) -> bool:
    return read.message.sender.kind == MAIL and not read.message.external_id


def _names_no_host(read: Reading) -> bool:
    return bool(_NUMBER.search(read.html) or _NUMBER.search(read.text))


def _hides_characters(read: Reading) -> bool:
    return any(one.isalpha() for hit in HIDDEN.finditer(read.text) for one in _around(read.text, hit.start()))


def _around(text: str, at: int) -> str:
    """The characters on both sides of one, when both are there and Latin: other scripts need joiners."""
    pair = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
    return pair if len(pair) == 2 and pair.isascii() and pair.isalpha() else ""


def _mixes_alphabets(read: Reading) -> bool:
    return bool(_TWO_ALPHABETS.search(read.message.subject) or _TWO_ALPHABETS.search(read.text))


def _is_unsent(read: Reading) -> bool:
    """Whether the sender's domain names other servers as its own (SPF)."""
    vouched = read.message.authenticity
    return vouched is not None and vouched.spf is Verdict.FAIL and vouched.dmarc is not Verdict.PASS


def _has_dangerous_file(read: Reading) -> bool:
    """Of large files the name alone is looked at: what they hold takes too long here."""
    files = [(file.filename, file.data) for file in read.message.attachments[:20]]
    return any(danger_of_file(name, data if len(data) <= _MOST_FILE else b"") in _HARMFUL for name, data in files)


_WARNINGS = {
    "dmarc_failed": (2.5, translatable("a sender whose domain disowns it")),
    "lookalike_domain": (3.0, translatable("a domain that looks like another one")),
    "lookalike_name": (2.0, translatable("a name that belongs to somebody else")),
    "name_is_address": (1.5, translatable("a name that is another address")),
    "reply_elsewhere": (1.0, translatable("answers would go elsewhere")),
}
"""Kinds of `MessageWarning`; one that is not known here weighs nothing."""

RULES = (
    Rule(4.0, translatable("marked as spam on its way"), _is_marked),
    Rule(2.5, translatable("a link that leads elsewhere than it says"), _leads_elsewhere),
    Rule(2.0, translatable("invisible characters inside words"), _hides_characters),
    Rule(2.0, translatable("a file that can do harm"), _has_dangerous_file),
    Rule(1.5, translatable("words of two alphabets"), _mixes_alphabets),
    Rule(1.5, translatable("a link to a number in place of a site"), _names_no_host),
    Rule(1.0, translatable("hardly anything but pictures"), _is_only_a_picture),
    Rule(1.0, translatable("no Message-ID"), _has_no_id),
    Rule(1.0, translatable("sent from a server that its domain does not know"), _is_unsent),
)
