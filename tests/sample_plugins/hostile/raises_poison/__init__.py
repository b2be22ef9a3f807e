"""Raises errors that fight back: whoever asks for their text gets another error, or the end of the process."""

import sys

from tidings import hookimpl


class Unreadable(Exception):
    def __str__(self):
        raise ValueError("do not ask")

    __repr__ = __str__


class Deadly(Exception):
    def __str__(self):
        sys.exit(4)

    __repr__ = __str__


@hookimpl
def message_received(host, message):
    raise Unreadable


@hookimpl
def conversation_panels(host, conversation):
    raise Deadly
