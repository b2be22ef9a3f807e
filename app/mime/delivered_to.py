"""Where a mail was delivered to, as the servers on its way noted: what of that its To and Cc need not tell."""

from __future__ import annotations

from collections.abc import Sequence

from .addresses import parse_addresses

__all__ = ["delivered_to"]

_NOTES = ("delivered-to", "x-original-to", "x-envelope-to", "envelope-to")
"""Of Postfix, Dovecot and Gmail; of Postfix again; of Cyrus and others; of Exim. None of them stands in an RFC."""
_WRITTEN = ("from", "to", "cc", "subject", "date", "message-id", "mime-version")
"""What the sender's own program begins with: servers put theirs above it."""
_MOST_FIELDS, _MOST = 200, 10


def delivered_to(header: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The addresses in small letters, each once, that of the last server first (lower-case names, values on one line).

    Senders can write such fields too: what is read here is a hint, good for what can be checked otherwise.
    """
    found: dict[str, None] = {}
    for name, value in header[:_MOST_FIELDS]:
        if name in _WRITTEN:
            break
        if name in _NOTES:
            found.update((one.email.lower(), None) for one in parse_addresses(value[:2_000]))
    return tuple(list(found)[:_MOST])
