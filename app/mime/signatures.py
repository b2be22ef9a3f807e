"""Where the signature at the end of a text begins: a delimiter, a sign-off with a name, "Sent from my phone"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .reply_phrases import (
    DISCLAIMER,
    DISCLAIMER_BEGINS,
    POSTSCRIPT,
    SENT_FROM,
    SIGN_OFF,
    SIGN_OFF_ALONE,
    THANKS_ALONE,
)

_LOOK_BACK = 40  # lines; a signature is never longer
_DELIMITER = re.compile(r"\s*(?:--|—|__|–|- -)\s*\Z")
_RULE = re.compile(r"\s*(?:[-_=*~#+—–]{3,}|(?:[-_*~] ){3,})\s*\Z")
_DASH_NAME = re.compile(r"\s*[-–—~]{1,2} ?(\w[\w.'-]*(?: \w[\w.'-]*){0,3})\s*\Z")
_NAME = re.compile(r"\s*[-–—~]{1,2} ?\w[\w.'-]*(?: \w[\w.'-]*){0,3}\s*\Z")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:,? [^\W\d_][\w.'’-]*){0,3}[.!]?\Z")
_SHORT = 70


def signature_start(lines: Sequence[str], sender_name: str = "") -> int:
    """The index of the first line of the signature, `len(lines)` when there is none.

    The first line of a text is never taken for a signature.
    """
    filled = [i for i, line in enumerate(lines) if line.strip()]
    if not filled:
        return len(lines)
    first, end = filled[0], filled[-1] + 1
    found = end
    for at in range(max(first + 1, end - _LOOK_BACK), end):
        if len(lines[at]) > 20 and DISCLAIMER_BEGINS.match(lines[at][:500]) or _is_disclaimer_title(lines[at]):
            found = end = at
            break
    for at in range(max(first + 1, end - _LOOK_BACK), end):
        if lines[at].strip() and _begins_signature(lines, at, end, sender_name):
            return at
    return found if found < filled[-1] + 1 else len(lines)


def _is_disclaimer_title(line: str) -> bool:
    return 5 < len(line) <= 40 and DISCLAIMER_BEGINS.match(line) is not None


def _begins_signature(lines: Sequence[str], at: int, end: int, sender_name: str) -> bool:
    line = lines[at]
    if len(line) > 200:
        return False
    tail = [one.strip() for one in lines[at + 1 : end] if one.strip()]
    if _DELIMITER.match(line):
        return True
    if _RULE.match(line):
        return 0 < len(tail) <= 12 and all(_like_contact(one) for one in tail)
    if _is_sent_from(line) or (_is_sign_off(line, tail) and _only_signature_follows(tail)):
        return True
    if _is_dashed_name(line):
        return _only_signature_follows(tail) and not _is_list_item(lines[at - 1])
    return _is_senders_name(line, sender_name) and _only_signature_follows(tail)


def _is_sent_from(line: str) -> bool:
    """A phone's last line; a sentence that merely begins so is longer and ends with a full stop."""
    if len(line) > 120 or not SENT_FROM.match(line):
        return False
    return not (line.rstrip().endswith((".", "!", "?")) and len(line.split()) > 9)


def _is_dashed_name(line: str) -> bool:
    """ "-Ada Lovelace" or "- ada"; a list item is longer or in small letters."""
    match = _DASH_NAME.match(line)
    if match is None:
        return False
    words = match[1].split()
    return all(word[0].isupper() for word in words) or (len(words) == 1 and line.lstrip()[1:2] != " ")


def _is_list_item(line: str) -> bool:
    return line.lstrip().startswith(("-", "*", "–"))


def _is_sign_off(line: str, tail: list[str]) -> bool:
    if SIGN_OFF_ALONE.match(line):
        return True
    if THANKS_ALONE.match(line):
        return bool(tail) and (_NAME.match(tail[0].strip("*_ ")) is not None or _RULE.match(tail[0]) is not None)
    match = SIGN_OFF.match(line)
    if match is None or line[: match.start("name")].rstrip(" *_")[-1:] not in ",!.-–—":
        return False
    return _NAME.match(match["name"].strip()) is not None


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


def _is_senders_name(line: str, sender_name: str) -> bool:
    """A line of its own with the sender's name, or the beginning of it."""
    words = line.strip(" ,.-–—*_").lower().split()
    name = sender_name.lower().split()
    return (
        bool(name)
        and bool(words)
        and len(words) <= len(name) + 1
        and words[0] in name
        and (len(words) == 1 or words[-1] in name)
    )
