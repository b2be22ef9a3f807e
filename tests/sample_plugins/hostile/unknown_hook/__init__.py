"""Implements a hook that does not exist; without a check it would simply never be called."""

from tidings import hookimpl


@hookimpl
def message_recieved(host, message):
    host.log.info("nobody calls me")
