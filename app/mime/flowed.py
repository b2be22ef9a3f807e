"""Text of ``format=flowed`` (RFC 3676) with its paragraphs joined again."""

from __future__ import annotations


def unflow(text: str, *, delsp: bool = False) -> str:
    """`text` with soft line breaks removed; quotes keep their marks, the signature its delimiter."""
    out: list[str] = []
    paragraph: list[str] = []
    depth = -1
    for line in text.split("\n"):
        level, content = _quote_level(line)
        if paragraph and (level != depth or content == "-- "):
            out.append(_marked(depth, "".join(paragraph)))
            paragraph = []
        depth = level
        soft = content.endswith(" ") and content != "-- "
        paragraph.append(content[:-1] if soft and delsp else content)
        if not soft:
            out.append(_marked(depth, "".join(paragraph)))
            paragraph = []
    if paragraph:
        out.append(_marked(depth, "".join(paragraph)))
    return "\n".join(out)


def _quote_level(line: str) -> tuple[int, str]:
    """(how often quoted, the line without quote marks and the blank that was stuffed in)"""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _marked(depth: int, content: str) -> str:
    return f"{'>' * depth} {content}" if depth > 0 else content
