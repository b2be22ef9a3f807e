"""How the checks ask the domain name system: by a function that is handed in, so that they stay pure."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Ask", "LookupFailed"]

Ask = Callable[[str, str], tuple[str, ...]]
"""`ask("example.com", "TXT")` gives the values of the records, an empty tuple where there are none. Kinds are TXT (the strings of a record
joined, each byte one character), A, AAAA, MX (names, the preferred first) and PTR (names, asked by IP address). Names have no dot at
their end. Raises `LookupFailed`."""


class LookupFailed(Exception):
    """No answer came in time, or the servers are in trouble: nothing is known."""
