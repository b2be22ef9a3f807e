"""What a test reads in a form's page, as a browser would: which controls there are, what the script is told, and why a post was refused.

Pure; it knows the page by its names, its `data-facts` and its `role="alert"`, not by its looks.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

__all__ = ["ReadPage", "read_page"]

_MOST_REASON = 300
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


@dataclass(frozen=True, slots=True)
class ReadPage:
    """`controls` is the value of each named control, the first of equal names; `facts` what the script is told; `alert` what the page
    says is wrong, in one line."""

    controls: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    alert: str = ""


def read_page(html: str) -> ReadPage:
    """Whatever can be found in a page; nothing of what is no HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return ReadPage(reader.controls, reader.facts, " ".join(" ".join(reader.alert).split())[:_MOST_REASON])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.controls: dict[str, str] = {}
        self.facts: Mapping[str, Any] = {}
        self.alert: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._depth and tag not in _VOID:
            self._depth += 1
        elif not self._depth and given.get("role") == "alert" and tag not in _VOID:
            self._depth = 1
        if tag in ("input", "select", "textarea") and given.get("name"):
            self.controls.setdefault(given["name"] or "", given.get("value") or "")
        if given.get("data-facts"):
            self._read_facts(given["data-facts"] or "")

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag not in _VOID:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.alert.append(data)

    def _read_facts(self, text: str) -> None:
        try:
            facts = json.loads(text)
        except ValueError:
            return
        self.facts = facts if isinstance(facts, dict) else {}
