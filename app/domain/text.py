"""Small rules about text that is shown in lists."""

import re
import unicodedata

__all__ = ["clean_line", "fold", "preview_of"]

_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def clean_line(text: str, limit: int) -> str:
    """One line without control characters and halves of characters, which no database holds; at most `limit` characters."""
    return _SPACE.sub(" ", _CONTROL.sub(" ", text[: limit * 4])).strip()[:limit]


def fold(text: str) -> str:
    """Text as search compares it: small letters without their accents, as FTS5's remove_diacritics does."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", _without_marks(text))  # sorting many marks on one letter takes for ever
    return _without_marks(decomposed).lower()


def preview_of(text: str, limit: int = 160) -> str:
    """The beginning of a message for a list row: one line, cut at a word with an ellipsis."""
    line = clean_line(text, limit * 2)
    if len(line) <= limit:
        return line
    head = line[:limit].rsplit(" ", 1)[0]
    return f"{head or line[:limit]}…"


def _without_marks(text: str) -> str:
    return "".join(letter for letter in text if not unicodedata.combining(letter))
