"""Writes `docs/types.md` from the code: `python -m app.plugin_api.type_reference > docs/types.md`.

What is shown is the code itself, without its bodies: fields with types and defaults, methods with their signatures, docstrings as prose.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from textwrap import dedent
from types import ModuleType
from typing import Any

__all__ = ["GROUPS", "reference"]

INTRODUCTION = """\
# Types

The fields of everything that plugins import from `tidings`: `from tidings import InboundMessage`. Values are frozen; make a changed copy
with `dataclasses.replace`. What has a default may be left out. How it all works together is told in
[the guide](plugin-guide.md); which hook carries what stands in [hooks.md](hooks.md).

*This page is written from the code; a test keeps it so.*
"""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "The channel": (
        "Channel", "Capability", "Account", "ConnectionReport", "Check", "AccountHealth", "Term", "Quota", "Found", "Listed", "ListedMail",
        "OwnAddresses",
    ),
    "What comes in": (
        "RawEvent", "FetchBatch", "WebhookRequest", "WebhookReply", "SharedWebhookReply", "AccountEvent", "InboundMessage", "Participant",
        "InboundAttachment", "ContactFacts", "MessageKind", "Bounce", "BouncedRecipient",
        "MailFacts", "Authenticity", "Verdict", "MessageWarning", "MessageTraits", "CalendarEvent", "PackedFile",
    ),
    "What becomes of messages": (
        "DeliveryUpdate", "DeliveryWord", "MessageEdit", "MessageRemoval", "Reaction", "ConversationUpdate",
    ),
    "What goes out": ("Exchange", "ReplyRules", "ReplyChoice", "OutboundMessage", "OutboundAttachment", "Closing", "SendReceipt"),
    "Errors": (
        "ChannelError", "NeedsReauth", "Temporary", "Permanent", "PayloadError", "UnrecognisedPayload", "UnsupportedEvent", "BadSignature",
    ),
    "The host": ("Host", "Store", "Tables", "TableConnection", "Received", "AccountStats", "Visited", "SignIns"),
    "What hooks carry": (
        "MessageSummary", "ConversationSummary", "ConversationChanged", "ContactSummary", "DeliveryFailed", "AccountSaved", "Viewer",
        "AgentSummary",
    ),
    "What hooks answer": ("Panel", "Action", "NavLink", "Route", "Job", "Service", "WebhookReader", "WebhookEvent"),
    "Settings": ("SettingsForm", "SecretField"),
    "Functions and constants": (
        "hookimpl", "translatable", "inbound_from_mail", "mail_from_outbound", "danger_of_file", "packed_files", "is_document",
        "canonical_address",
        "API_VERSION", "MAIL", "ONLY_A_COPY", "SPAM_REASON",
    ),
}  # fmt: skip
"""Heading to the names below it, in the order of the page."""

_QUOTES = "'"
"""Around types that are only named, not imported, when the program runs."""

SHOWN_OF_FORMS = {"fieldsets", "advanced"}
"""Of a settings form only what its author writes; the rest of it is the host's."""

OTHERS: Mapping[str, str] = {
    "hookimpl": "Stands above each function that implements a hook. `@hookimpl(tryfirst=True)`, `trylast=True`, `optionalhook=True` and"
    ' `specname="message_received"` are the options of pluggy that Tidings knows.',
    "API_VERSION": "The number of the plugin API that this Tidings has; plugins name it as `api` in their manifest.",
}
"""What is said of names that have no docstring of their own."""


def reference(door: ModuleType) -> str:
    """The whole page about the names of `door`, which is `tidings`."""
    parts = [INTRODUCTION]
    for title, names in GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [_section(name, getattr(door, name)) for name in names]
    return "\n".join(parts)


def _section(name: str, thing: Any) -> str:
    if inspect.isclass(thing):
        lines = [*_code(_class_lines(_parsed(thing))), *_prose(inspect.getdoc(thing)), *_members(thing)]
    elif inspect.isfunction(thing):
        lines = [*_code([_signature(_parsed(thing), "")]), *_prose(inspect.getdoc(thing))]
    else:
        shown = [f"{name} = {_quoted(thing)}"] if isinstance(thing, str | int) else []
        lines = [*(_code(shown) if shown else []), *_prose(OTHERS.get(name) or _said_of_constant(name))]
    return "\n".join([f"### {name}\n", *lines])


def _code(lines: list[str]) -> list[str]:
    return ["```python", *lines, "```\n"]


def _prose(text: str | None) -> list[str]:
    """A docstring as paragraphs of one line each."""
    return [" ".join(part.split()) + "\n" for part in (text or "").split("\n\n") if part.strip()]


def _members(thing: type) -> list[str]:
    """What the docstrings of methods and attributes say, as a list."""
    own = [(name, text) for name, text in _documented(_parsed(thing))]
    return [*(f"- `{name}`: {' '.join(text.split())}" for name, text in own), *([""] if own else [])]


# ---- code, without what it does
def _class_lines(tree: ast.ClassDef) -> list[str]:
    bases = ", ".join(ast.unparse(base) for base in tree.bases)
    marks = ["@dataclass(frozen=True)"] if any("frozen" in ast.unparse(mark) for mark in tree.decorator_list) else []
    body = [line for node in tree.body for line in _member_lines(tree.name, node)]
    return [*marks, f"class {tree.name}({bases}):" if bases else f"class {tree.name}:", *(body or ["    ..."])]


def _member_lines(owner: str, node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.AnnAssign | ast.Assign):
        if owner != "SettingsForm" or ast.unparse(_target(node)) in SHOWN_OF_FORMS:
            yield "    " + _assignment(node)
    elif isinstance(node, ast.FunctionDef) and _is_shown(owner, node):
        marks = [mark for mark in map(ast.unparse, node.decorator_list) if mark in ("property", "abstractmethod")]
        yield from (f"    @{mark}" for mark in marks)
        yield _signature(node, "    ")


def _is_shown(owner: str, node: ast.FunctionDef) -> bool:
    if node.name == "__init__":
        return True
    return not node.name.startswith("_") and owner != "SettingsForm"


def _assignment(node: ast.AnnAssign | ast.Assign) -> str:
    name = ast.unparse(_target(node))
    kind = f": {ast.unparse(node.annotation)}" if isinstance(node, ast.AnnAssign) else ""
    default = _default(node.value)
    return f"{name}{kind} = {default}" if default else f"{name}{kind}"


def _default(value: ast.expr | None) -> str:
    """A default as it is when nothing is given: `field(default_factory=dict)` is `{}`, the only factory in use."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
        given = {keyword.arg: keyword.value for keyword in value.keywords}
        if "default" in given:
            return _quoted_node(given["default"])
        return "{}" if "default_factory" in given else ""
    return _quoted_node(value) if value is not None else ""


def _signature(node: ast.AST, indent: str) -> str:
    assert isinstance(node, ast.FunctionDef)
    answer = f" -> {ast.unparse(node.returns).strip(_QUOTES)}" if node.returns else ""
    return f"{indent}def {node.name}({_with_double_quotes(', '.join(_arguments(node.args)))}){answer}: ..."


def _arguments(given: ast.arguments) -> Iterator[str]:
    """Each argument as our formatter writes it."""
    needed = len(given.args) - len(given.defaults)
    yield from map(_argument, given.args, [*[None] * needed, *given.defaults])
    if given.kwonlyargs:
        yield "*"
    yield from map(_argument, given.kwonlyargs, given.kw_defaults)
    if given.kwarg:
        yield "**" + ast.unparse(given.kwarg)


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    if default is None:
        return ast.unparse(argument)
    return f"{ast.unparse(argument)}{' = ' if argument.annotation else '='}{ast.unparse(default)}"


def _target(node: ast.AnnAssign | ast.Assign) -> ast.expr:
    return node.target if isinstance(node, ast.AnnAssign) else node.targets[0]


def _quoted_node(value: ast.expr) -> str:
    return _with_double_quotes(ast.unparse(value))


def _with_double_quotes(code: str) -> str:
    """Python writes texts with single quotes, we with double ones."""
    return code if '"' in code else code.replace("'", '"')


def _quoted(value: object) -> str:
    return _with_double_quotes(repr(value))


# ---- what is said
def _documented(tree: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """(name, text) of each method with a docstring, and of each attribute with a text below it."""
    for node, below in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef) and _is_shown(tree.name, node) and (text := ast.get_docstring(node)):
            yield node.name, text
        elif isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(below, ast.Expr):
            yield ast.unparse(_target(node)), str(ast.literal_eval(below.value))


def _said_of_constant(name: str) -> str:
    """The text below a constant of the modules of the API."""
    for module in [one for key, one in sys.modules.items() if key.startswith("app.plugin_api.")]:
        body = ast.parse(inspect.getsource(module)).body
        for node, below in zip(body, body[1:], strict=False):
            is_it = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
            if is_it and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                return str(below.value.value)
    return ""


def _parsed(thing: Any) -> Any:
    return ast.parse(dedent(inspect.getsource(thing))).body[0]


if __name__ == "__main__":
    from importlib import import_module

    sys.stdout.write(reference(import_module("tidings")))
