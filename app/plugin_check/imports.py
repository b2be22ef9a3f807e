"""Imports, and work at import time: a plugin imports `tidings` and nothing else of Tidings, and reading its modules does nothing."""

import ast
from collections.abc import Iterator

from app.plugin_check.report import Finding, error, warning
from app.plugin_check.source import Module, Source
from app.plugin_check.usage import imported_modules, is_network_import

__all__ = ["check_imports"]

PRIVATE = frozenset({"app", "connectors", "forms", "plugins", "themes"})
FOR_SHIPPED = frozenset({"connectors", "forms"})
"""What belongs to Tidings itself, and what of it the plugins that come with it may use."""

UNCOVERED = frozenset({"subprocess", "multiprocessing", "ctypes"})
"""Modules whose use no permission covers."""

PURE = ("__init__.py", "translate.py")

HARMLESS = frozenset({
    "bool", "bytes", "dict", "float", "frozenset", "int", "len", "list", "max", "min", "object", "range", "set", "sorted", "str", "sum",
    "tuple", "zip",
    "NewType", "TypeVar", "compile", "date", "datetime", "getLogger", "namedtuple", "timedelta", "timezone", "translatable",
    "encode", "format", "join", "lower", "partition", "removeprefix", "removesuffix", "replace", "split", "splitlines", "strip", "upper",
    "column", "table", "items", "keys", "values", "union", "with_name", "joinpath", "resolve",
})  # fmt: skip
"""Functions and methods that compute something and touch nothing. Classes, known by their capital letter, are taken to be as good."""


def check_imports(source: Source) -> Iterator[Finding]:
    for module in source.modules:
        yield from _private(source, module)
        yield from _input_and_output(module)
        yield from _work(module)


def _private(source: Source, module: Module) -> Iterator[Finding]:
    for statement, name, names in imported_modules(module.tree):
        root = name.partition(".")[0]
        reason = ""
        if name == source.package or name.startswith(f"{source.package}.") or name.startswith("."):
            continue
        if root in PRIVATE - (FOR_SHIPPED if source.is_shipped else frozenset()):
            reason = f"{name} is Tidings' own and changes without notice."
        elif root.startswith("tidings_plugin_"):
            reason = f"{name} is another plugin, which may be off or another version."
        elif name.startswith("tidings.testing"):
            reason = "tidings.testing is for tests."
        elif root == "tidings" and any(one.startswith("_") for one in (*names, *name.split("."))):
            reason = "What begins with an underscore is private."
        if reason:
            yield error(
                module.path, statement.lineno, "private_import", reason, "Import from `tidings` what it offers."
            )


def _input_and_output(module: Module) -> Iterator[Finding]:
    top = {id(node) for node in module.tree.body}
    for statement, name, names in imported_modules(module.tree):
        if name.partition(".")[0] in UNCOVERED:
            text = (
                f"{name} starts or reaches into other programs, which no permission covers and nobody is asked about."
            )
            yield warning(module.path, statement.lineno, "input_output", text, "Do without it.")
        elif module.path in PURE and id(statement) in top and is_network_import(name, names):
            text = f"{name} talks to servers, and {module.path} is where nothing does."
            yield warning(module.path, statement.lineno, "input_output", text, "Use `host.http` in channel.py.")


def _work(module: Module) -> Iterator[Finding]:
    for statement in module.tree.body:
        call = _first_work(statement)
        if call is not None:
            text = f"`{ast.unparse(call)[:60]}` is done as soon as the module is imported."
            yield warning(module.path, call.lineno, "import_work", text, "Do it in a hook, or when it is first needed.")


def _first_work(statement: ast.stmt) -> ast.expr | ast.stmt | None:
    """What a statement of a module does besides naming things; None when that is nothing."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom | ast.Pass):
        return None
    if isinstance(statement, ast.For | ast.While | ast.With | ast.Delete | ast.Raise):
        return statement
    if isinstance(statement, ast.If | ast.Try):
        inner = [
            *statement.body,
            *statement.orelse,
            *(one for h in getattr(statement, "handlers", ()) for one in h.body),
        ]
        return next((work for one in inner if (work := _first_work(one)) is not None), None)
    if isinstance(statement, ast.ClassDef):
        return next((work for one in statement.body if (work := _first_work(one)) is not None), None)
    if isinstance(statement, ast.Expr):
        return None if isinstance(statement.value, ast.Constant) else statement.value
    return next((call for call in _calls(statement) if not _is_harmless(call)), None)


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that are made when `node` is evaluated; those inside lambdas are not."""
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Call):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _calls(child)


def _is_harmless(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in HARMLESS or name.lstrip("_")[:1].isupper() or name in ("field", "mapped_column", "relationship")
