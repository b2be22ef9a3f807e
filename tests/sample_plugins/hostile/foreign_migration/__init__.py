"""Its migration makes a table of its own and then changes one of the core."""

from tidings import hookimpl


@hookimpl
def message_received(host, message):
    host.log.info("never reached")
