"""ARC (RFC 8617): what a forwarder found before it changed a mail. Anybody can seal anything, so only the seals of trusted hosts count."""

from __future__ import annotations

import re

from .dkim_check import QUIET, is_cheap, key_of
from .lookup import Ask
from .results import Results, parse_results

__all__ = ["check_arc"]

_MOST_SETS = 5
_SEAL = re.compile(rb"(?mi)^arc-seal[ \t]*:")


def check_arc(raw: bytes, ask: Ask) -> tuple[str, tuple[tuple[str, Results], ...]]:
    """(verdict, (domain that sealed, what it had found) of each set, the newest first). Without a whole chain nothing is told."""
    import dkim

    if not 0 < len(_SEAL.findall(raw[:256_000])) <= _MOST_SETS or not is_cheap(raw):
        return "none", ()
    key, failures = key_of(ask)
    try:
        verdict, sets, _ = dkim.arc_verify(raw, logger=QUIET, dnsfunc=key)
    except (dkim.DKIMException, ValueError, TypeError, LookupError, ArithmeticError, AssertionError):
        return "permerror", ()
    if failures:
        return "temperror", ()
    if verdict != dkim.CV_Pass:
        return "fail" if sets else "none", ()
    return "pass", tuple(_told(one) for one in sets)


def _told(sealed: dict[str, bytes]) -> tuple[str, Results]:
    """`i=1; mx.example.org; dkim=pass …`: what stands behind the number is written as in Authentication-Results."""
    _, _, value = sealed["aar-value"].decode("latin-1").partition(";")
    return sealed["as-domain"].decode("latin-1").lower(), parse_results(" ".join(value.split()))
