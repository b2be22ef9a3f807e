"""The mailbox's signature below what agents write. Pure."""

from dataclasses import replace
from html import escape

from tidings import OutboundMessage

__all__ = ["with_signature"]


def with_signature(message: OutboundMessage, signature: str) -> OutboundMessage:
    """The message with the signature below its own words and above the quoted history; "-- " marks it (RFC 3676 §4.3). Automatic messages
    have a text of their own and stay as they are."""
    if not signature or message.is_automatic:
        return message
    lines = "<br>\n".join(escape(line) for line in signature.splitlines())
    html = f"{message.html.rstrip()}\n<p>-- <br>\n{lines}</p>" if message.html is not None else None
    return replace(message, text=f"{message.text.rstrip()}\n\n-- \n{signature}", html=html)
