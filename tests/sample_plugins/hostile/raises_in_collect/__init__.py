"""Fails on every page that asks it for a panel: once before the first panel, once between two of them."""

from tidings import Panel, hookimpl


@hookimpl
def conversation_panels(host, conversation):
    raise AttributeError("the sidebar is not mine")


@hookimpl
def dashboard_panels(host, viewer):
    yield Panel("Half", rows=(("half", "done"),))
    raise RuntimeError("only half of the panels")
