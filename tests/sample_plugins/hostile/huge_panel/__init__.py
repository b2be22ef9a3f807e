"""Answers with a panel of fifty megabytes, and with ten thousand small ones."""

from tidings import Panel, hookimpl


@hookimpl
def conversation_panels(host, conversation):
    yield Panel("Whale", rows=(("everything", "x" * 50_000_000),))
    for number in range(10_000):
        yield Panel(f"Minnow {number}", rows=(("n", str(number)),))
