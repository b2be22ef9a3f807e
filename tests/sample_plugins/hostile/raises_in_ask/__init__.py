"""Fails when it is asked for advice: whose address this is, and which team gets the conversation."""

from tidings import hookimpl


@hookimpl
def match_contact(host, sender):
    raise KeyError(sender.value)


@hookimpl
def choose_team(host, message, account):
    raise IndexError("no teams left")
