"""Which revisions a folder of migrations leads to, told by the text of the files: each process asks when it starts, so nothing is run for
it and Alembic stays out of memory. Names: https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["Revisions", "read_revisions"]

_NAMES = frozenset({"revision", "down_revision", "depends_on", "branch_labels"})
_PASSED_OVER = ("__init__", ".#")
"""What the names of files begin with that Alembic does not look at."""
_UNREADABLE = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)


@dataclass(frozen=True, slots=True)
class Revisions:
    """The newest revision of a chain of migrations, and all of them."""

    newest: str
    known: frozenset[str]


def read_revisions(versions: Path) -> Revisions | None:
    """What the text of the files in `versions` says. None where only running them would tell, and where they make no plain chain."""
    try:
        texts = [path.read_bytes() for path in versions.glob("*.py") if not path.name.startswith(_PASSED_OVER)]
    except OSError:  # it is no file, or gone just now
        return None
    before: dict[str, str | None] = {}
    for said in map(_said_in, texts):
        revision, down = said.get("revision"), said.get("down_revision", False)
        if not isinstance(revision, str) or not revision or revision in before:
            return None
        if not (down is None or isinstance(down, str)):
            return None
        if said.get("depends_on") or said.get("branch_labels"):
            return None
        before[revision] = down
    return _chain(before)


def _chain(before: dict[str, str | None]) -> Revisions | None:
    """Each revision comes after one other, the first after none."""
    newest = before.keys() - before.values()
    if len(newest) != 1:
        return None
    seen: list[str | None] = [*newest]
    while seen[-1] in before and len(seen) <= len(before):
        seen.append(before[seen[-1]])
    is_whole = seen[-1] is None and len(seen) == len(before) + 1
    return Revisions(newest.pop(), frozenset(before)) if is_whole else None


@lru_cache(maxsize=256)
def _said_in(text: bytes) -> dict[str, Any]:
    """The names that Alembic looks for, as far as the text gives each one plain value and nothing else mentions it."""
    try:
        tree = ast.parse(text)
        mentioned = [word for node in ast.walk(tree) for word in _words_of(node) if word in _NAMES or word == "*"]
        said = [(name, ast.literal_eval(value)) for name, value in _assigned(tree) if name in _NAMES]
    except _UNREADABLE:
        return {}
    return dict(said) if sorted(mentioned) == sorted(name for name, _ in said) else {}


def _words_of(node: ast.AST) -> Iterator[str]:
    """The names of the module that a node reads, assigns, imports or defines."""
    if not isinstance(node, ast.Constant | ast.Attribute | ast.keyword):
        yield from (value for _, value in ast.iter_fields(node) if isinstance(value, str))


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for line in tree.body:
        if isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
            for target in line.targets if isinstance(line, ast.Assign) else [line.target]:
                if isinstance(target, ast.Name):
                    yield target.id, line.value
