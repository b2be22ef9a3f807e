"""Things are called by the names of the house: no drawers for odds and ends, no other word for the same noun, no channel in the core."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "connectors", "forms", "plugins", "tests", "tidings")
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff", "lib"}
STRANGERS = {
    "Article", "Customer", "FollowUp", "Followup", "Label", "Macro", "Operator", "Skin", "Ticket", "Widget",
}  # fmt: skip
"""Words that other help desks use for what is called otherwise here."""


def modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            if not {"__pycache__", "node_modules", "versions"} & set(path.parts):
                yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def test_no_module_is_a_drawer():
    drawers = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if (path.stem if path.suffix == ".py" else path.name) in DRAWERS and (path.is_dir() or path.suffix == ".py")
    ]
    assert not drawers, f"name the thing: {drawers}"


def test_every_module_says_what_lives_in_it():
    silent = [
        path.relative_to(ROOT).as_posix()
        for path, tree in modules(*ROOMS)
        if not ast.get_docstring(tree) and not (path.name == "__init__.py" and "tests" in path.parts)
    ]
    assert not silent, f"no docstring at the top: {silent}"


def test_classes_use_the_words_of_the_house():
    strangers = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path, tree in modules("app", "forms", "plugins", "tidings")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and STRANGERS & {*re.findall(r"[A-Z][a-z]+", node.name), node.name}
    ]
    assert not strangers, strangers


def test_the_core_names_no_channel():
    """It branches on capabilities. Word for word in code, not in docstrings; `app.mime` knows the words that mails are written in."""
    names = {tomllib.loads(path.read_text())["name"] for path in (ROOT / "plugins").glob("*/manifest.toml")}
    assert names, "no plugin was found"
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}"
        for path, tree in modules("app")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
        if not {"testing", "tests", "mime"} & set(path.parts)
    ]
    assert not found, found
