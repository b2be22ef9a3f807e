"""The account's signature below what agents write. Pure."""

from dataclasses import replace
from html import escape

from tidings import OutboundMessage

__all__ = ["with_signature"]


def with_signature(message: OutboundMessage, signature: str) -> OutboundMessage:
    """The message with the signature below its own words and above the quoted history; "-- " marks it (RFC 3676 §4.3).

    Automatic messages stay as they are: they have a text of their own and should not look as if a person had written them.
    """
    if not signature or message.is_automatic:
        return message
    text = f"{message.text.rstrip()}\n\n-- \n{signature}"
    if message.html is None:
        return replace(message, text=text)
    lines = "<br>\n".join(escape(line) for line in signature.splitlines())
    return replace(message, text=text, html=f"{message.html.rstrip()}\n<p>-- <br>\n{lines}</p>")
