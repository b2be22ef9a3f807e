"""What a person wrote in a reply, told apart from the quoted mail and the signature.

One pass over the lines finds the quotes: lines with ">", the line that introduces them, and the point where an
unmarked older mail begins. The words to look for are in `reply_phrases`, signatures in `signatures`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .html_text import has_quote_marks, html_to_text
from .reply_phrases import (
    ADDRESS,
    DATE_OR_TIME,
    FROM_LABELS,
    LEAD,
    ORIGINAL_BEGINNINGS,
    ORIGINALS,
    STRONG_LEAD,
    SUBJECT_LABELS,
    TO_LABELS,
    VERB,
    VERB_ENDINGS,
    WHEN_LABELS,
)
from .signatures import signature_start

_LONGEST_LINE = 400
_MOST_LINES = 20_000  # nobody's reply is longer; below that only quote marks count
_INTRODUCTION_LINES = 5
_LONGEST_INTRODUCTION = 500
_HEADER_LINES = 8
_RULE = re.compile(r"[\s>]*[-_=*—–]{3,}\s*\Z")
_DIGIT = re.compile(r"\d")
_OPENINGS = "-_=*–—oO"
_DASHES = {a + b for a in "-_=*–—" for b in "-_=*–— "}
_HEADER_KINDS = (("when", WHEN_LABELS), ("to", TO_LABELS), ("subject", SUBJECT_LABELS))
_MANY_BREAKS = re.compile(r"\n(?:[ \t]*\n){2,}")
_EDGE = " \t*_>|-–—"


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """`reply` is what was written now; `rest` is the signature and the quoted mail, empty when there is none."""

    reply: str
    rest: str


def split_reply(text: str, html: str | None = None, *, sender_name: str = "") -> ReplyParts:
    """`text` in two: what was written now, and the rest. The reply is never empty when the text is not.

    `html` is the same message as HTML: its marks are used where the text shows no quote.
    """
    parts, quoted = _split(text, sender_name)
    if not quoted and html and has_quote_marks(html):
        marked, found = _split(html_to_text(html), sender_name)
        if found:
            return marked
    return parts


def has_quote(rest: str) -> bool:
    """Whether the rest of a split text holds an older mail; without one it is a signature alone."""
    return True in _find_quotes(rest.split("\n"))


def _split(text: str, sender_name: str) -> tuple[ReplyParts, bool]:
    """(the parts, was there a quote)"""
    lines = text.split("\n")
    is_quote = _find_quotes(lines)
    quoted = True in is_quote
    own = [line for line, quote in zip(lines, is_quote, strict=True) if not quote] if quoted else lines
    kept = signature_start(own, sender_name)
    reply = "\n".join(own[:kept]).strip()
    if not reply:
        kept, reply = len(own), "\n".join(own).strip()
    if not reply:
        return ReplyParts(text.strip(), ""), False
    left_out = _left_out(lines, is_quote, kept) if quoted else lines[kept:]
    return ReplyParts(_levelled(reply), "\n".join(left_out).strip("\n")), quoted


def _left_out(lines: Sequence[str], is_quote: Sequence[bool], kept: int) -> list[str]:
    out, own = [], 0
    for line, quote in zip(lines, is_quote, strict=True):
        own += not quote
        if quote or own > kept:
            out.append(line)
    return out


def _levelled(reply: str) -> str:
    return _MANY_BREAKS.sub("\n\n", reply) if "\n\n\n" in reply or "\n \n" in reply else reply


def _find_quotes(lines: Sequence[str]) -> list[bool]:
    """For each line whether it belongs to a quoted mail."""
    is_quote = [False] * len(lines)
    for at, line in enumerate(lines):
        stripped = line.strip()
        if not stripped:
            continue
        first, last = stripped[0], stripped[-1]
        if first in ">＞" and not _closes_address(lines, at, stripped):
            is_quote[at] = True
            continue
        # most lines of a text pass none of these looks
        ends_open = last in ":：-—–_*"
        if not (ends_open or "@" in stripped or ":" in stripped[:40] or first in _OPENINGS or "：" in stripped[:40]):
            continue
        if len(stripped) > _LONGEST_LINE or at > _MOST_LINES:
            continue
        if _older_mail_begins(lines, at, stripped, ends_open=ends_open):
            start = _with_rule_above(lines, at)
            is_quote[start:] = [True] * (len(lines) - start)
            break
        begin = _introduction_start(lines, at, stripped) if ends_open or "@" in stripped else None
        if begin is not None:
            marked = _is_marked_quote(lines, at + 1)
            end = at + 1 if marked else len(lines)
            is_quote[begin:end] = [True] * (end - begin)
            if not marked:
                break
    return is_quote


def _older_mail_begins(lines: Sequence[str], at: int, stripped: str, *, ends_open: bool) -> bool:
    """A separator such as "Original Message", or the repeated header of an older mail."""
    if ends_open or stripped[0] in _OPENINGS:
        phrase = stripped.strip(_EDGE + "=:：").lower().replace("’", "'")
        decorated = stripped[:2] in _DASHES or stripped[-1] in ":："
        if (decorated and phrase in ORIGINALS) or (phrase.startswith(ORIGINAL_BEGINNINGS) and len(phrase) < 150):
            return True
    return _label(stripped) in FROM_LABELS and _is_header_block(lines, at)


def _label(line: str) -> str:
    """What stands before the first colon, if that is short: "from", "betreff", "件名"."""
    head, colon, _ = line[:40].partition(":")
    if not colon:
        head, colon, _ = line[:40].partition("：")
    return head.strip(_EDGE).lower() if colon else ""


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """From, then the date, the recipient or the subject in the lines below, in any order."""
    kinds: set[str] = set()
    for line in lines[at + 1 : at + 1 + _HEADER_LINES]:
        if not line.strip():
            if kinds:
                break
            continue
        label = _label(line)
        kinds.update(kind for kind, labels in _HEADER_KINDS if label in labels)
    return len(kinds) >= 2 or kinds == {"when"}


def _with_rule_above(lines: Sequence[str], at: int) -> int:
    """The line where the cut begins: a rule just above belongs to the quote."""
    above = at - 1
    while above >= 0 and not lines[above].strip() and at - above < 3:
        above -= 1
    return above if above >= 0 and _RULE.match(lines[above]) else at


def _introduction_start(lines: Sequence[str], at: int, stripped: str) -> int | None:
    """Where "On … wrote:" begins if it ends in this line, else None; it may be folded over several lines."""
    bare = stripped.rstrip(_EDGE)
    if bare[-1:] not in (":", "：") and not _ends_with_verb(bare):
        return None
    joined, found = "", None
    for start in range(at, max(-1, at - _INTRODUCTION_LINES), -1):
        line = lines[start].strip()
        if not line or len(line) > _LONGEST_LINE or (start < at and (line[0] in ">＞" or line[-1] in ".!?")):
            break
        joined = f"{line} {joined}"
        if len(joined) > _LONGEST_INTRODUCTION:
            break
        if _is_introduction(joined):
            found = start
        if found is not None and STRONG_LEAD.match(joined):
            return start
    if found is None and _is_marked_quote(lines, at + 1) and VERB.search(bare.lower()):
        return at
    return found


def _closes_address(lines: Sequence[str], at: int, stripped: str) -> bool:
    """A ">" that is no quote mark but the end of an address cut in two: "… <ada@example.com" and ">:"."""
    if len(stripped) > 40 or not stripped.endswith((":", "：")) or at == 0:
        return False
    above = lines[at - 1]
    return above.rfind("<") > above.rfind(">")


def _ends_with_verb(bare: str) -> bool:
    return bare[-40:].rpartition(" ")[2].lower() in VERB_ENDINGS


def _is_introduction(joined: str) -> bool:
    """A date, a verb such as "wrote" or an address, and a beginning such as "On" or a name with its address."""
    if not _DIGIT.search(joined) or not DATE_OR_TIME.search(joined):
        return False
    has_address = "@" in joined and ADDRESS.search(joined) is not None
    if not (LEAD.match(joined) or (has_address and ADDRESS.search(joined[:120]))):
        return False
    ends_open = joined.rstrip(" *_")[-1:] in (":", "：")
    return (has_address and ends_open) or VERB.search(joined.lower()) is not None


def _is_marked_quote(lines: Sequence[str], at: int) -> bool:
    """True when the next line with text is marked with ">"."""
    for line in lines[at : at + 4]:
        if line.strip():
            return line.lstrip()[0] in ">＞"
    return False
