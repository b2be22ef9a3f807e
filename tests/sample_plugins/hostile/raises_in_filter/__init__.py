"""Fails while a message is on its way in; the message has to go on as it was."""

from tidings import hookimpl


@hookimpl
def filter_inbound(host, message, account):
    raise UnicodeError("no letters like these")
