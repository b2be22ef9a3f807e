"""Files stay at 400 lines or fewer, functions at 50. What is larger stands in `oversized.txt`, and that list only shrinks."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "bench", "connectors", "forms", "plugins", "tests", "themes", "tidings")
GENERATED = {"__pycache__", "node_modules", "static", "build", "versions"}
"""Folders whose files no one writes by hand; `versions` holds Alembic's migrations, which are history."""
ENDINGS = {".py", ".js", ".ts", ".css", ".html", ".sh"}
LIST = Path(__file__).with_name("oversized.txt")

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 50


def files() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in ENDINGS and not GENERATED & set(path.relative_to(ROOT).parts):
                yield path


@cache
def sizes() -> tuple[tuple[str, int, int], ...]:
    """(what, its lines, the most it may have) of every file and every Python function."""
    return tuple(measured())


def measured() -> Iterator[tuple[str, int, int]]:
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        yield name, len(text.splitlines()), MOST_FILE_LINES
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(text, name)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                    yield f"{name}::{node.name}", node.end_lineno - node.lineno + 1, MOST_FUNCTION_LINES


def listed() -> dict[str, int]:
    lines = (line.split() for line in LIST.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    return {name: int(count) for count, name in lines}


def test_nothing_is_larger_than_it_may_be():
    known = listed()
    grown = [
        f"{what}: {lines} lines, at most {known.get(what, most)}"
        for what, lines, most in sizes()
        if lines > known.get(what, most)
    ]
    assert not grown, "split these:\n" + "\n".join(grown)


def test_the_list_of_what_is_larger_only_shrinks():
    largest: dict[str, int] = {}
    for what, lines, _ in sizes():
        largest[what] = max(lines, largest.get(what, 0))
    stale = [
        f"{what}: listed with {count} lines, has {largest.get(what, 0)}"
        for what, count in listed().items()
        if largest.get(what, 0) < count
    ]
    assert not stale, "lower or remove these in oversized.txt:\n" + "\n".join(stale)


@pytest.mark.parametrize("limit", [MOST_FILE_LINES, MOST_FUNCTION_LINES])
def test_the_list_holds_only_what_needs_it(limit):
    small = [
        what for what, count in listed().items() if ("::" in what) == (limit == MOST_FUNCTION_LINES) and count <= limit
    ]
    assert not small, f"these are within the budget: {small}"
