"""Where the signature at the end of a text begins: a delimiter, a sign-off with a name, "Sent from my phone"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .reply_phrases import DISCLAIMER, POSTSCRIPT, SENT_FROM, SIGN_OFF, SIGN_OFF_ALONE

_LOOK_BACK = 40  # lines; a signature is never longer
_DELIMITER = re.compile(r"\s*(?:--|—|__|–|- -)\s*\Z")
_RULE = re.compile(r"\s*(?:[-_=*~#+—–]{3,}|(?:[-_*~] ){3,})\s*\Z")
_DASH_NAME = re.compile(r"\s*[-–—~]{1,2} ?\w[\w.'-]*(?: \w[\w.'-]*){0,3}\s*\Z")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:,? [^\W\d_][\w.'’-]*){0,3}[.!]?\Z")
_SENTENCE_END = re.compile(r"[.!?…。？！]\s*\Z")
_SHORT = 70


def signature_start(lines: Sequence[str], sender_name: str = "") -> int:
    """The index of the first line of the signature, `len(lines)` when there is none.

    The first line of a text is never taken for a signature.
    """
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    first_text = next((i for i in range(end) if lines[i].strip()), end)
    for at in range(max(first_text + 1, end - _LOOK_BACK), end):
        if lines[at].strip() and _begins_signature(lines, at, end, sender_name):
            return at
    return len(lines)


def _begins_signature(lines: Sequence[str], at: int, end: int, sender_name: str) -> bool:
    line = lines[at]
    if len(line) > 200:
        return False
    tail = [one.strip() for one in lines[at + 1 : end] if one.strip()]
    if _DELIMITER.match(line):
        return True
    if _RULE.match(line):
        return 0 < len(tail) <= 8 and all(_like_contact(one) for one in tail)
    if len(line) <= 120 and SENT_FROM.match(line) and not _SENTENCE_END.search(line.rstrip(". ")):
        return not (line.rstrip().endswith(".") and len(line.split()) > 9)
    if _is_sign_off(line) and _only_signature_follows(tail):
        return True
    if at == end - 1 and _DASH_NAME.match(line) and not lines[at - 1].lstrip().startswith(("-", "*")):
        return True
    return _is_senders_name(line, sender_name) and _only_signature_follows(tail)


def _is_sign_off(line: str) -> bool:
    if SIGN_OFF_ALONE.match(line):
        return True
    match = SIGN_OFF.match(line)
    return (
        match is not None
        and line[: match.start("name")].rstrip(" *_")[-1:] in ",!.-–—"
        and bool(_NAME.match(match["name"].strip()))
    )


def _only_signature_follows(tail: list[str]) -> bool:
    """True when what follows looks like name, job, company, addresses and a disclaimer; a postscript does not."""
    if len(tail) > 14 or any(POSTSCRIPT.match(one) for one in tail):
        return False
    if not tail:
        return True
    if not _like_contact(tail[0]):
        return False
    long_lines = [one for one in tail if not _like_contact(one)]
    return not long_lines or any(DISCLAIMER.search(one) for one in long_lines) or len(long_lines) * 4 <= len(tail)


def _like_contact(line: str) -> bool:
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
