"""The text part of a mail that somebody wrote in Markdown: the rendered HTML as plain text. Nothing of what was written is lost."""

from __future__ import annotations

import re
from urllib.parse import unquote

from lxml import etree

from .html_text import Writer, written_by

__all__ = ["holds_everything", "written_text"]

_MARKS = {"strong": "*", "b": "*", "em": "*", "i": "*", "s": "~", "del": "~"}
"""As people mark words in plain text. Without them "5*6" would become "56", and what was struck out would count."""
_WORD = re.compile(r"[^\W_]+|[^\w\s\x00-\x7f]|[$%&@?]")
_SIGNATURE_LINE = re.compile(r"^--$", re.M)
_EDGE_OF_QUOTE = re.compile(r"(?<![^\n]\n)^>+ ?\n|^>+ ?\n(?=\n)|\n>+ ?\Z", re.M)


def written_text(written: str, html: str | None) -> str:
    """What goes into the text part for `html`, which was made from `written`: readable text with its links. Where words of `written`
    are missing in it, `written` itself."""
    if html is None:
        return written
    text = _EDGE_OF_QUOTE.sub("", _SIGNATURE_LINE.sub("-- ", written_by(_WrittenWriter(), html)))
    return text if holds_everything(text, written) else written


def holds_everything(text: str, written: str) -> bool:
    """Whether each word and sign of `written`, apart from marks of Markdown, stands in `text` in the same order."""
    words = iter(_WORD.findall(text))
    return all(any(word == other for other in words) for word in _WORD.findall(written))


class _WrittenWriter(Writer):
    """Unlike text for reading, this keeps every address, what a picture is called, and the marks that change the meaning of words. Pictures
    that come along are only named."""

    def __init__(self) -> None:
        super().__init__(has_marks=False)

    def open(self, element: etree._Element, tag: str) -> None:
        if tag == "img" and (element.get("src") or "").startswith("cid:"):
            self.line.append(f"[{element.get('alt') or ''}]")
            return
        if tag == "img":
            self.line.append(_with_address(element.get("alt") or "", element.get("src") or "", element.get("title")))
            return
        super().open(element, tag)
        if tag in _MARKS:
            self.line.append(_MARKS[tag])

    def close(self, element: etree._Element, tag: str) -> None:
        if tag in _MARKS:
            self.line.append(_MARKS[tag])
        super().close(element, tag)

    def _close_link(self, element: etree._Element) -> None:
        start = self.in_link.pop() if self.in_link else 0
        shown = "".join(self.line[start:]).strip()
        self.line[start:] = [_with_address(shown, element.get("href") or "", element.get("title"))]


def _with_address(shown: str, address: str, title: str | None) -> str:
    plain = address.removeprefix("mailto:").removeprefix("tel:")
    known = {plain, unquote(plain), plain.removeprefix("http://"), unquote(plain.removeprefix("http://"))}
    words = [shown] if shown else []
    if plain and shown not in known:
        words.append(f"<{plain}>")
    if title:
        words.append(f"({title})")
    return " ".join(words)
