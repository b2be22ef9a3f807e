"""DKIM (RFC 6376): whose signatures on a mail hold. The arithmetic is dkimpy's; what it costs, and what counts, is decided here.

dkimpy is imported when it is needed: with it comes a resolver, which those who only read mails have no use for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from .lookup import Ask, LookupFailed

__all__ = ["QUIET", "check_signatures", "is_cheap", "key_of"]

QUIET = logging.getLogger("dkimpy")
QUIET.setLevel(logging.CRITICAL)
"""What is wrong with the mails of strangers is nothing for the log."""
_MOST_SIGNATURES, _MOST_OF_LARGE = 5, 2
_LARGE = 2_000_000
"""Bytes from which on two signatures are checked: each one reads the whole mail."""
_LEAST_BITS = 1024
_LONGEST_KEY = 1_500
"""Characters of the record: 8192 bits and the usual exponent. The work grows with the cube of the length."""
_LONGEST_HEADER, _LONGEST_SIGNATURE, _MOST_SIGNED = 256_000, 10_000, 200
_LONGEST_BLANK = 200
_MOST_STEPS = 20_000_000
_BLANKS = re.compile(rb"[\t ]{2,}+")
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_SIGNATURE = re.compile(rb"(?mi)^dkim-signature[ \t]*:((?:.*\n[ \t]+)*.*)")


def check_signatures(raw: bytes, ask: Ask) -> tuple[tuple[str, str], ...]:
    """(verdict, domain that signed) of each signature, the topmost first; none where reading them would cost too much.
    Five at most are checked, two of a large mail.

    "fail": the mail was changed, or the signature is not the domain's. "neutral": it proves nothing, because it leaves out the sender or
    the end of the mail, has expired or is of a kind that is not known. "permerror": there is no usable key. "temperror": nobody answered.
    """
    if not is_cheap(raw):
        return ()
    most = _MOST_SIGNATURES if len(raw) < _LARGE else _MOST_OF_LARGE
    found = _SIGNATURE.findall(_header_of(raw))[:most]
    mail = _opened(raw.rstrip(b"\r\n") + b"\r\n") if found else None
    if mail is None:
        return ()
    return tuple(_checked(mail, index, value, ask) for index, value in enumerate(found))


def is_cheap(raw: bytes) -> bool:
    """Whether bringing a mail into its canonical form costs little: for each run of blanks dkimpy takes the square of its length."""
    header = _header_of(raw)
    if len(header) > _LONGEST_HEADER or any(len(value) > _LONGEST_SIGNATURE for value in _SIGNATURE.findall(header)):
        return False
    return sum(len(run) ** 2 for run in _BLANKS.findall(raw)) <= _MOST_STEPS


def key_of(ask: Ask) -> tuple[Callable[..., bytes | None], list[LookupFailed]]:
    """The function by which dkimpy asks for keys, and where it notes that nobody answered: it takes trouble for a missing key."""
    failures: list[LookupFailed] = []

    def key(name: bytes, timeout: float = 0) -> bytes | None:
        try:
            records = ask(name.decode("ascii").rstrip("."), "TXT")
        except LookupFailed as failure:
            failures.append(failure)
            return None
        return next((record.encode("latin-1", "replace") for record in records if _is_key(record)), None)

    return key, failures


def _is_key(record: str) -> bool:
    return "p=" in record and len(record) <= _LONGEST_KEY


def _header_of(raw: bytes) -> bytes:
    end = _END_OF_HEADER.search(raw)
    return raw[: end.start() + 2] if end else raw


def _opened(raw: bytes) -> Any:
    """The mail as dkimpy holds it; None where its header has no form at all."""
    import dkim

    try:
        return dkim.DKIM(raw, logger=QUIET, minkey=_LEAST_BITS)
    except (dkim.DKIMException, LookupError):
        return None


def _checked(mail: Any, index: int, value: bytes, ask: Ask) -> tuple[str, str]:
    from dkim.util import InvalidTagValueList, parse_tag_value

    try:
        tags = parse_tag_value(value)
    except InvalidTagValueList:
        return "permerror", ""
    domain = tags.get(b"d", b"").decode("ascii", "replace").lower()
    if not domain or re.search(rb"\s{%d}" % _LONGEST_BLANK, value):
        return "permerror", domain
    signed = [name.strip().lower() for name in tags.get(b"h", b"").split(b":")]
    if b"from" not in signed or b"l" in tags or tags.get(b"a") != b"rsa-sha256" or len(signed) > _MOST_SIGNED:
        return "neutral", domain
    return _verified(mail, index, ask), domain


def _verified(mail: Any, index: int, ask: Ask) -> str:
    import dkim

    key, failures = key_of(ask)
    mail.pk = None
    try:
        holds = mail.verify(index, dnsfunc=key)
    except dkim.KeyFormatError:
        return "permerror"
    except dkim.ValidationError as error:
        return "neutral" if "x= value is past" in str(error) else "fail"
    except (dkim.DKIMException, ValueError, TypeError, LookupError, ArithmeticError, AssertionError):
        return "permerror"  # it raises whatever the form of a mail or a key leads it to
    if failures:
        return "temperror"
    return "pass" if holds else "fail" if mail.pk else "permerror"
