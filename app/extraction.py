"""Finds the sentences to translate that no `gettext` stands around: what forms and channels declare, and what errors say.

Babel calls this while `make messages` runs (`babel.cfg`); the entry points in setup.cfg make it usable for plugins of others too.
Such sentences are translated by whoever shows them, so forms and services need not know of languages.
"""

import ast
import tomllib
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python

__all__ = ["extract", "extract_manifest"]

Found = tuple[int, str | None, Any, list[str]] | tuple[int, str | tuple[str, ...], list[str], str | None]

SAID = {
    "ArchiveError", "BrokenSignature", "Check", "Conflict", "InvalidInput", "ManifestError", "MigrationFailed", "NotAllowed", "NotFound",
    "Panel", "StartFailed", "StopValidation", "TooManyRequests", "UpdateFailed", "ValidationError", "translatable",
}  # fmt: skip
"""Calls of which people read what stands in the first three arguments: a text, or a dictionary with texts as values."""
TITLES = {"title", "fieldsets", "advanced"}
"""What classes of channels and forms are headed with."""


def extract(
    fileobj: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Any
) -> Iterator[Found]:
    """Babel's extraction method `tidings`, for Python files: everything in `gettext` and its kin, and what is declared."""
    source = fileobj.read()
    yield from extract_python(BytesIO(source), keywords, comment_tags, options)
    for line, text in sorted(set(_declared(ast.parse(source)))):
        yield line, None, text, []


def extract_manifest(
    fileobj: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Any
) -> Iterator[Found]:
    """Babel's extraction method `tidings_manifest`: the title and the summary of a plugin's card."""
    card = tomllib.load(fileobj)
    yield from ((1, None, card[key], []) for key in ("title", "summary") if card.get(key))


def _declared(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _in_call(node)
        elif isinstance(node, ast.ClassDef):
            yield from _in_class(node)


def _in_call(call: ast.Call) -> Iterator[tuple[int, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in SAID:
        yield from (text for argument in call.args[:3] for text in _literals(argument))
    elif name == "SelectChoice":
        yield from (text for argument in call.args[1:2] for text in _literals(argument))
    elif name.endswith("Field"):
        for argument in (*call.args[:1], named.get("label"), named.get("description")):
            yield from _literals(argument)
        for argument in (*call.args[1:], *named.values()):
            yield from _sentences(argument)
    elif "message" in named:
        yield from _sentences(named["message"])


def _in_class(node: ast.ClassDef) -> Iterator[tuple[int, str]]:
    """`title = "…"`, and the headings of `fieldsets` and `advanced = ((heading, names), …)`."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and {getattr(target, "id", "") for target in statement.targets} & TITLES:
            groups = statement.value.elts if isinstance(statement.value, ast.Tuple) else []
            heads = [group.elts[0] for group in groups if isinstance(group, ast.Tuple)] or [statement.value]
            yield from (text for head in heads for text in _literals(head))


def _literals(node: ast.AST | None) -> Iterator[tuple[int, str]]:
    """A text that is written out, either branch of a choice between two, or all values of a dictionary."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.lineno, node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_literals(node.body), *_literals(node.orelse))
    elif isinstance(node, ast.Dict):
        yield from (text for value in node.values for text in _literals(value))


def _sentences(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Whatever inside is a sentence, by its capital letter and its full stop: what validators say."""
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.Constant)
            and isinstance(text := inner.value, str)
            and text[:1].isupper()
            and text[-1:] == "."
        ):
            yield inner.lineno, text
