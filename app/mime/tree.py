"""The MIME structure of a mail (RFC 2045, 2046) in one pass over its bytes, without copying them.

Whatever the bytes are, there is a tree: broken structure is recorded as a defect and its bytes are kept as
the body of the part they are in. What the parts mean is in `bodies`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .fields import parse_parameters
from .transfer import decode_transfer
from .words import raw_text

MAX_DEPTH = 60
MAX_PARTS = 30_000
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:(.*(?:\r?\n[ \t].*)*)\r?(?:\n|\Z)|(\r?\n)")
_LINE = re.compile(rb".*\n?")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


@dataclass(slots=True)
class Part:
    """One entity: its header fields (lower-case name, raw value), and where they begin and its body lies in the mail."""

    raw: bytes = field(repr=False)
    fields: list[tuple[str, bytes]] = field(default_factory=list)
    head: int = 0
    start: int = 0
    end: int = 0
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    parent: str = ""  # content type of the enclosing multipart
    keeps_preamble: bool = False  # what stands before the first boundary is content
    children: list[Part] = field(default_factory=list)

    def first(self, name: str) -> str | None:
        """The first header of that name on one line, encoded-words not yet decoded."""
        for key, value in self.fields:
            if key == name:
                return raw_text(value)
        return None

    @property
    def body(self) -> bytes:
        return self.raw[self.start : self.end]

    @property
    def encoding(self) -> str:
        return (self.first("content-transfer-encoding") or "").strip().strip("\"'").lower().split(";")[0].strip()

    def decoded(self) -> bytes:
        """The body with its transfer encoding undone."""
        return decode_transfer(self.body, self.encoding)


def parse_tree(raw: bytes, defects: list[str]) -> Part:
    """The tree of a mail, its root first. `defects` gets a sentence for whatever was wrong."""
    start = 0
    if raw.startswith((b"From ", b">From ")):
        start = raw.find(b"\n") + 1
    root = _read_part(raw, start, len(raw), "", defects)
    open_parts, count = [(root, 1)], 1
    while open_parts:
        part, depth = open_parts.pop()
        if not part.content_type.startswith("multipart/"):
            continue
        if depth > MAX_DEPTH or count > MAX_PARTS:
            defects.append("nested too deep" if depth > MAX_DEPTH else "too many parts")
            part.content_type = "text/plain" if depth > MAX_DEPTH else "application/octet-stream"
            continue
        _split(part, MAX_PARTS - count, defects)
        count += len(part.children)
        open_parts.extend((child, depth + 1) for child in part.children)
    return root


def read_fields(raw: bytes, start: int, end: int) -> tuple[list[tuple[str, bytes]], int, bool]:
    """(header fields, where the body starts, was a line there that is no header)."""
    fields: list[tuple[str, bytes]] = []
    at, odd = start, False
    while at < end:
        match = _HEADER.match(raw, at, end)
        if match is None:
            odd = True
            if not fields:  # no header at all: everything is body
                return fields, start, True
            line_end = raw.find(b"\n", at, end)
            if line_end < 0:
                return fields, at, True
            at = line_end + 1
            continue
        at = match.end()
        if match[3]:
            break
        fields.append((match[1].decode("ascii").lower(), match[2].strip(b" \t\r\n")))
    return fields, at, odd


def _read_part(raw: bytes, start: int, end: int, parent: str, defects: list[str]) -> Part:
    fields, body, odd = read_fields(raw, start, end)
    if odd:
        defects.append("a line in the header is no header field")
    part = Part(raw, fields, start, body, end, parent=parent)
    default = "message/rfc822" if parent == "multipart/digest" else "text/plain"
    found = [parse_parameters(raw_text(value)) for name, value in fields if name == "content-type"]
    part.content_type, part.parameters = _best_type(found) or (default, {})
    if "/" not in part.content_type:
        part.content_type = default
    if len(found) > 1:
        defects.append("more than one Content-Type")
        part.keeps_preamble = True
    return part


def _best_type(found: list[tuple[str, dict[str, str]]]) -> tuple[str, dict[str, str]] | None:
    """Of several Content-Type fields the one that tells how to read on: a multipart with its boundary."""
    for one in found:
        if one[0].startswith("multipart/") and one[1].get("boundary"):
            return one
    return found[0] if found else None


def _split(part: Part, room: int, defects: list[str]) -> None:
    boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    spans, closed = _spans(part, b"--" + boundary, room)
    if not spans:
        defects.append("multipart without parts")
        part.content_type = "text/plain"
        return
    if not closed:
        defects.append("multipart without its end")
    before = part.raw.find(b"--" + boundary, part.start, part.end)
    if part.keeps_preamble and part.raw[part.start : before].strip():
        part.children.append(Part(part.raw, [], part.start, part.start, before, parent=part.content_type))
    part.children += [_read_part(part.raw, a, b, part.content_type, defects) for a, b in spans]


def _spans(part: Part, mark: bytes, room: int) -> tuple[list[tuple[int, int]], bool]:
    """Where the parts between the boundary lines lie, and whether the closing boundary was there."""
    raw, end = part.raw, part.end
    spans: list[tuple[int, int]] = []
    opened = -1
    at = part.start
    while True:
        at = raw.find(mark, at, end)
        if at < 0:
            break
        line_end = raw.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end + 1
        tail = raw[at + len(mark) : line_end].strip()
        if (at > part.start and raw[at - 1 : at] != b"\n") or (tail and tail != b"--"):
            at += len(mark)
            continue
        if opened >= 0:
            spans.append((opened, _before_newline(raw, opened, at)))
        if tail == b"--" or len(spans) > room:
            return spans, tail == b"--"
        opened = at = line_end
    if opened >= 0:
        spans.append((opened, end))
    return spans, False


def _before_newline(raw: bytes, start: int, at: int) -> int:
    """The line break before a boundary belongs to the boundary."""
    if at - 1 >= start and raw[at - 1 : at] == b"\n":
        at -= 1
        if at - 1 >= start and raw[at - 1 : at] == b"\r":
            at -= 1
    return at
