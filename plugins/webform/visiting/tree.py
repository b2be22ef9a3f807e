"""The HTML of a form as a tree that the embed script builds elements from: the pages it stands in may forbid markup made from text.

`["tag", {"attribute": "value"}, [child, …]]`, a child being a tree or a text. Only what forms are made of comes through.
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

__all__ = ["ATTRIBUTES", "TAGS", "Tree", "UnexpectedMarkup", "tree_of"]

Tree = list[Any]

TAGS = frozenset({
    "a", "abbr", "b", "br", "button", "datalist", "div", "em", "fieldset", "form", "h1", "h2", "h3", "hr", "i", "input", "label",
    "legend", "li", "ol", "optgroup", "option", "output", "p", "progress", "section", "select", "small", "span", "strong", "template",
    "textarea", "ul",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "accept", "action", "autocapitalize", "autocomplete", "checked", "class", "cols", "dir", "disabled", "enctype", "for", "hidden",
    "href", "id", "inputmode", "label", "lang", "list", "max", "maxlength", "method", "min", "minlength", "multiple", "name",
    "novalidate", "pattern", "placeholder", "readonly", "rel", "required", "role", "rows", "selected", "spellcheck", "step", "tabindex",
    "target", "title", "type", "value", "wrap",
})  # fmt: skip
_FAMILIES = ("aria-", "data-")
_FIRST_LINE_END = re.compile(r"\A\r?\n")
"""What browsers leave out at the beginning of a text area."""
_EMPTY = frozenset({"br", "hr", "input"})
_ADDRESSES = frozenset({"action", "href"})
_HARMLESS = ("http://", "https://", "mailto:", "tel:", "/", "#", "?")


class UnexpectedMarkup(ValueError):
    """The HTML holds a tag or attribute that no form needs, or is not closed; the sentence names it."""


def tree_of(html: str) -> Tree:
    """The one root element of the HTML. Raises `UnexpectedMarkup`: the partial is ours, so that is a mistake of ours."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._top: list[Any] = []
        self._open: list[Tree] = []

    def root(self) -> Tree:
        if self._open:
            raise UnexpectedMarkup(f"<{self._open[-1][0]}> is not closed")
        trees = [one for one in self._top if not isinstance(one, str)]
        if len(trees) != 1 or any(one.strip() for one in self._top if isinstance(one, str)):
            raise UnexpectedMarkup("there is not one root element")
        return list(trees[0])

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise UnexpectedMarkup(f"<{tag}>")
        node: Tree = [tag, {name: _checked(tag, name, value or "") for name, value in attrs}, []]
        self._children().append(node)
        if tag not in _EMPTY:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in _EMPTY:
            return
        if not self._open or self._open.pop()[0] != tag:
            raise UnexpectedMarkup(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "textarea":
            self._children().append(_FIRST_LINE_END.sub("", data))
        elif data.strip():
            self._children().append(data)
        elif "\n" not in data:
            self._children().append(" ")

    def _children(self) -> list[Any]:
        return self._open[-1][2] if self._open else self._top


def _checked(tag: str, name: str, value: str) -> str:
    if name not in ATTRIBUTES and not name.startswith(_FAMILIES):
        raise UnexpectedMarkup(f"<{tag} {name}>")
    if name in _ADDRESSES and value and not value.lower().startswith(_HARMLESS):
        raise UnexpectedMarkup(f'<{tag} {name}="{value[:40]}">')
    return value
