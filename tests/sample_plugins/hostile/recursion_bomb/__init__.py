"""Calls itself until Python gives up, on the way in and on a page."""

from tidings import hookimpl


def deeper(level):
    return deeper(level + 1) + 1


@hookimpl
def filter_inbound(host, message, account):
    deeper(0)


@hookimpl
def conversation_panels(host, conversation):
    deeper(0)
