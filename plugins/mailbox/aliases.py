"""Further addresses of a mailbox as the owner writes them: one a line, also "Sales <sales@example.com>" and "*@example.com". Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Alias", "read_aliases", "wrong_alias"]

_LINE = re.compile(r"(?:\"?(?P<name>[^\"<>]*?)\"?\s*<\s*(?P<named>[^<>\s]+)\s*>|(?P<bare>[^<>\s]+))")
_ADDRESS = re.compile(r"(?:\*|[^@\s<>,;\"*]+)@[^@\s<>,;\"*]+")
_MOST = 500


@dataclass(frozen=True)
class Alias:
    """An address in small letters, "*@example.com" for all of a domain, and the name that stands in From; empty for the usual one."""

    address: str
    name: str = ""


def read_aliases(text: str) -> tuple[Alias, ...]:
    """Those that stand there, each once; lines that hold none are left out."""
    found: dict[str, Alias] = {}
    for _, alias in _lines(text):
        if alias is not None:
            found.setdefault(alias.address, alias)
    return tuple(found.values())[:_MOST]


def wrong_alias(text: str) -> str:
    """The first line that holds no address, or an empty text."""
    return next((line for line, alias in _lines(text) if alias is None), "")


def _lines(text: str) -> Iterator[tuple[str, Alias | None]]:
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        address = (match["named"] or match["bare"]).lower() if match else ""
        yield line, Alias(address, (match["name"] or "").strip()) if match and _ADDRESS.fullmatch(address) else None
