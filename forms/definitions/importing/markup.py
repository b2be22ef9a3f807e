"""HTML as owners write it around fields: what it says, and which words stand beside which field."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

__all__ = ["MARK", "Words", "text_of", "walk"]

BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "fieldset",
        "legend",
        "section",
        "article",
        "header",
        "br",
        "hr",
        "blockquote",
    ]
)
SILENT = frozenset({"script", "style"})
MARK = "tidings-field"
_HEADINGS = re.compile(r"h[1-6]|legend")
_REQUIRED = re.compile(
    r"\s*(?:[*＊:：]+|[(\[（]\s*(?:required|optional|pflichtfeld|obligatoire|facultatif|obligatorio|requerido|opcional|wymagane|"
    r"opcjonalnie|обязательно|необязательно|υποχρεωτικό|προαιρετικό|必須|任意)\s*[)\]）])\s*\Z",
    re.IGNORECASE,
)


class Words:
    """A piece of text between fields. `is_heading` when it stood in one."""

    def __init__(self, is_heading: bool = False) -> None:
        self.pieces: list[str] = []
        self.is_heading = is_heading

    @property
    def text(self) -> str:
        """In one line."""
        return " ".join("".join(self.pieces).split())

    @property
    def label(self) -> str:
        """Without the signs that mark required fields."""
        text = self.text
        while (shorter := _REQUIRED.sub("", text)) != text:
            text = shorter
        return text


def text_of(html: str) -> str:
    """What HTML says, a line for each block."""
    reader = _Lines()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def walk(html: str, on_field: Callable[[int, str], None], on_words: Callable[[Words], None]) -> None:
    """Read HTML in which the n-th field stands as `<tidings-field n>`: call `on_field(n, label)` and `on_words` for text that is no label,
    both in order. A label is the text of the `<label>` around the field, else the last block before it."""
    reader = _Walker(on_field, on_words)
    reader.feed(html)
    reader.close()
    reader.finish()


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in SILENT
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT and self._silent > 0
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(re.sub(r"\s+", " ", data))


class _Walker(HTMLParser):
    """Inside `<label>` fields wait until it ends, because its text may stand behind them."""

    LONGEST_LABEL = 150

    def __init__(self, on_field: Callable[[int, str], None], on_words: Callable[[Words], None]) -> None:
        super().__init__(convert_charrefs=True)
        self.on_field, self.on_words = on_field, on_words
        self.before: list[Words] = []
        self.current = Words()
        self.waiting: list[int] | None = None
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        if tag == MARK:
            self._field(int(attrs[0][1] or 0))
        elif tag == "label":
            self._end_block()
            self.waiting = []
        elif tag in BLOCKS and self.waiting is None:
            self._end_block(is_heading=bool(_HEADINGS.fullmatch(tag)))
        elif tag in BLOCKS:
            self.current.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT and self.silent > 0
        if tag == "label" and self.waiting is not None:
            self._end_label()
        elif tag in BLOCKS and self.waiting is None:
            self._end_block()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.current.pieces.append(data)

    def finish(self) -> None:
        """Whatever was left over is text."""
        if self.waiting is not None:
            self._end_label()
        self._end_block()
        self._say_all()

    def _field(self, number: int) -> None:
        if self.waiting is not None:
            self.waiting.append(number)
            return
        self._end_block()
        last = self.before[-1] if self.before else None
        if last is None or last.is_heading or len(last.text) > self.LONGEST_LABEL:
            self._say_all()
            self.on_field(number, "")
            return
        self.before.pop()
        self._say_all()
        self.on_field(number, last.label)

    def _end_label(self) -> None:
        waiting, label, self.waiting = self.waiting or [], self.current, None
        if not waiting:  # <label for="…">, its field comes next
            self._end_block()
            return
        self.current = Words()
        self._say_all()
        for place, number in enumerate(waiting):
            self.on_field(number, "" if place else label.label)

    def _end_block(self, is_heading: bool = False) -> None:
        if self.current.text:
            self.before.append(self.current)
        self.current = Words(is_heading)

    def _say_all(self) -> None:
        for words in self.before:
            self.on_words(words)
        self.before.clear()
