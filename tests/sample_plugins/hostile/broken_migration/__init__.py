"""Its migration fails half-way, after the first table was made."""

from tidings import hookimpl


@hookimpl
def message_received(host, message):
    host.log.info("never reached")
