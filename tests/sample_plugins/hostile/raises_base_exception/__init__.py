"""Raises what `except Exception` lets pass: the end of a generator, of a task, and an exception of its own kind."""

from asyncio import CancelledError

from tidings import hookimpl


class Escape(BaseException):
    pass


@hookimpl
def filter_inbound(host, message, account):
    raise GeneratorExit


@hookimpl
def message_received(host, message):
    raise CancelledError


@hookimpl
def conversation_panels(host, conversation):
    raise Escape("out of the guard")
