"""Addresses that what cannot be delivered is sent back to, each with a word of the host's that names message and recipient (VERP). Pure."""

import re

__all__ = ["LONGEST_PATTERN", "SAMPLE", "is_made_by", "made_by", "plus_pattern", "pattern_problem"]

TOKEN = "{token}"  # noqa: S105 - the place of one
SAMPLE = "b-aaaaaaaaaaaaaaaaaaaaaaaaaa"
"""As long as those that the host gives."""
LONGEST_PATTERN = 160
_LONGEST_LOCAL, _LONGEST_TOKEN = 64, 34
"""RFC 5321 §4.5.3.1.1; and what the host gives."""
_PATTERN = re.compile(r"[^@\s<>,;\"*{}]*\{token\}[^@\s<>,;\"*{}]*@[^@\s<>,;\"*{}]+")


def plus_pattern(address: str) -> str:
    """ "help@example.com" → "help+{token}@example.com"."""
    local, _, domain = address.rpartition("@")
    return f"{local.split('+')[0]}+{TOKEN}@{domain}"


def pattern_problem(pattern: str) -> str:
    """Why no address can be made by a pattern, as a sentence; empty when one can."""
    if not _PATTERN.fullmatch(pattern):
        return "Write an address with {token} before the @, such as bounces+{token}@mail.example.com."
    local = pattern.rpartition("@")[0]
    if len(local) - len(TOKEN) + _LONGEST_TOKEN > _LONGEST_LOCAL:
        return "What stands before the @ is too long: with the token it may have 64 characters."
    return ""


def made_by(pattern: str, token: str) -> str:
    """The address with a token."""
    return pattern.replace(TOKEN, token)


def is_made_by(pattern: str, address: str) -> bool:
    """Whether an address looks like one of a pattern's."""
    before, _, after = pattern.lower().partition(TOKEN)
    return bool(re.fullmatch(f"{re.escape(before)}[a-z2-7-]+{re.escape(after)}", address.strip().lower()))
