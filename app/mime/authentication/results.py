"""What a server wrote of its checks into a mail: the values of Authentication-Results (RFC 8601 §2.2). Whose word is to be believed is
not decided here, but in `trail`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Result", "Results", "parse_results", "split_comments"]

_LONGEST = 16_000
_SIGN = re.compile(r'[\\"();]')
_PAIR = re.compile(r'(?<![^\s"])([^\s="]+)\s*=\s*((?:"(?:[^"\\]|\\.)*"?|[^\s"])*)', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
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
    start, is_inside = 0, False
    for at, sign, depth in _signs(text):
        if sign in "()" and depth == 0:
            is_inside = sign == "("
            (kept if is_inside else comments).append(text[start:at])
            start = at + 1
    (comments if is_inside else kept).append(text[start:])
    return " ".join(kept), tuple(comments)


def _sections(value: str) -> list[str]:
    """The value cut at its semicolons, but for those in brackets or quotation marks."""
    found, start = [], 0
    for at, sign, depth in _signs(value):
        if sign == ";" and depth == 0:
            found.append(value[start:at])
            start = at + 1
    return [*found, value[start:]]


def _signs(text: str) -> Iterator[tuple[int, str, int]]:
    """(place, sign, how many brackets stand around it) of brackets and semicolons that are not quoted (RFC 5322 §3.2). Senders choose
    what stands in quotation marks, such as the first half of an address."""
    depth, quoted, escaped = 0, False, -1
    for found in _SIGN.finditer(text):
        at, sign = found.start(), found[0]
        if at == escaped:
            continue
        if sign == "\\":
            escaped = at + 1 if quoted or depth else -1
        elif sign == '"' and not depth:
            quoted = not quoted
        elif sign == '"' or quoted:
            continue
        elif sign == "(":
            yield at, sign, depth
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
            yield at, sign, depth
        elif sign == ";":
            yield at, sign, depth


def _result(text: str, comments: tuple[str, ...]) -> Result | None:
    """`dkim=pass header.d=example.com`; None for what is no result."""
    pairs = [(name.lower(), _unquoted(value)) for name, value in _PAIR.findall(text)]
    if not pairs:
        return None
    method = _METHOD.match(pairs[0][0])
    if method is None:
        return None
    return Result(method[1], pairs[0][1].lower(), dict(pairs[1:]), " ".join(comments))


def _unquoted(value: str) -> str:
    return _QUOTED.sub(lambda found: re.sub(r"\\(.)", r"\1", found[1]), value)
