"""What the docstring of a hook says, in parts: the pages show them, `hook_reference` writes them down."""

import inspect
import re
from dataclasses import dataclass
from textwrap import dedent

from app.plugin_host.hooks.shapes import HookSpec

__all__ = ["HookText", "hook_text"]

_FIELD = re.compile(
    r"^:(?:param (?P<name>\w+)|(?P<kind>return|since)):\s*(?P<text>.*?)(?=^:|\Z)", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class HookText:
    """`about` is the first paragraph, `details` the others, each text on one line. `arguments` are pairs of a name and what it is, in the
    order of the signature. `example` is Python."""

    about: str
    details: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    answer: str = ""
    since: str = ""
    example: str = ""


def hook_text(spec: HookSpec) -> HookText:
    """Read the docstring of a hook. Never raises: what it does not say is empty."""
    text, _, example = (inspect.getdoc(spec.function) or "").partition("Example::")
    prose, mark, rest = text.partition("\n:")
    fields = list(_FIELD.finditer((mark + rest).lstrip("\n")))
    about, _, details = prose.strip().partition("\n\n")
    return HookText(
        about=_one_line(about),
        details=_one_line(details),
        arguments=tuple((field["name"], _one_line(field["text"])) for field in fields if field["name"]),
        answer=next((_one_line(field["text"]) for field in fields if field["kind"] == "return"), ""),
        since=next((_one_line(field["text"]) for field in fields if field["kind"] == "since"), ""),
        example=dedent(example).strip(),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
