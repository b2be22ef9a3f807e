"""The text and the HTML of a mail from what the host hands over: the words, below them signature and footer, below those the history."""

import re
from html import escape

from app.mime import text_to_html, written_text
from app.plugin_api.messages import OutboundMessage

__all__ = ["html_body", "text_body"]

_SIGNED = re.compile(r"^-- ?$", re.M)


def text_body(message: OutboundMessage) -> str:
    """The text part. "-- " marks the signature (RFC 3676 §4.3), once: an agent may have written it already."""
    own = written_text(message.text, message.html)
    signature = message.signature.text
    below = [_marked(signature, message), message.footer.text, message.quoted_text]
    return "\n\n".join([own.rstrip(), *filter(None, below)]) if any(below) else own


def html_body(message: OutboundMessage) -> str:
    """The HTML part; what has no HTML of its own is made of its text."""
    own = message.html or text_to_html(message.text)
    signature, footer = message.signature, message.footer
    below = [
        signature.html or _lines(_marked(signature.text, message)),
        footer.html or _lines(footer.text),
        message.quoted_html or _quote_html(message.quoted_text),
    ]
    return "\n".join([own.rstrip(), *filter(None, below)]) if any(below) else own


def _marked(signature: str, message: OutboundMessage) -> str:
    return signature if not signature or _SIGNED.search(message.text) else f"-- \n{signature}"


def _lines(text: str) -> str:
    return "<p>" + "<br>\n".join(escape(line) for line in text.splitlines()) + "</p>" if text else ""


def _quote_html(quoted: str) -> str:
    """Quoted text (lines that begin with ">") as a blockquote below the line that says who wrote it."""
    if not quoted:
        return ""
    lines = quoted.splitlines()
    above = [line for line in lines if not line.startswith(">")]
    below = [line.removeprefix(">").removeprefix(" ") for line in lines if line.startswith(">")]
    return (
        f'{text_to_html(chr(10).join(above))}\n<blockquote type="cite">{text_to_html(chr(10).join(below))}</blockquote>'
    )
