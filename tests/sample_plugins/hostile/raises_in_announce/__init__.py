"""Fails each time it is told that a message came in, after the message was stored."""

from tidings import hookimpl


@hookimpl
def message_received(host, message):
    raise ValueError(f"cannot count message {message.id}")


@hookimpl
def conversation_created(host, conversation):
    raise LookupError("no list for new conversations")
