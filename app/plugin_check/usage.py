"""What the code of a plugin makes use of, read from its syntax: permissions, and the servers it names."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.plugin_api.channel import Capability
from app.plugin_check.source import Module, Source
from app.plugin_host.permissions import CAPABILITY_PERMISSIONS, HOOK_PERMISSIONS

__all__ = [
    "HOST_MEMBERS",
    "NETWORK_MODULES",
    "Use",
    "hooks_of",
    "imported_modules",
    "named_servers",
    "permissions_used",
]

HOST_MEMBERS: Mapping[str, str] = {
    "http": "network",
    "store": "store",
    "tables": "tables",
    "send_automatic": "send_automatic",
    "receive": "receive_messages",
    "raw_message": "read_conversations",
    "sending_accounts": "other_accounts",
    "add_account": "accounts",
    "save_settings": "accounts",
    "agents": "agents",
    "teams": "agents",
    "contact": "contacts",
    "short_address": "public_routes",
    "drop_short_address": "public_routes",
    "visit": "public_routes",
}
"""What of the host needs a permission."""

MADE_OF: Mapping[str, str] = {"Service": "listen", "Job": "schedule", "SignIns": "store"}
NETWORK_MODULES = frozenset({
    "connectors", "socket", "http.client", "urllib.request", "requests", "httpx", "aiohttp", "websockets", "imaplib", "smtplib", "ftplib",
    "poplib",
})  # fmt: skip
"""Modules that talk to other servers by themselves."""

_WORDS_OF_A_PROTOCOL = re.compile(r"(Error|Exception|Timeout|Response|Request|Session)$")
_ADDRESS = re.compile(r"https?://[^\s/{}]+")


@dataclass(frozen=True, slots=True)
class Use:
    """Something the plugin does, and where: `what` is what stands in the code ("host.http")."""

    permission: str
    what: str
    path: str
    line: int


def permissions_used(source: Source) -> list[Use]:
    """Every use of a permission, by path and line."""
    uses = [use for module in source.modules for use in _uses(module)]
    if source.manifest is not None:
        for name in source.manifest.capabilities:
            permission = CAPABILITY_PERMISSIONS.get(Capability(name))
            if permission:
                uses.append(Use(permission, f"the capability {name}", source.card, 0))
    return sorted(uses, key=lambda use: (use.path, use.line, use.what))


def named_servers(source: Source) -> list[tuple[str, str, int]]:
    """(server, path, line) of each address that is written out, but not where people read it: docstrings and descriptions."""
    found = []
    for module in source.modules:
        unread = {id(node) for node in _for_people(module.tree)}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unread:
                match = _ADDRESS.match(node.value)
                server = _server(match[0]) if match else ""
                if server:
                    found.append((server, module.path, node.lineno))
    return found


def hooks_of(module: Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(hook, function) of what `hookimpl` stands above, without those that may be hooks of another version."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                call = mark if isinstance(mark, ast.Call) else None
                if _last_name(call.func if call else mark) == "hookimpl":
                    named = {one.arg: one.value for one in call.keywords} if call else {}
                    spec = named.get("specname")
                    if "optionalhook" not in named:
                        yield (str(spec.value) if isinstance(spec, ast.Constant) else node.name), node


def imported_modules(tree: ast.AST) -> Iterator[tuple[ast.Import | ast.ImportFrom, str, tuple[str, ...]]]:
    """(statement, module, names taken from it) of each import, with the dots of relative ones in front."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "." * node.level + (node.module or ""), tuple(alias.name for alias in node.names)


def is_network_import(module: str, names: tuple[str, ...]) -> bool:
    """Whether an import brings something that talks to servers; taking only errors and types of a client does not."""
    roots = {module, module.partition(".")[0]}
    only_words = bool(names) and all(_WORDS_OF_A_PROTOCOL.search(name) for name in names)
    return bool(roots & NETWORK_MODULES) and not only_words


def _uses(module: Module) -> Iterator[Use]:
    hosts = {"host", "_host", *_parameters_of_type_host(module.tree)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in HOST_MEMBERS and _last_name(node.value) in hosts:
            yield Use(HOST_MEMBERS[node.attr], f"host.{node.attr}", module.path, node.lineno)
        elif isinstance(node, ast.Call):
            yield from _of_call(module, node)
    for hook, function in hooks_of(module):
        if hook in HOOK_PERMISSIONS:
            yield Use(HOOK_PERMISSIONS[hook], f"the hook {hook}", module.path, function.lineno)
    for statement, name, names in imported_modules(module.tree):
        if is_network_import(name, names):
            yield Use("network", f"import {name}", module.path, statement.lineno)


def _of_call(module: Module, call: ast.Call) -> Iterator[Use]:
    name = _last_name(call.func)
    if name in MADE_OF:
        yield Use(MADE_OF[name], f"{name}(…)", module.path, call.lineno)
    is_public = [one.value for one in call.keywords if one.arg == "is_public"]
    if name == "Route" and is_public and not (isinstance(is_public[0], ast.Constant) and not is_public[0].value):
        yield Use("public_routes", "Route(…, is_public=True)", module.path, call.lineno)


def _parameters_of_type_host(tree: ast.AST) -> set[str]:
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg) and _last_name(node.annotation) == "Host"}


def _for_people(tree: ast.AST) -> Iterator[ast.AST]:
    """The constants of docstrings and other bare texts, and everything in `description=` and `label=`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg in ("description", "label", "render_kw"):
            yield from ast.walk(node.value)


def _server(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _last_name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
