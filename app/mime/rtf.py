"""RTF of mails as text, or as the HTML that it was made from (Microsoft's MS-OXRTFEX)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape

from .charsets import decode
from .html import names

__all__ = ["RTFContent", "read_rtf"]

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.S
)
_DEEPEST, _MOST_TOKENS = 400, 400_000
_FROM_HTML = re.compile(rb"\\fromhtml1?(?![0-9])")
_HEAD = 2_000
_SKIPPED = names(
    "fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf fldinst "
    "listtable listoverridetable rsidtbl xmlnstbl themedata datastore generator latentstyles mhtmltag nonshppict filetbl "
    "revtbl private bkmkstart bkmkend annotation atnid atnauthor footnote listtext pntext"
)
_WORDS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": " | ", "tab": "\t", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—", "emspace": "\u2003", "enspace": "\u2002",
}  # fmt: skip
_SYMBOLS = {"\\": "\\", "{": "{", "}": "}", "~": "\u00a0", "_": "\u2011", "-": "", "\n": "\n", "\r": "\n", "\t": "\t"}
_CHARSETS = {
    "128": "cp932", "129": "cp949", "134": "cp936", "136": "cp950", "161": "cp1253", "162": "cp1254", "163": "cp1258",
    "177": "cp1255", "178": "cp1256", "186": "cp1257", "204": "cp1251", "222": "cp874", "238": "cp1250", "0": "cp1252",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RTFContent:
    """What a document says: as the HTML it was made from, or as text; the other is None."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class _Group:
    """What holds between two braces. `is_tag`: it is HTML's own markup; `is_hidden`: it is there for readers of RTF alone."""

    is_skipped: bool = False
    is_tag: bool = False
    is_hidden: bool = False
    width: int = 1
    font: str = ""
    in_fonts: bool = False


def read_rtf(data: bytes) -> RTFContent:
    """The words of a document; empty for what is none. Never raises."""
    if not data.lstrip().startswith(b"{\\rtf"):
        return RTFContent()
    is_html = _FROM_HTML.search(data[:_HEAD]) is not None
    text = _Reader(is_html=is_html).read(data)
    return RTFContent(html=text) if is_html else RTFContent(text=text)


class _Reader:
    """Goes through a document once; characters of one code page are gathered before they are decoded."""

    def __init__(self, *, is_html: bool) -> None:
        self.is_html = is_html
        self.out: list[str] = []
        self.coded = bytearray()
        self.groups = [_Group()]
        self.is_starred = False
        self.spare = 0  # characters to leave out: they stand in for the one before
        self.code_page = "cp1252"
        self.fonts: dict[str, str] = {}

    def read(self, data: bytes) -> str:
        at = 0
        for _ in range(_MOST_TOKENS):
            match = _TOKEN.match(data, at)
            if match is None or not 0 < len(self.groups) <= _DEEPEST:
                break
            at = match.end() + self._token(match)
        self._decode()
        return "".join(self.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")

    def _token(self, match: re.Match[bytes]) -> int:
        """Follow one token; returns how many bytes behind it belong to it."""
        word, number, code, symbol, brace, plain = match.groups()
        if word:
            return self._word(word.decode("ascii"), (number or b"").decode("ascii"))
        if code:
            self._bytes(bytes([int(code, 16)]))
        elif plain:
            self._bytes(plain)
        elif brace:
            self._brace(brace)
        elif symbol:
            self._symbol(symbol)
        return 0

    def _brace(self, brace: bytes) -> None:
        self._decode()
        self.is_starred, self.spare = False, 0
        if brace == b"{":
            self.groups.append(replace(self.groups[-1]))
        else:
            self.groups.pop()

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.is_starred = True
        else:
            self._say(_SYMBOLS.get(symbol.decode("latin-1"), ""))

    def _word(self, word: str, number: str) -> int:
        """Follow a control word; returns how many bytes behind it are not text."""
        group = self.groups[-1]
        if self.is_starred or word in _SKIPPED:
            self._enter(group, word)
        elif word == "u":
            self._character(number)
        elif word == "htmlrtf":
            self._decode()
            group.is_hidden = number != "0"
        elif word == "f":
            self._font(group, number)
        elif word == "fcharset" and group.in_fonts:
            self.fonts[group.font] = _CHARSETS.get(number, "")
        elif word == "ansicpg":
            self.code_page = "utf-8" if number == "65001" else f"cp{number}"
        elif word == "uc":
            group.width = min(int(number or 1), 10) if number.isdecimal() or not number else 1
        elif word == "bin":
            return int(number) if number.isdecimal() else 0
        elif word in _WORDS:
            self._say(_WORDS[word])
        return 0

    def _enter(self, group: _Group, word: str) -> None:
        """The first word of a group says what the group is for."""
        self.is_starred = False
        if word == "htmltag" and self.is_html:
            group.is_tag = True
        else:
            group.is_skipped, group.in_fonts = True, word == "fonttbl" or group.in_fonts

    def _font(self, group: _Group, number: str) -> None:
        self._decode()
        group.font = number

    def _character(self, number: str) -> None:
        """A UTF-16 unit, for which characters that older readers show come next."""
        self._decode()
        if number and not self._is_silent():
            unit = chr(int(number) & 0xFFFF)
            self.out.append(escape(unit, quote=False) if self.is_html and not self.groups[-1].is_tag else unit)
        self.spare = self.groups[-1].width

    def _bytes(self, data: bytes) -> None:
        left = data[self.spare :]
        self.spare = max(0, self.spare - len(data))
        if not self._is_silent():
            self.coded += left

    def _say(self, text: str) -> None:
        self._decode()
        if self.spare:
            self.spare -= 1
        elif not self._is_silent():
            self.out.append(text)

    def _decode(self) -> None:
        if not self.coded:
            return
        text = decode(bytes(self.coded), self.fonts.get(self.groups[-1].font) or self.code_page)
        self.coded.clear()
        self.out.append(escape(text, quote=False) if self.is_html and not self.groups[-1].is_tag else text)

    def _is_silent(self) -> bool:
        group = self.groups[-1]
        return group.is_skipped or (self.is_html and group.is_hidden and not group.is_tag)
