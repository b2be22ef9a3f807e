"""How large a mail gets on its way: files grow by a third and more, because they travel as base64."""

from collections.abc import Iterable

__all__ = ["wire_size"]

_LINE, _LINE_ON_THE_WIRE = 57, 78
"""Bytes of a file in one line of base64 (76 signs), and of the line with its end."""
_HEADERS, _HEADERS_OF_A_FILE = 4_000, 500


def wire_size(text: str, files: Iterable[int] = ()) -> int:
    """Bytes of the mail for a text, in both its parts, and files of these sizes in bytes; a little more rather than less."""
    lines = sum(-(-size // _LINE) * _LINE_ON_THE_WIRE + _HEADERS_OF_A_FILE for size in files)
    return _HEADERS + 3 * len(text.encode("utf-8", "replace")) + lines
