"""Sleeps where it is called, five seconds on a page: what waits in the system cannot be woken up by Python."""

import time

from tidings import hookimpl


@hookimpl
def match_contact(host, sender):
    time.sleep(1)


@hookimpl
def conversation_panels(host, conversation):
    time.sleep(5)
