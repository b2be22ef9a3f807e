"""Ends the process in each shape of hook."""

import sys

from tidings import hookimpl


@hookimpl
def filter_inbound(host, message, account):
    sys.exit("no mail today")


@hookimpl
def choose_team(host, message, account):
    raise SystemExit


@hookimpl
def message_received(host, message):
    sys.exit(1)


@hookimpl
def conversation_panels(host, conversation):
    sys.exit(2)
