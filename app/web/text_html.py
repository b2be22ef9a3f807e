"""Text of messages and notes as HTML for the page: paragraphs, line breaks and links; nothing a sender wrote becomes markup."""

import re
from functools import lru_cache

from linkify_it import LinkifyIt
from markupsafe import Markup, escape

from app.domain.markup import markdown_to_html

__all__ = ["markdown_html", "marked_html", "plain_html"]

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_SCHEMES = ("http://", "https://", "mailto:")
_SHORT = 4_000
"""Texts up to this length are remembered: a conversation is looked at again and again, and what was said does not change."""


def plain_html(text: str) -> Markup:
    """Plain text with its lines kept and its addresses linked."""
    return _known_plain(text) if len(text) <= _SHORT else _plain(text)


def markdown_html(text: str) -> Markup:
    """What an agent wrote; raw HTML in it is shown as text."""
    return _known_markdown(text) if len(text) <= _SHORT else Markup(markdown_to_html(text))


def marked_html(parts: tuple[tuple[str, bool], ...]) -> Markup:
    """A snippet in parts, (text, whether it is a hit)."""
    return Markup("").join(Markup("<mark>{}</mark>").format(text) if is_hit else escape(text) for text, is_hit in parts)


def _plain(text: str) -> Markup:
    text = text.replace("\r\n", "\n").strip("\n").rstrip()
    paragraphs = (_linked(part).replace("\n", Markup("<br>\n")) for part in _PARAGRAPHS.split(text))
    return Markup("\n").join(Markup("<p>{}</p>").format(part) for part in paragraphs if part)


_known_plain = lru_cache(maxsize=2_000)(_plain)


@lru_cache(maxsize=2_000)
def _known_markdown(text: str) -> Markup:
    return Markup(markdown_to_html(text))


@lru_cache(maxsize=1)
def _linkifier() -> LinkifyIt:
    return LinkifyIt()


def _linked(text: str) -> Markup:
    found = [m for m in _linkifier().match(text) or () if m.url.startswith(_SCHEMES)]
    pieces, end = [], 0
    for match in found:
        pieces.append(escape(text[end : match.index]))
        link = Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>')
        pieces.append(link.format(match.url, text[match.index : match.last_index]))
        end = match.last_index
    return Markup("").join([*pieces, escape(text[end:])])
