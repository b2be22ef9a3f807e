"""What a server wrote of its checks into a mail: the values of Authentication-Results (RFC 8601 §2.2). Whose word is to be believed is
not decided here, but in `trail`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Result", "Results", "parse_results", "split_comments"]

_LONGEST = 16_000
_BRACKET = re.compile(r'["();]')
_METHOD = re.compile(r"([a-z0-9-]+)(?:/\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Result:
    """One check: `method` ("dkim") and `verdict` ("pass") in lower case, `properties` such as "header.d", and what stood in brackets."""

    method: str
    verdict: str
    properties: Mapping[str, str]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What one server says. `host` is its name for itself in lower case, empty where it gives none as Microsoft's do."""

    host: str
    results: tuple[Result, ...]


def parse_results(value: str) -> Results:
    """The results in one header field's value. What cannot be read is left out."""
    sections = [split_comments(section) for section in _sections(value[:_LONGEST])]
    head, _ = sections[0]
    has_host = "=" not in head
    host = head.split()[0].strip('"').lower() if has_host and head.split() else ""
    read = [_result(text, comments) for text, comments in sections[has_host:]]
    return Results(host, tuple(one for one in read if one is not None))


def split_comments(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without what stands in brackets, which may be nested, and the contents of the outermost brackets."""
    kept: list[str] = []
    comments: list[str] = []
    depth, quoted, start = 0, False, 0
    for sign in _BRACKET.finditer(text):
        at, character = sign.start(), sign[0]
        if character == '"' and not depth:
            quoted = not quoted
        elif character == "(" and not quoted:
            if not depth:
                kept.append(text[start:at])
                start = at + 1
            depth += 1
        elif character == ")" and depth and not quoted:
            depth -= 1
            if not depth:
                comments.append(text[start:at])
                start = at + 1
    (comments if depth else kept).append(text[start:])
    return " ".join(kept), tuple(comments)


def _sections(value: str) -> list[str]:
    """The value cut at its semicolons, but for those in brackets or quotation marks."""
    found, depth, quoted, start = [], 0, False, 0
    for sign in _BRACKET.finditer(value):
        at, character = sign.start(), sign[0]
        if character == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character == ";" and not depth:
            found.append(value[start:at])
            start = at + 1
    return [*found, value[start:]]


def _result(text: str, comments: tuple[str, ...]) -> Result | None:
    """`dkim=pass header.d=example.com`; None for what is no result."""
    words = " ".join(text.split()).replace(" =", "=").replace("= ", "=").split()
    pairs = [(name.lower(), value.strip('"')) for name, sign, value in (word.partition("=") for word in words) if sign]
    if not pairs:
        return None
    method = _METHOD.match(pairs[0][0])
    if method is None:
        return None
    return Result(method[1], pairs[0][1].lower(), dict(pairs[1:]), " ".join(comments))
