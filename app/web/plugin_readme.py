"""What a plugin says about itself: its README, or the text at the top of its one file. Nothing of it is imported or trusted."""

import ast
from pathlib import Path

from markupsafe import Markup

from app.domain.markup import document_to_html

__all__ = ["plugin_readme"]

_MOST_BYTES = 200_000


def plugin_readme(path: Path | None) -> Markup:
    """HTML of the README of a plugin in this folder or file, empty when there is none that can be read."""
    if path is None:
        return Markup("")
    text = _docstring(path) if path.suffix == ".py" else _read(path / "README.md")
    return Markup(document_to_html(text)) if text.strip() else Markup("")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _docstring(path: Path) -> str:
    try:
        return ast.get_docstring(ast.parse(_read(path))) or ""
    except (SyntaxError, ValueError, RecursionError):
        return ""
