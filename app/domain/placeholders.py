"""Places in a text that are filled in when it is used: "{{agent.name}}". What is filled in never becomes markup."""

import re
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote

from app.domain.text import clean_line

__all__ = ["PLACEHOLDERS", "filled_html", "filled_text", "placeholders_in", "unknown_placeholders"]

PLACEHOLDERS = ("agent.name", "agent.first_name", "team", "business", "contact.name", "conversation.number")
_PLACE = re.compile(r"\{\{([^{}\n]{0,100})\}\}")
_ATTRIBUTE = re.compile(r'="[^"]*"')
_LONGEST = 200


def placeholders_in(*texts: str) -> frozenset[str]:
    """The names of all places in some texts, known or not."""
    return frozenset(name.strip() for text in texts for name in _PLACE.findall(text))


def unknown_placeholders(*texts: str) -> tuple[str, ...]:
    """The places in some texts that nothing could fill."""
    return tuple(sorted(placeholders_in(*texts) - set(PLACEHOLDERS)))


def filled_text(text: str, values: Mapping[str, str]) -> str:
    """The text with each place filled by one line; what has no value becomes empty."""
    return _PLACE.sub(lambda match: _line(values, match[1].strip()), text)


def filled_html(text: str, values: Mapping[str, str], render: Callable[[str], str]) -> str:
    """HTML that `render` makes of the text, with each place filled as plain words; in the address of a link it is a part of a path.

    While it is rendered, words without a meaning in any markup stand in the places.
    """
    words: dict[str, str] = {}

    def hold(match: re.Match[str]) -> str:
        word = f"placeholder{len(words)}x"
        while word in text:
            word += "x"
        words[word] = _line(values, match[1].strip())
        return word

    html = render(_PLACE.sub(hold, text))
    html = _ATTRIBUTE.sub(lambda match: _replaced(match[0], words, lambda value: quote(value, safe="")), html)
    return _replaced(html, words, lambda value: escape(value, quote=True))


def _replaced(html: str, words: Mapping[str, str], written: Callable[[str], str]) -> str:
    for word, value in words.items():
        html = html.replace(word, written(value))
    return html


def _line(values: Mapping[str, str], name: str) -> str:
    return clean_line(values.get(name, ""), _LONGEST)
