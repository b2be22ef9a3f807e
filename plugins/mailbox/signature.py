"""The account's signature below what agents write. Pure."""

from dataclasses import replace

from tidings import Closing, OutboundMessage

__all__ = ["with_signature"]


def with_signature(message: OutboundMessage, signature: str) -> OutboundMessage:
    """The message with this signature instead of the letterhead's.

    Automatic messages stay as they are: they have a text of their own and should not look as if a person had written them.
    """
    return replace(message, signature=Closing(signature)) if signature and not message.is_automatic else message
