"""Writes `docs/hooks.md` from the specifications: `python -m app.plugin_host.hooks.reference > docs/hooks.md`."""

import inspect
import re
import sys
from collections.abc import Iterator
from textwrap import dedent

from app.plugin_host.hooks.shapes import HookSpec, Shape, read_specs
from app.plugin_host.permissions import HOOK_PERMISSIONS

__all__ = ["example_of", "reference"]

INTRODUCTION = """\
# Hooks

A plugin implements a hook by a function of the hook's name, marked with `hookimpl`:

```python
from tidings import hookimpl


@hookimpl
def message_received(host, message):
    host.log.info("%s wrote", message.conversation.contact_name)
```

A function may leave out arguments it does not need; `host` is the [`Host`](plugin-guide.md#what-the-host-offers) made for this plugin.
`@hookimpl(tryfirst=True)` and `@hookimpl(trylast=True)` move an implementation to the front or the end; otherwise plugins are called
in the order of their names. Hook wrappers are refused.

The host calls each implementation by itself, timed and guarded: one that raises is logged and counted against its plugin, the others
go on. After five failures in a row a hook of a plugin rests for a minute. A call that takes more than 200 ms is counted as slow.

There are four shapes, told apart by name:

| shape | named | what happens with the answers |
|---|---|---|
| announce | past tense | ignored; called after the commit |
| filter | `filter_…` | each gets what the one before it answered; nothing means unchanged |
| collect | `register_…`, or a plural | lists, put together |
| ask | a question | the first that is not empty and that the host can use; the core answers last |

*This page is written from `app/plugin_api/hookspecs/`; a test keeps it so.*
"""

TITLES = {
    Shape.ANNOUNCE: "Announce",
    Shape.FILTER: "Filter",
    Shape.COLLECT: "Collect",
    Shape.ASK: "Ask",
}

_FIELD = re.compile(r"^:(param (?P<name>\w+)|return|since):\s*(?P<text>.*?)(?=^:|\Z)", re.MULTILINE | re.DOTALL)


def reference() -> str:
    """The whole page."""
    specs = read_specs().values()
    parts = [INTRODUCTION]
    for shape in Shape:
        parts.append(f"## {TITLES[shape]}\n")
        parts += [_section(spec) for spec in specs if spec.shape is shape]
    return "\n".join(parts)


def example_of(spec: HookSpec) -> str:
    """The example of a hook's docstring as Python."""
    return dedent(_docstring(spec).partition("Example::")[2]).strip() + "\n"


def _section(spec: HookSpec) -> str:
    about, _, rest = _docstring(spec).partition("\n:param")
    fields = ":param" + rest.partition("Example::")[0]
    lines = [f"### {spec.name}({', '.join(('host', *spec.arguments))})\n", about.strip() + "\n", *_fields(fields)]
    permission = HOOK_PERMISSIONS.get(spec.name)
    if permission:
        lines.append(f"- **needs the permission** `{permission}`")
    return "\n".join([*lines, "", "```python", example_of(spec) + "```", ""])


def _fields(text: str) -> Iterator[str]:
    for match in _FIELD.finditer(text):
        words = " ".join(match["text"].split())
        if match["name"]:
            yield f"- `{match['name']}`: {words}"
        elif match[1] == "return":
            yield f"- **answer**: {words}"
        else:
            yield f"- **since** {words}"


def _docstring(spec: HookSpec) -> str:
    return inspect.getdoc(spec.function) or ""


if __name__ == "__main__":
    sys.stdout.write(reference())
