"""Sleeps five seconds wherever it is called: what waits in the system cannot be woken up by Python."""

import time

from tidings import hookimpl


@hookimpl
def match_contact(host, sender):
    time.sleep(5)


@hookimpl
def conversation_panels(host, conversation):
    time.sleep(5)
