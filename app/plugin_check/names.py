"""One name everywhere: folder, manifest, entry point, tables, templates and static files. And no module that hides another one."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.plugin_api.manifest import API_VERSION, Manifest
from app.plugin_check.imports import PRIVATE
from app.plugin_check.report import Finding, error, warning
from app.plugin_check.source import Source
from app.plugin_check.usage import imported_modules

__all__ = ["check_names"]

PROJECT = "pyproject.toml"
GROUP = "tidings.plugins"
_TABLE_MAKERS = frozenset({"Table", "create_table", "drop_table", "rename_table"})
_IN_SQLALCHEMY = frozenset({"table"})


def check_names(source: Source) -> Iterator[Finding]:
    if source.manifest is None:
        return
    yield from _manifest(source, source.manifest)
    if not source.is_file:
        yield from _folder(source)
        yield from _hiding(source)
        yield from _project(source, source.manifest)
    yield from _tables(source)


def _manifest(source: Source, manifest: Manifest) -> Iterator[Finding]:
    if not manifest.is_compatible:
        text = f"It is not made for version {API_VERSION} of the plugin API, which is this one."
        yield error(source.card, 0, "manifest", text, f'Try it with this version and write `api = "{API_VERSION}"`.')
    elif manifest.spoken_api < API_VERSION:
        text = f"It is made for version {manifest.spoken_api} of the plugin API; this is {API_VERSION}."
        yield warning(source.card, 0, "old_api", text, "Heed the deprecation warnings, then raise `api`.")
    if not manifest.owner:
        yield warning(source.card, 0, "manifest", "`owner` does not say who stands behind it.", "Name yourself.")
    if manifest.kind == "channel" and not manifest.capabilities:
        text = "A channel without `capabilities` can do nothing."
        yield error(source.card, 0, "manifest", text, "Name what the channel can do, as in its class.")


def _folder(source: Source) -> Iterator[Finding]:
    name = source.name
    if source.folder.name not in (name, f"tidings_plugin_{name}"):
        text = f"The folder is called {source.folder.name}, the manifest says {name}: as a drop-in it is refused."
        yield error(source.card, 0, "names", text, "Let both say the same.")
    for kind in ("templates", "static"):
        for path in sorted((source.folder / kind).glob("*")):
            if path.name != name:
                text = f"{kind}/{path.name} stands beside {kind}/{name}/, where nothing finds it."
                yield error(source.below(path), 0, "names", text, f"Move it into {kind}/{name}/.")


def _hiding(source: Source) -> Iterator[Finding]:
    if source.is_shipped:
        return
    for module in source.modules:
        stem = Path(module.path).stem
        if "/" not in module.path and stem in PRIVATE | {"tidings"} | sys.stdlib_module_names - {"__init__"}:
            text = f"A module called {stem} hides another one of that name when Python is started in this folder."
            yield warning(module.path, 0, "names", text, "Call it otherwise.")


def _project(source: Source, manifest: Manifest) -> Iterator[Finding]:
    path = next((one for one in (source.folder / PROJECT, source.folder.parent / PROJECT) if one.is_file()), None)
    if path is None or source.is_shipped:
        return
    try:
        project: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        yield error(PROJECT, 0, "names", f"It is not valid TOML: {problem}.", "Mend it.")
        return
    points = project.get("entry-points", {}).get(GROUP, {})
    if points and manifest.name not in points:
        text = f"Its entry point is called {', '.join(points)}, the manifest says {manifest.name}."
        yield error(PROJECT, 0, "names", text, f'Write `{manifest.name} = "{source.package}"`.')
    elif not points:
        text = f"It has no entry point in the group {GROUP}: installed, nobody finds it."
        yield error(PROJECT, 0, "names", text, f'Add `{manifest.name} = "{source.package}"` to it.')
    if "version" in project and project["version"] != manifest.version:
        text = f"Its version is {project['version']}, that of the manifest {manifest.version}."
        yield warning(PROJECT, 0, "names", text, "Raise both together: updates are told by it.")


def _tables(source: Source) -> Iterator[Finding]:
    prefix = f"plugin_{source.name}_"
    parsed = [(module.path, module.tree) for module in source.modules]
    for path in source.files("migrations/**/*.py"):
        try:
            parsed.append((source.below(path), ast.parse(path.read_bytes())))
        except (SyntaxError, ValueError) as problem:
            line = getattr(problem, "lineno", 0) or 0
            yield error(source.below(path), line, "syntax", f"It is not Python: {problem}.", "Mend it.")
    for below, tree in parsed:
        for table, line in _table_names(tree):
            if not table.startswith(prefix):
                text = f"The table {table} does not begin with {prefix}; the host refuses it."
                yield error(below, line, "names", text, f"Call it {prefix}{table}.")


def _table_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    imported = {name.partition(".")[0] for _, name, _ in imported_modules(tree)}
    makers = _TABLE_MAKERS | (_IN_SQLALCHEMY if "sqlalchemy" in imported else frozenset())
    for node in ast.walk(tree):
        value: ast.AST | None = None
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "__tablename__" for one in node.targets):
            value = node.value
        elif isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            value = node.args[0] if name in makers else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value, value.lineno
