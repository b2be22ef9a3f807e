"""Answers with things of the wrong kind: a text for a message, a message without a sender, teams and panels that are none."""

from dataclasses import replace

from tidings import Panel, hookimpl


@hookimpl
def filter_inbound(host, message, account):
    return replace(message, sender=None, text=12, to="nobody", fields=[1, 2])


@hookimpl
def match_contact(host, sender):
    return sender.value


@hookimpl
def choose_team(host, message, account):
    return 10**30


@hookimpl
def conversation_panels(host, conversation):
    return [Panel("Nonsense", rows=12), Panel(None, rows=(("a",),)), Panel("Order", order="first")]


@hookimpl
def dashboard_panels(host, viewer):
    return {"title": "a panel?"}
