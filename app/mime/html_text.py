"""HTML of mails as readable text: lines, lists, tables and links.

A row of a table that holds data is one line, its cells set apart by " | ". Quotes become lines that start with ">"
and a signature is set off by "-- ", by the marks that mail programs leave in their HTML, so that `reply_text` can read
the result like any other text.
"""

from __future__ import annotations

import re

from lxml import etree

from .html import MAX_HTML, bounded_depth, names
from .html_tables import holds_data

_SKIPPED = {"head", "script", "style", "title", "template", "noscript", "svg", "math", "object", "select", "xml"}
_BLOCKS = names(
    "address article aside body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 "
    "h6 header html li main nav ol p pre section summary table tbody tfoot thead tr ul blockquote hr caption"
)
_SPACED = {"p", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "dl"}
_QUOTE_MARK = re.compile(
    r"gmail_quote|gmail_extra_quote|yahoo_quoted|yahoo-quoted|moz-cite|OLK_SRC_BODY_SECTION|protonmail_quote"
    r"|tutanota_quote|zmail_extra|divRplyFwdMsg|mail_quote|quoted_message|reply-?intro|WordSection_quote"
    r"|mailbox_signature_quote|ms-outlook-mobile-reference-message|isForwardContent"
)
_SIGNATURE_MARK = re.compile(
    r"gmail_signature|moz-signature|AppleMailSignature|ms-outlook-mobile-signature|yahoo-signature|x_?signature"
    r"|protonmail_signature_block|tutanota_signature|^Signature$|^signature$|mobile-signature|iphone-signature"
)
_QUOTE_HINTS = ("quote", "QUOTE", "Quote", "moz-cite", "OLK_SRC", "divRplyFwdMsg", "reference-message", "reply-intro")
_MARK_HINTS = (*_QUOTE_HINTS, "ignature", "ForwardContent", "zmail_extra", "reply_intro", "replyintro")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.I)
_MANY_BREAKS = re.compile(r"\n{3,}")
_LINK = re.compile(r"(?:https?|mailto|tel):", re.I)


def html_to_text(html: str) -> str:
    """The text of `html` as a reader sees it; never raises."""
    return written_by(Writer(has_marks=any(hint in html for hint in _MARK_HINTS)), html)


def written_by(writer: Writer, html: str) -> str:
    """What a writer makes of `html`; never raises."""
    html = bounded_depth(html[:MAX_HTML].replace("\0", ""))
    tree = _parse(html)
    if tree is None:
        return ""
    _walk(tree, writer, has_hidden="none" in html or "NONE" in html or "hide" in html)
    return writer.text()


def has_quote_marks(html: str) -> bool:
    """True when mail programs may have marked a quote in this HTML; a quick look."""
    return any(hint in html for hint in _QUOTE_HINTS)


def _parse(html: str) -> etree._Element | None:
    if not html.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None


def _walk(tree: etree._Element, writer: Writer, *, has_hidden: bool) -> None:
    """Every element once, without recursion."""
    skipping: etree._Element | None = None
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if skipping is not None:
            if event == "end" and element is skipping:
                skipping = None
                writer.words(element.tail)
            continue
        tag = element.tag
        if event == "start":
            if tag in _SKIPPED or (has_hidden and _is_hidden(element)):
                skipping = element
                continue
            writer.open(element, tag)
            text = element.text
        else:
            writer.close(element, tag)
            text = element.tail
        if text:
            writer.words(text)


def _is_hidden(element: etree._Element) -> bool:
    style = element.get("style")
    return style is not None and _HIDDEN.search(style) is not None


class Writer:
    """Collects lines; knows how deep in quotes, lists and preformatted text it is."""

    def __init__(self, *, has_marks: bool) -> None:
        self.has_marks = has_marks
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes: list[etree._Element] = []
        self.lists: list[int | None] = []  # the next number of each open list, None for bullets
        self.pre = 0
        self.bullet = ""  # stands before the next line
        self.in_link: list[int] = []
        self.table: etree._Element | None = None  # the one with data that is open
        self.cells: int | None = None  # how many of its row have begun

    def text(self) -> str:
        self.break_line()
        return _MANY_BREAKS.sub("\n\n", "\n".join(self.lines)).strip("\n")

    def words(self, text: str | None) -> None:
        if not text:
            return
        if self.pre:
            first, *others = text.split("\n")
            self.line.append(first)
            for other in others:
                self.break_line(force=True)
                self.line.append(other)
        elif self.line or not text.isspace():
            self.line.append(text)

    def break_line(self, *, force: bool = False) -> None:
        """End the line; an empty one only counts when forced. Within a row of data it is a blank."""
        if self.cells is not None:
            self.line.append(" ")
            return
        text = ""
        if self.line:
            text = "".join(self.line) if self.pre else " ".join("".join(self.line).split())
            self.line.clear()
            if self.in_link:
                self.in_link = [0] * len(self.in_link)
        if text or force:
            marks = ">" * len(self.quotes) + " " if self.quotes else ""
            self.lines.append(marks + self.bullet + text)
            self.bullet = ""

    def gap(self) -> None:
        """An empty line, if there is none yet."""
        if self.cells is not None:
            return
        mark = ">" * len(self.quotes)
        if self.lines and self.lines[-1].strip() != mark:
            self.lines.append(mark)

    def open(self, element: etree._Element, tag: str) -> None:
        if tag in _BLOCKS:
            self.break_line()
            if tag in _SPACED and not (tag in ("ul", "ol") and self.lists):
                self.gap()
            self._open_marked(element, tag)
            self._open_block(element, tag)
        elif tag == "br":
            self.break_line(force=True)
        elif tag == "a":
            self.in_link.append(len(self.line))
        elif tag == "img":
            self._emoji(element)
        elif tag in ("td", "th"):
            self._open_cell()
        elif self.has_marks:
            self._open_marked(element, tag)

    def _open_cell(self) -> None:
        if self.cells:
            self.line.append(" " if "".join(self.line).rstrip().endswith(":") else " | ")
        elif self.line:
            self.line.append(" ")
        if self.cells is not None:
            self.cells += 1

    def _open_marked(self, element: etree._Element, tag: str) -> None:
        if (not self.has_marks and tag != "blockquote") or self.cells is not None:
            return
        mark = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
        if tag == "blockquote" or (mark and _QUOTE_MARK.search(mark)):
            self.break_line()
            self.quotes.append(element)
        elif mark and _SIGNATURE_MARK.search(mark) and "".join(element.itertext()).strip()[:2] not in ("--", "__"):
            self.break_line()
            self.lines.append(">" * len(self.quotes) + "-- ")

    def _open_block(self, element: etree._Element, tag: str) -> None:
        if tag in ("ul", "ol"):
            self.lists.append(_first_number(element) if tag == "ol" else None)
        elif tag == "li":
            self.bullet = "  " * (len(self.lists) - 1) + self._bullet()
        elif tag == "pre":
            self.pre += 1
        elif tag == "hr":
            self.lines.append(">" * len(self.quotes) + "_" * 20)
        elif tag == "table":
            if self.table is None and holds_data(element):
                self.table = element
        elif tag == "tr" and self.table is not None:
            self.cells = 0

    def close(self, element: etree._Element, tag: str) -> None:
        if tag == "a":
            self._close_link(element)
        elif tag in _BLOCKS:
            if tag == "tr" and self.cells is not None:
                self._close_row()
            self.break_line()
            if tag == "pre":
                self.pre = max(0, self.pre - 1)
            if tag in ("ul", "ol") and self.lists:
                self.lists.pop()
        if self.table is element:
            self.table = None
        if self.quotes and self.quotes[-1] is element:
            self.break_line()
            self.quotes.pop()
            self.gap()
        elif tag in _SPACED and not self.lists:
            self.gap()

    def _close_row(self) -> None:
        self.cells = None
        if not "".join(self.line).strip(" |\n\t"):
            self.line.clear()

    def _bullet(self) -> str:
        number = self.lists[-1] if self.lists else None
        if number is None:
            return "- "
        self.lists[-1] = number + 1
        return f"{number}. "

    def _close_link(self, element: etree._Element) -> None:
        """The address behind the words, where it says more than they do."""
        start = self.in_link.pop() if self.in_link else 0
        href = (element.get("href") or "").strip()
        shown = "".join(self.line[start:]).strip()
        if not shown or not _LINK.match(href) or len(href) > 300:
            return
        plain = href.removeprefix("mailto:").removeprefix("tel:")
        if shown.rstrip("/") not in (href.rstrip("/"), plain) and shown not in href:
            self.line.append(f" <{plain}>")

    def _emoji(self, element: etree._Element) -> None:
        alt = element.get("alt") or ""
        if 0 < len(alt) <= 4 and not alt.isascii():
            self.line.append(alt)


def _first_number(element: etree._Element) -> int:
    start = element.get("start") or "1"
    return int(start) if start.isdecimal() and len(start) < 6 else 1
