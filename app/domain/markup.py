"""What agents type becomes HTML: Markdown without raw HTML, with line breaks kept and addresses linked."""

from functools import lru_cache

from markdown_it import MarkdownIt

__all__ = ["markdown_to_html"]


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    return parser.enable(["linkify", "strikethrough", "table"])


def markdown_to_html(text: str) -> str:
    """HTML of an agent's text. Raw HTML in it is shown as text, `javascript:` links are not links."""
    return _parser().render(text)
