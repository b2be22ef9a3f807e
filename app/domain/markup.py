"""What people type becomes HTML: Markdown without raw HTML. Of agents line breaks are kept; of documents headings fit below a page's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

__all__ = [
    "attached_names",
    "document_to_html",
    "markdown_to_html",
    "renamed_attached",
    "with_attached",
    "without_attached",
]

_ATTACHED = re.compile(r"!\[([^\]\n]*)\]\(attached:([A-Za-z0-9._-]{1,100})\)")
_ATTACHED_SRC = re.compile(r'(<img src=")attached:([A-Za-z0-9._-]{1,100})(?=")')
_OUTSIDE = ("http://", "https://", "mailto:")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """Without what people seldom mean and would lose by: "Thanks" above "--" is no heading, "[1]: https://…" is no definition, and
    "&amp;" is what was typed."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    parser.inline.ruler.before("escape", "two_backslashes", _keep_two_backslashes)
    return parser.enable(["linkify", "strikethrough", "table"]).disable(["lheading", "reference", "entity"])


def markdown_to_html(text: str) -> str:
    """HTML of an agent's text. Raw HTML in it is shown as text, `javascript:` links are not links."""
    return _parser().render(text)


def attached_names(text: str) -> frozenset[str]:
    """The names of the files that an agent's text shows as pictures: `![what](attached:name.png)`."""
    return frozenset(name for _, name in _ATTACHED.findall(text))


def renamed_attached(text: str, names: Mapping[str, str]) -> str:
    """An agent's text in which the files of pictures have other names: `names` maps those it had to those it gets."""
    return _ATTACHED.sub(lambda match: f"![{match[1]}](attached:{names.get(match[2], match[2])})", text)


def with_attached(html: str, addresses: Mapping[str, str]) -> str:
    """HTML of an agent's text whose pictures lead to `addresses`, by the names of their files; the others stay as they are."""
    return _ATTACHED_SRC.sub(lambda match: match[1] + addresses.get(match[2], f"attached:{match[2]}"), html)


def without_attached(text: str) -> str:
    """An agent's text for those who see no pictures in it: each is named in brackets."""
    return _ATTACHED.sub(lambda match: f"[{match[1] or match[2]}]", text)


def _keep_two_backslashes(state: StateInline, silent: bool) -> bool:
    """Two backslashes begin the name of a server (\\\\files\\offers) more often than they stand for one."""
    if state.src[state.pos : state.pos + 2] != "\\\\":
        return False
    if not silent:
        state.pending += "\\\\"
    state.pos += 2
    return True


@lru_cache(maxsize=1)
def _document_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True})
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return parser.enable(["linkify", "strikethrough", "table"]).disable("image")


def document_to_html(text: str, *, top_heading: int = 3) -> str:
    """HTML of a document in Markdown, such as a README, without its title. Its headings begin at `top_heading`; raw HTML is shown as
    text, pictures are links, and links to other files of the document's folder are plain words."""
    parser = _document_parser()
    tokens = parser.parse(text)
    if [token.type for token in tokens[:1]] == ["heading_open"] and tokens[0].tag == "h1":
        tokens = tokens[3:]
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(max(int(token.tag[1]), 2) - 2 + top_heading, 6)}"
        if token.children:
            token.children = list(_with_outside_links(token.children))
    return parser.renderer.render(tokens, parser.options, {})


def _with_outside_links(tokens: Iterable[Token]) -> Iterator[Token]:
    """Links lead out of the page or nowhere; they do not nest."""
    is_left_out = False
    for token in tokens:
        if token.type == "link_open":
            is_left_out = not str(token.attrs.get("href", "")).startswith(_OUTSIDE)
            token.attrs.update({"target": "_blank", "rel": "noopener noreferrer nofollow"})
        if not (is_left_out and token.type in ("link_open", "link_close")):
            yield token
