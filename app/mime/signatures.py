"""Where the signature at the end of a text begins: a delimiter, a sign-off with a name, "Sent from my phone"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .signature_phrases import (
    DISCLAIMER,
    DISCLAIMER_BEGINS,
    DISCLAIMER_FIRST,
    POSTSCRIPT,
    SENT_FROM,
    SENT_FROM_ENDINGS,
    SENT_FROM_FIRST,
    SIGN_OFFS,
    SIGNATURE_FIRST,
    THANKS,
)

_LOOK_BACK = 40  # lines; a signature is never longer
_LONGEST_LINE = 200
_SHORT = 70
_FIRST_IDEOGRAPH = "\u2e80"
_EDGE = " \t*_>\"'|[-"
_END = " \t,.;:!*_-–—~"
_DELIMITERS = {"--", "—", "__", "–", "- -"}
_RULE = re.compile(r"(?:[-_=*~#+—–]{3,}|(?:[-_*~] ){3,}[-_*~]?)\Z")
_DASH_NAME = re.compile(r"[-–—~]{1,2} ?(\w[\w.'-]*(?: \w[\w.'-]*){0,3})\Z")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:,? [^\W\d_][\w.'’-]*){0,3}[.!]?\Z")
_BETWEEN = re.compile(r"[,!.–—]| - ")
_DEVICE = re.compile(r"iphone|ipad|android|mobiltelefon|smartphone|outlook|samsung|galaxy|gmx|web\.de|yahoo", re.I)
_SYMBOLS = re.compile(r"[^\w\s,.!'&-]+")


def signature_start(lines: Sequence[str], sender_name: str = "") -> int:
    """The index of the first line of the signature, `len(lines)` when there is none.

    The first line of a text is never taken for a signature.
    """
    at, last = _last_lines(lines)
    words = [line.split(None, 1)[0].strip(_EDGE + _END).lower() for line in last]
    found = next((k for k, word in enumerate(words) if word in DISCLAIMER_FIRST and _is_disclaimer(last[k])), len(at))
    last = last[:found]
    names = sender_name.lower().split()
    for k, line in enumerate(last):
        if _may_begin(line, words[k], names) and _begins_signature(line, last[k + 1 :], names, _before(last, k)):
            return at[k]
    return at[found] if found < len(at) else len(lines)


def _last_lines(lines: Sequence[str]) -> tuple[list[int], list[str]]:
    """(index, text without blanks around) of the last lines that hold any text, but never of the first."""
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    end = next((i for i in range(len(lines) - 1, first, -1) if lines[i].strip()), first)
    found = [(i, lines[i].strip()) for i in range(max(first + 1, end - _LOOK_BACK), end + 1)]
    found = [(i, line) for i, line in found if line]
    return [i for i, _ in found], [line for _, line in found]


def _may_begin(line: str, word: str, names: list[str]) -> bool:
    """The quick look that most lines do not pass."""
    if len(line) > _LONGEST_LINE:
        return False
    return (
        word in SIGNATURE_FIRST
        or not line[0].isalnum()
        or word in names
        or line[0] > _FIRST_IDEOGRAPH
        or line.endswith(SENT_FROM_ENDINGS)
    )


def _before(lines: Sequence[str], k: int) -> str:
    return lines[k - 1] if k else ""


def _is_disclaimer(line: str) -> bool:
    return DISCLAIMER_BEGINS.match(line[:500]) is not None


def _begins_signature(line: str, tail: list[str], sender_names: list[str], before: str) -> bool:
    if not line[0].isalnum():
        if line in _DELIMITERS:
            return True
        if _RULE.match(line):
            return 0 < len(tail) <= 12 and all(_like_contact(one) for one in tail)
        if _is_dashed_name(line) and not before.startswith(("-", "*", "–")):
            return _only_signature_follows(tail)
    return (
        _is_sent_from(line)
        or (_is_sign_off(line, tail) and _only_signature_follows(tail))
        or (_is_senders_name(line, sender_names) and _only_signature_follows(tail))
    )


def _is_sent_from(line: str) -> bool:
    """A phone's last line; a sentence that merely begins so is longer and ends with a full stop."""
    first = line.split(None, 1)[0].strip(_EDGE).lower()
    if first not in SENT_FROM_FIRST and first[:1] <= _FIRST_IDEOGRAPH and not line.endswith(SENT_FROM_ENDINGS):
        return False
    if len(line) > 160 or not SENT_FROM.match(line):
        return False
    longest = 14 if _DEVICE.search(line) else 9
    return not (line.endswith((".", "!", "?")) and len(line.split()) > longest)


def _is_dashed_name(line: str) -> bool:
    """ "-Ada Lovelace" or "-ada"; a list item is longer or in small letters."""
    match = _DASH_NAME.match(line)
    if match is None:
        return False
    words = match[1].split()
    return all(word[0].isupper() for word in words) or (len(words) == 1 and line[1:2] != " ")


def _is_sign_off(line: str, tail: list[str]) -> bool:
    """ "Best regards," alone, or with the name behind it; a word of thanks only before a name."""
    if len(line) > 80:
        return False
    phrase = _SYMBOLS.sub(" ", line.lower()).replace("’", "'").strip(_END)
    if phrase in SIGN_OFFS:
        return True
    if phrase in THANKS:
        return bool(tail) and (_NAME.match(tail[0].strip("*_ ")) is not None or _RULE.match(tail[0]) is not None)
    match = _BETWEEN.search(line)
    if match is None:
        return False
    first = line[: match.start()].lower().replace("’", "'").strip(_EDGE + _END)
    return (first in SIGN_OFFS or first in THANKS) and _NAME.match(line[match.end() :].strip(_END)) is not None


def _only_signature_follows(tail: list[str]) -> bool:
    """True when what follows looks like name, job, company, addresses and a disclaimer; a postscript does not."""
    if len(tail) > 20 or any(POSTSCRIPT.match(one) for one in tail):
        return False
    if not tail:
        return True
    if not _like_contact(tail[0]):
        return False
    long_lines = [one for one in tail if not _like_contact(one)]
    return not long_lines or any(DISCLAIMER.search(one) for one in long_lines) or len(long_lines) * 4 <= len(tail)


def _like_contact(line: str) -> bool:
    if " " not in line:
        return True
    return len(line) <= _SHORT and not (line.endswith((".", "?")) and len(line.split()) > 5)


def _is_senders_name(line: str, sender_names: list[str]) -> bool:
    """A line of its own with the sender's name, or the beginning of it."""
    if not sender_names or len(line) > _SHORT:
        return False
    words = line.strip(_END).lower().split()
    if not words or len(words) > len(sender_names) + 1 or words[0] not in sender_names:
        return False
    return len(words) == 1 or words[-1] in sender_names
