"""Whether a channel's tests are the contract: a class that pytest collects, over `ChannelContract`, with all that the contract asks for."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.plugin_api.channel import Capability
from app.plugin_check.source import Source

__all__ = ["contract_problem"]

CONTRACT = "ChannelContract"
ALWAYS = ("plugin", "channel_class", "create_account", "sample_events")
READING = {Capability.FETCH, Capability.WATCH, Capability.BACKFILL, Capability.INVENTORY}


@dataclass(frozen=True)
class _Tests:
    """The classes of the tests by name, and which of them pytest collects."""

    classes: Mapping[str, ast.ClassDef]
    collected: tuple[str, ...]


def contract_problem(source: Source) -> str:
    """What the tests lack of the contract, as the end of a sentence ("it is said to be done, but …"); empty when nothing."""
    tests = _read_tests(source)
    found = [lineage for name in tests.collected if (lineage := list(_lineage(tests, name))) and _is_contract(lineage)]
    if not found:
        return f"no test of it uses {CONTRACT}: a class Test…({CONTRACT}) in tests/test_….py"
    return min((_problem_of(source, lineage) for lineage in found), key=len)


def _problem_of(source: Source, lineage: list[ast.ClassDef]) -> str:
    written = _written(lineage)
    name = lineage[0].name
    missing = [one for one in _needed(source) if not set(one.split(" or ")) & set(written)]
    if missing:
        return f"{name} does not say {', '.join(missing)}"
    plugin = written["plugin"]
    if isinstance(plugin, ast.Constant) and plugin.value != source.package:
        return f"{name} is about {plugin.value!s}, not about {source.package}"
    about = _last_name(written["channel_class"])
    if about and about not in _own_classes(source):
        return f"{name} is about {about}, which is no class of this plugin"
    return ""


def _needed(source: Source) -> Iterator[str]:
    """Names that the class must give, as "one or another" where either will do."""
    yield from ALWAYS
    can = set(source.manifest.capabilities) if source.manifest else set()
    if can & READING:
        yield "arrive"
    if Capability.WEBHOOK in can and "sign_webhook" not in _own_functions(source):
        yield "signed_request"
    if source.manifest and "network" in source.manifest.permissions:
        yield "prepare_provider or fault"


# ---- reading the tests
def _read_tests(source: Source) -> _Tests:
    classes: dict[str, ast.ClassDef] = {}
    collected = []
    for path in source.files("tests/**/*.py"):
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):  # pytest says it better
            continue
        own = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        classes |= own
        if path.name.startswith("test_"):
            collected += [name for name in own if name.startswith("Test")]
    return _Tests(classes, tuple(collected))


def _lineage(tests: _Tests, name: str, known: frozenset[str] = frozenset()) -> Iterator[ast.ClassDef]:
    """The class and those of the tests that it inherits from, the nearest first."""
    node = tests.classes.get(name)
    if node is None or name in known:
        return
    yield node
    for base in node.bases:
        yield from _lineage(tests, _last_name(base), known | {name})


def _is_contract(lineage: list[ast.ClassDef]) -> bool:
    return any(_last_name(base) == CONTRACT for node in lineage for base in node.bases)


def _written(lineage: list[ast.ClassDef]) -> dict[str, ast.AST]:
    """Name to its value, or to its function; the nearest class wins."""
    found: dict[str, ast.AST] = {}
    for node in (one for owner in reversed(lineage) for one in owner.body):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {_last_name(target): node.value for target in node.targets}
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found[_last_name(node.target)] = node.value
    return found


def _own_classes(source: Source) -> set[str]:
    return {node.name for module in source.modules for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)}


def _own_functions(source: Source) -> set[str]:
    found = (node for module in source.modules for node in ast.walk(module.tree))
    return {node.name for node in found if isinstance(node, ast.FunctionDef)}


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
